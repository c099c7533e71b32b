#include <functional>

#include "core/base/number_text.h"
#include "core/numpy/elements.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/slice/array_entry.h"
#include "r/slice/records.h"
#include "r/slice/slice.h"
#include "r/slice/slice_writer.h"
#include "r/slice/values.h"

namespace mmappickle {

namespace {

// R's rule: the count of the values divides that of the places.
void check_recycling(std::uint64_t places, std::uint64_t values) {
  if (places == 0 || (values != 0 && places % values == 0)) return;
  const auto counted = [](std::uint64_t n, const std::string& noun) {
    return with_commas(n) + " " + noun + (n == 1 ? "" : "s");
  };
  throw Error(
      ErrorKind::value,
      counted(values, "value") + " cannot fill " + counted(places, "place"),
      "Values are recycled as by R: their number must divide that of the places.");
}

// R's position, from 1, of the place that gets the i-th value.
std::uint64_t position_of(const numpy::Selection& selection, const numpy::Shape& shape,
                          std::uint64_t i) {
  if (selection.is_linear) return selection.linear[i] + 1;
  std::uint64_t at = 1, stride = 1;
  for (std::size_t k = 0; k < shape.size(); ++k) {
    const numpy::Axis& axis = selection.axes[k];
    at += axis.at(i % axis.count) * stride;
    i /= axis.count;
    stride *= shape[k];
  }
  return at;
}

void check_values(const Asked& asked, const Chosen& chosen,
                  const numpy::RValues& values) {
  const numpy::Array& array = chosen.found.array;
  const numpy::Check check =
      check_fit(array.dtype, values, chosen.found.place.mask != 0, poll_interrupt);
  if (check.cast_error == numpy::CastError::none) return;
  Error error = misfit(array.dtype, values, check, "The value");
  const std::string whole = in_r(asked.name);
  if (check.cast_error == numpy::CastError::missing) {
    const std::uint64_t at = position_of(chosen.selection, array.shape, check.index);
    error.hint = "An array with room for NA (a masked one) is stored anew: " + whole +
                 " <- replace(" + whole + ", " + std::to_string(at) + ", NA).";
  } else {
    error.hint = "To change the type of the entry, assign the whole value: " + whole +
                 " <- value.";
  }
  throw error;
}

}  // namespace

void write_slice(const Asked& asked, SEXP value, bool single) {
  SliceValues values(value);
  store::Writing writing(*asked.handle.store);
  const Chosen chosen(writing, asked, true);
  const ArrayOf& found = chosen.found;
  const std::uint64_t n = chosen.selection.count();
  if (single && n != 1) {
    throw Error(ErrorKind::index,
                "x[[i]] <- value changes one element; i selects " + with_commas(n) + ".");
  }
  values.detach(writing.file().identity(), chosen.loaded.frame);
  SliceWriter writer(
      writing, static_cast<double>(n) * static_cast<double>(found.stored.dtype.itemsize));
  const numpy::WriteRuns write = std::ref(writer);
  if (found.is_records) {
    write_rows(found, chosen.selection.axes[0], values, write);
  } else {
    const numpy::RValues& vector = values.vector();
    check_recycling(n, vector.count);
    if (n == 0) return;
    check_values(asked, chosen, vector);
    if (chosen.selection.is_linear) {
      scatter_linear(found.array, found.place, chosen.selection.linear.data(), n, vector,
                     write);
    } else {
      scatter(found.array, found.place, chosen.selection.axes, vector, write);
    }
  }
  writing.sync();
}

}  // namespace mmappickle
