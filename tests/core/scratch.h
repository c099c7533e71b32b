// A folder of its own for a test, gone with it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "os/file.h"
#include "os/native.h"

namespace mmappickle::test {

// The system's code for what errors call `name`.
inline int code_of(std::string_view name) { return os::native::error_code(name); }

class Scratch {
 public:
  Scratch() {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("mmappickle-test-" + std::to_string(os::process_id()) + "-" +
               std::to_string(++count));
    std::filesystem::create_directory(folder_);
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string folder() const { return folder_.string(); }
  // The path of `name` in the folder.
  std::string path(const std::string& name = "file") const {
    return (folder_ / name).string();
  }
  // The same, of a file that now holds `bytes`.
  std::string file(const std::string& bytes, const std::string& name = "file") const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }

 private:
  std::filesystem::path folder_;
};

inline std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  std::string bytes(in ? static_cast<std::size_t>(in.tellg()) : 0, '\0');
  in.seekg(0);
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return bytes;
}

// The Error that `call` throws; without one its message is "nothing was thrown".
template <class Call>
Error error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorKind::format, "nothing was thrown");
}

}  // namespace mmappickle::test
