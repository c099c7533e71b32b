#include "r/slice/append.h"

#include <algorithm>
#include <functional>

#include "core/base/number_text.h"
#include "core/base/utf8.h"
#include "core/metadata/reader.h"
#include "core/numpy/elements.h"
#include "core/store/grow.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/progress.h"
#include "r/slice/array_entry.h"
#include "r/slice/records.h"
#include "r/slice/slice_writer.h"
#include "r/slice/values.h"
#include "r/vector.h"
#include "r/view/entry_watch.h"
#include "r/write/write.h"

namespace mmappickle {

namespace {

std::string extents_text(const numpy::Shape& shape) {
  std::string text;
  for (const std::uint64_t extent : shape) {
    text += (text.empty() ? "" : " x ") + with_commas(extent);
  }
  return text.empty() ? "1" : text;
}

numpy::Shape shape_of(SEXP dims) {
  numpy::Shape shape;
  if (dims == R_NilValue) return shape;
  const auto* extents = static_cast<const double*>(read_pointer(dims));
  for (R_xlen_t i = 0; i < Rf_xlength(dims); ++i) {
    shape.push_back(static_cast<std::uint64_t>(extents[i]));
  }
  return shape;
}

std::uint64_t product(const numpy::Shape& shape) {
  std::uint64_t count = 1;  // of a vector that R has: it fits
  for (const std::uint64_t extent : shape) count *= extent;
  return count;
}

const char* const kSettled =
    "The first append settles the dtypes: begin with ndarray(x, c(text = \"U40\")), for "
    "example.";

[[noreturn]] void cannot_grow(const std::string& what, const std::string& hint) {
  throw Error(ErrorKind::value, what, hint);
}

// R metadata that say something of each row would be wrong of a longer array.
void check_metadata(const pickle::Tree& tree, pickle::Id metadata) {
  const metadata::Members said = metadata::read_members(tree, metadata);
  if (said.value != pickle::kNoId) {
    cannot_grow("an array beside which R's own values are kept cannot grow",
                "Store it as the array alone first: m[[\"k\"]] <- ndarray(x).");
  }
  if (said.attributes == pickle::kNoId) return;
  for (const char* name : {"names", "tsp", "dim", "row.names"}) {
    if (metadata::attribute(tree, said.attributes, name) == pickle::kNoId) continue;
    cannot_grow(std::string("an array with the attribute \"") + name +
                    "\" cannot grow, as that would not grow with it",
                "Store the value without it, for example as.vector(x), then append.");
  }
  const pickle::Id dimnames = metadata::attribute(tree, said.attributes, "dimnames");
  if (dimnames == pickle::kNoId) return;
  const bool free = tree[dimnames].tag == pickle::Tag::list && tree[dimnames].size > 0 &&
                    tree[tree.item(dimnames, 0)].tag == pickle::Tag::none;
  if (!free) {
    cannot_grow("an array whose rows have names cannot grow",
                "Store it without them first: dimnames(x)[1] <- list(NULL).");
  }
}

// Arrays grow along the first axis of Python's shape: the first dimension, or the last of
// `rank`. (1 names it either way.)
void check_along(double along, std::size_t rank, bool reversed) {
  const std::size_t grows = reversed ? std::max<std::size_t>(rank, 1) : 1;
  if (along == 1 || along == static_cast<double>(grows)) return;
  throw Error(
      ErrorKind::value,
      "`along` must be " + std::to_string(grows) + ", the dimension along which " +
          "an array of " + std::to_string(rank) + " dimension" + (rank == 1 ? "" : "s") +
          " grows",
      std::string("That is the first axis of Python's shape") +
          (reversed ? " (1 names it, too)" : "") +
          ": only slices along it stand one behind the other in the file, so "
          "that another one can follow. " +
          (reversed || rank < 2 ? "" : "With dims = \"reversed\" it is the last. ") +
          "aperm() turns what is to grow along another.");
}

// How many rows these values are. `shape`: the array's as the user sees it; it grows
// along `axis`.
std::uint64_t rows_in(const numpy::Shape& given, std::uint64_t count,
                      const numpy::Shape& shape, std::size_t axis) {
  numpy::Shape row = shape;
  row.erase(row.begin() + static_cast<std::ptrdiff_t>(axis));
  if (given == row || (given.empty() && row.size() == 1 && count == row[0])) {
    return row.empty() ? count : 1;
  }
  if (row.empty() && given.size() <= 1) return count;
  numpy::Shape rest = given;
  if (given.size() == shape.size()) {
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(axis));
    if (rest == row) return given[axis];
  }
  throw Error(ErrorKind::value,
              "values of extents " +
                  (given.empty() ? with_commas(count) : extents_text(given)) +
                  " are no rows of an array whose rows have " + extents_text(row),
              row.empty() ? "Append a vector."
                          : "Append one row, or an array of rows along dimension " +
                                std::to_string(axis + 1) + ". Nothing is recycled.");
}

void check_rows(const ArrayOf& rows, const numpy::RValues& values) {
  const numpy::Dtype& dtype = rows.array.dtype;
  const numpy::Check check = check_fit(dtype, values, rows.place.mask != 0);
  if (check.cast_error == numpy::CastError::none) return;
  Error error = misfit(dtype, values, check, "The value");
  const numpy::Kind kind = dtype.kind;
  if (check.cast_error == numpy::CastError::missing) {
    error.hint =
        "Only a masked array has room for NA: growing_ndarray(dim, dtype, "
        "masked = TRUE) begins one.";
  } else if (kind == numpy::Kind::unicode || kind == numpy::Kind::bytes) {
    error.hint =
        "The first append settles how long texts may be: begin with "
        "ndarray(x, \"U40\"), for example.";
  } else {
    error.hint = "The first append settles the dtype: begin with ndarray(x, dtype).";
  }
  throw error;
}

// One append, under the lock.
class RowAppender {
 public:
  RowAppender(store::Writing& writing, const Appending& what, SliceValues& values)
      : writing_(writing), what_(what), values_(values) {
    look(writing.require(what.name));
  }

