#include "r/read/input.h"

#include "core/os/tick.h"
#include "r/read/read.h"
#include "r/text.h"
#include "r/vector.h"
#include "r/view/view.h"

namespace mmappickle {

std::string path_of_input(SEXP source) {
  if (TYPEOF(source) != RAWSXP) return system_path(source);
  std::string path;
  protect([&] {
    SEXP known = Rf_getAttrib(source, Rf_install("path"));
    const bool is_one = TYPEOF(known) == STRSXP && Rf_xlength(known) == 1;
    if (is_one && LENGTH(string_elt(known, 0)) > 0) path = system_path(known);
    return R_NilValue;
  });
  return path;
}

Input::Input(SEXP source) {
  if (TYPEOF(source) == RAWSXP) {
    const Rbyte* data = nullptr;
    protect([&] {
      data = RAW_RO(source);
      return R_NilValue;
    });
    bytes = Bytes(data, static_cast<std::uint64_t>(Rf_xlength(source)));
    return;
  }
  path = system_path(source);
  file = os::File::open(path, os::Access::read);
  opened = file.status();
  const std::uint64_t size = opened.size;
  mapping = os::Mapping::of(file, size);
  bytes = Bytes(mapping->data(), size);
  if (size > kSmall) watch = FileWatch::of(file, size);
}

void Input::require_current() const {
  if (path.empty()) return;
  const bool current =
      !mapping->damaged() &&
      (watch ? watch->is_current() : os::same_content(opened, file.status()));
  if (current) return;
  throw Error(ErrorKind::stale, "the file was changed while it was read", "Try again.");
}

SEXP decode_input(store::Loaded& loaded, const Input& input, const std::string& key,
                  const Flags& flags, SEXP readers, Warnings& warnings) {
  try {
    return decode(loaded, input.watch, input.path, key, flags, readers, warnings);
  } catch (Error& error) {
    if (error.kind == ErrorKind::limit) error.hint.clear();  // it speaks of slices
    throw;
  }
}

}  // namespace mmappickle
