// Files that follow no protocol, and raw vectors: what is read whole, and viewed where it
// stands.
#pragma once

#include <memory>
#include <string>

#include "core/store/store.h"
#include "r/options.h"
#include "r/unwind.h"
#include "r/view/file_watch.h"

namespace mmappickle {

// The bytes of a file, mapped, or of a raw vector, which the caller protects.
struct Input {
  // `source`: a path, or a raw vector. R API: enters protect() itself.
  explicit Input(SEXP source);
  Input(const Input&) = delete;

  // Error of kind stale if the file was changed since.
  void require_current() const;

  std::shared_ptr<os::Mapping> mapping;
  std::shared_ptr<const FileWatch> watch;  // null: all is to be copied
  Bytes bytes;
  std::string path;  // empty: a raw vector
  os::File file;     // unless `watch` has it
  os::Status opened;
};

// The file's path; of a raw vector that was made of a file, its attribute "path".
std::string path_of_input(SEXP source);

// Runs `read(input)`; its Errors name the file, and it is one of kind stale if that was
// changed meanwhile.
template <class Read>
SEXP read_input(SEXP source, Read&& read) {
  const std::string path = path_of_input(source);
  try {
    const Input input(source);
    Shield out(read(input));
    input.require_current();
    return static_cast<SEXP>(out);
  } catch (Error& error) {
    if (error.path.empty()) error.path = path;
    throw;
  }
}

// The R value of what was loaded from it. `key`: what it is called there, if anything.
SEXP decode_input(store::Loaded& loaded, const Input& input, const std::string& key,
                  const Flags& flags, SEXP readers, Warnings& warnings);

}  // namespace mmappickle