  void run() {
    check_kind();
    const std::uint64_t rows = rows_of_value();
    check(rows);
    if (!loaded_.growth.grows) check_metadata(loaded_.tree, loaded_.metadata);
    if (rows == 0) return;
    if (!store::has_room(loaded_, found_.stored, rows)) {
      const auto in_use = [&](const store::Range& entry) {
        return EntryWatch::places_in(writing_.status().identity).count(entry.first) > 0;
      };
      look(store::make_room(writing_, what_.name, rows, in_use));
    }
    const ArrayOf place = rows_behind(found_, loaded_.growth, rows, what_.flags);
    write(place, rows);
    writing_.set_length(what_.name, loaded_.growth, loaded_.growth.length + rows);
  }

 private:
  void look(store::Index::Slot slot) {
    loaded_ = writing_.look(slot);
    found_ = array_of(loaded_, what_.flags);
  }

  void check_kind() const {
    const std::string key = "\"" + escape_text(Bytes(what_.name)) + "\"";
    if ((!found_.is_array && !found_.is_records) || found_.stored.shape.empty()) {
      throw Error(
          ErrorKind::index,
          "The entry " + key + " is no array with rows: it cannot grow.",
          values_.is_list()
              ? "Data frames grow as structured arrays: m[[\"k\"]] <- ndarray(df)."
              : "Arrays of numbers, times and texts of fixed width grow: "
                "m[[\"k\"]] <- ndarray(x).");
    }
    if (found_.is_records != (values_.is_list() && what_.dims != R_NilValue)) {
      throw Error(ErrorKind::value,
                  found_.is_records
                      ? "Rows of the structured array " + key + " are a data frame."
                      : "A data frame is no row of the array " + key + ".");
    }
  }

  std::uint64_t rows_of_value() const {
    const numpy::Shape given = shape_of(what_.dims);
    const std::size_t rank = found_.array.shape.size();
    check_along(what_.along, found_.is_records ? found_.stored.shape.size() : rank,
                what_.flags.reversed);
    if (found_.is_records) return given.empty() ? 0 : given[0];
    const std::size_t axis =
        what_.flags.reversed ? rank - 1 : rank - found_.stored.shape.size();
    return rows_in(given, values_.vector().count, found_.array.shape, axis);
  }

  // All that the values are to fit is known before anything is written. (No rows are no
  // values: what they would be written to is of no size.)
  void check(std::uint64_t rows) {
    if (rows == 0) return;
    const ArrayOf model = rows_behind(found_, loaded_.growth, rows, what_.flags);
    if (found_.is_records) {
      try {
        write_rows(model, all_of(rows), values_, nullptr);
      } catch (Error& error) {
        if (error.hint.empty()) error.hint = kSettled;
        throw;
      }
    } else {
      check_rows(model, values_.vector());
    }
  }

  static numpy::Axis all_of(std::uint64_t rows) { return numpy::whole({rows})[0]; }

  void write(const ArrayOf& place, std::uint64_t rows) {
    SliceWriter writer(writing_, static_cast<double>(product(place.stored.shape)) *
                                     static_cast<double>(std::max<std::uint64_t>(
                                         1, place.stored.dtype.itemsize)));
    const numpy::WriteRuns write = std::ref(writer);
    if (found_.is_records) return write_rows(place, all_of(rows), values_, write);
    if (product(place.array.shape) == 0) return;
    scatter(place.array, place.place, numpy::whole(place.array.shape), values_.vector(),
            write);
  }

  store::Writing& writing_;
  const Appending& what_;
  SliceValues& values_;
  store::Loaded loaded_;
  ArrayOf found_;
};

// The entry that the first append makes.
numpy::StoredValue first_of(const std::string& name, SEXP x, double along,
                            const Flags& flags, Warnings& warnings) {
  const Flags in_c_order(flags.bits & ~16);
  numpy::StoredValue stored = encode(x, in_c_order, warnings, name);
  const pickle::Node& root = stored.tree[stored.value];
  if (root.tag == pickle::Tag::array) {
    numpy::NewArray& array = stored.arrays[static_cast<std::size_t>(root.integer)];
    if (array.dtype.kind != numpy::Kind::object && !array.shape.empty()) {
      check_along(along, array.shape.size(), flags.reversed);
      check_metadata(stored.tree, stored.metadata);
      if (array.fortran || array.shape[0] > INT32_MAX) return stored;  // grows later
      array.grows = true;
      const numpy::Shape row(array.shape.begin() + 1, array.shape.end());
      array.room =
          store::generous_room(array.shape[0], product(row) * array.dtype.itemsize);
      return stored;
    }
  }
  cannot_grow("such a value is no array that can grow",
              "Append a vector, an array, or a data frame.");
}

bool is_there(const store::Writing& writing, const std::string& name) {
  return writing.index().find(name) != store::Index::kNone;
}

}  // namespace

bool append(Handle& handle, const Appending& what) {
  SliceValues values(what.value);
  store::Writing writing(*handle.store);
  if (!is_there(writing, what.name)) return false;
  RowAppender(writing, what, values).run();
  return true;
}

bool append_first(Handle& handle, const std::string& name, SEXP x, double along,
                  const Flags& flags, Warnings& warnings) {
  const numpy::StoredValue first = first_of(name, x, along, flags, warnings);
  store::Writing writing(*handle.store);
  if (is_there(writing, name)) return false;
  writing.put(name, first);
  return true;
}

}  // namespace mmappickle
