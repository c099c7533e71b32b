// Files in files: a pickle is what pandas zips, or tars, and joblib compresses.
#pragma once

#include <deque>
#include <functional>
#include <vector>

#include "zip.h"

namespace mmappickle::files {

// What is to be read in place of a file's bytes: the one file in a zip or tar archive,
// what a zlib stream inflates to, and so on, a few levels deep; or the bytes themselves.
// Where nothing had to be inflated these are a part of what was given (is_inside()).
class Content {
 public:
  // Error of kind format: damaged, several files, or a kind that R has to uncompress
  // inside of another one.
  Content(Bytes file, const std::function<void()>& poll);
  const Bytes& bytes() const { return bytes_; }
  bool is_inside() const { return made_.empty(); }
  // Of a file of torch.save(), whose pickle this is: all of its members.
  const std::vector<ZipMember>& beside() const { return beside_; }

 private:
  Bytes unpacked(Bytes packed, const std::function<void()>& poll);
  Bytes only_file_of_zip(Bytes archive, std::vector<std::uint8_t>& made,
                         const std::function<void()>& poll);
  Bytes bytes_;
  std::vector<ZipMember> beside_;
  std::deque<std::vector<std::uint8_t>> made_;
};

}  // namespace mmappickle::files
