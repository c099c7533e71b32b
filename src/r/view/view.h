// ALTREP views: R vectors that read straight from a mapped file.
//
// Invariants. A view never changes: it is marked not mutable when it is handed out, so
// R copies before it writes (the one exception, the left-hand side of a nested
// assignment, see set_companion). data1 is an external pointer to a View (its `protected`
// slot: an R list for lhs views), data2 is R_NilValue until the view is materialised,
// then the ordinary vector that holds its values for good. Zero-copy views have a data
// pointer without being materialised: the mapped one, for code that asks to read. The
// map is everybody's, and read-only. Code that asks to write gets memory of this one
// view, and so do all who read it from then on: a copy of small data, a private
// copy-on-write map of the same range of the file for large data (R's own code asks so
// in many places where it only reads).
//
// Rooms: view.cpp makes and looks up; elements.cpp reads elements; methods.cpp,
// summaries.cpp and strings.cpp are the ALTREP methods; own_memory.cpp maps what is a
// view's own; pending.cpp keeps what a method may not say; reference.cpp names a view's
// bytes in a file; watch.h and its kin tell whether these are current.
#pragma once

#include <R_ext/Rdynload.h>

#include <memory>
#include <string>

#include "core/numpy/slice.h"
#include "core/os/map.h"
#include "r/unwind.h"
#include "r/view/entry_watch.h"

namespace mmappickle {

// So many bytes are copied rather than kept as a view, or mapped once more, where a view
// of a file cannot just be shared.
constexpr std::uint64_t kSmall = 1 << 16;

// Elements of a view that is read run by run, `tile` at a time: where lines lie across
// the file's order, to read some side by side is many times as fast. R reads so inside
// one call of sum(), mean(), anyNA() and the like, from the first element on. What is
// held belongs to one such run and is good for nothing else, as views show what is
// written to their file: a run that begins anew, or stops, reads anew (read_next()).
struct Ahead {
  std::uint64_t tile = 0;  // 0: nothing to gain
  std::uint64_t next = 0;  // where the run goes on
  std::uint64_t calls = 0, tick = 0;
  std::uint64_t begin = 0, end = 0;  // held
  std::vector<std::uint8_t> items;   // R's
};

// What a view shows. The array's axes are in the order in which R sees them.
struct View {
  // `bytes`: no array, but a bytes object; `items`: an array of V, whose items' bytes are
  // the first axis of `array`.
  enum class Of : std::uint8_t { array, bytes, items } of = Of::array;
  numpy::Array array;
  numpy::RType type = numpy::RType::real;
  std::shared_ptr<os::Mapping> mapping;  // array.data points into it
  // In place of a mapping: the elements are read from the file, at `place`.
  std::shared_ptr<const Source> file;
  numpy::Place place;
  std::string path, key;
  std::uint64_t offset = 0;  // of the first data byte in the file
  std::shared_ptr<const Watch> watch;
  bool reversed = false;  // the axes are those of Python in reverse
  // A field, as R's columns are, of this structured array.
  std::shared_ptr<const numpy::Array> whole;

  // Noted, or warned of; see pending.h.
  bool inexact = false, escaped = false;

  // From here on filled in by make_view().
  std::uint64_t count = 0;        // elements
  const void* pointer = nullptr;  // zero copy: R's data pointer; else null

  // Private to the view_*.cpp files. `values` is what a data pointer may be taken from:
  // `pointer`, later that into `own`, or the data of data2 (`copied`); null while
  // elements are converted one by one. `handed`: strings that code which breaks R's rules
  // may have changed.
  const void* values = nullptr;
  std::shared_ptr<os::Mapping> own;  // of this view alone, to be written to
  bool copied = false, handed = false;
  std::uint64_t picked = 0;        // strings that were made for subsets alone
  Pulse pulse;                     // of the last answer to check_stood()
  numpy::Decode decode = nullptr;  // not for strings
  // Reads one element. Set with `values`, by set_values(). `Item`: R's.
  template <class Item>
  using Element = Item (*)(View*, std::uint64_t);
  template <class Item>
  void set_element(Element<Item> read) {
    element_ = reinterpret_cast<void (*)()>(read);
  }
  template <class Item>
  Item element(std::uint64_t i) {
    return reinterpret_cast<Element<Item>>(element_)(this, i);
  }
  void (*element_)() = nullptr;
  double ticks = 0;               // of a time: what its items are divided by, or 0
  std::vector<numpy::Axis> axes;  // the whole array
  // All elements at equal distances, `stride` bytes: one line.
  bool even = false;
  std::int64_t stride = 0, mask_stride = 0;
  // Where an element was last looked for: `count` elements from the one of index `begin`
  // on, at `data` and `stride` apart, their mask's bytes (if any) at `mask`. Views of no
  // map have none.
  struct Line {
    std::uint64_t begin = 0, count = 0;
    std::uint64_t after = 0;  // lines behind it along the second axis
    const std::uint8_t *data = nullptr, *mask = nullptr;
  } line;
  Ahead ahead;
};

// Registers the ALTREP classes (real, integer, logical, complex, raw, string); called
// once from R_init_mmappickle through Rcpp's init attribute. The shared object must stay
// loaded as long as a view lives (views are finalised by its code): never dyn.unload()
// it.
void register_view_classes(DllInfo* dll);

// A view, with `pointer`, `count` and the private fields filled in here, no attributes
// yet, mutable: the caller sets attributes in C and then calls seal(). Reads no data. R
// API: enters protect() itself; the result is not protected.
SEXP make_view(std::unique_ptr<View> view);
// MARK_NOT_MUTABLE. (The left-hand side of a nested assignment is never sealed.)
void seal(SEXP view);
// Keeps R values alive with the view (the lhs view's handle and key).
void set_companion(SEXP view, SEXP companion);
SEXP companion_of(SEXP view);  // R_NilValue if none, or if it is no view

// The View behind x, also through R's own wrapper objects; null if x is none of ours.
// Once has_own_memory(x), code that broke R's rules may have changed the values of x,
// which the View's array does not show.
const View* view_of(SEXP x);
bool is_materialized(SEXP x);
bool has_own_memory(SEXP x);
// False if such memory has, or may have, other values than the map that all share.
bool shows_map(const View& view);
// The array as its file has it: the axes as Python sees them.
numpy::Array file_array(const View& view);
// An ordinary vector with the values and attributes of x, which stays as it is; x itself
// if it is no view. R API: enters protect() itself; the result is not protected.
SEXP materialize(SEXP x);

// True of integers that R's type may not hold exactly.
bool may_round(const numpy::Dtype& dtype, numpy::RType type);

}  // namespace mmappickle
