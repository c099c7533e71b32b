// Which classes R metadata may give to a value. A class is a name, and a name chooses
// code: the methods that R and its packages hold for it. Those that come with R were read
// (inst/trusted/classes.dcf tells each, and why); what is decided of them stands here.
#pragma once

#include <cstdint>
#include <string_view>

namespace mmappickle::metadata {

enum class ClassKind : std::uint8_t {
  data,  // of data that the package itself knows; its methods compute and show
  acts,  // methods evaluate, open, run, draw or write what the value says
  mark,  // of values that no file holds: this package's, and Python's own in a session of
         // reticulate, which takes them for pointers
  other,  // what users and their packages define, and the rest of R's
};
ClassKind kind_of_class(std::string_view name);

// The argument `trusted`: FALSE, NA, TRUE.
enum class Trust : std::uint8_t { data, usual, all };

inline bool restores(Trust trust, ClassKind kind) {
  return trust == Trust::all || kind == ClassKind::data ||
         (trust == Trust::usual && kind == ClassKind::other);
}

// The attribute that keeps a class that was not restored. In a file the class is the
// class.
constexpr const char* kInertClass = "mmappickle_class";

}  // namespace mmappickle::metadata
