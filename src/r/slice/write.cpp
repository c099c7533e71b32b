#include "core/numpy/elements.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/slice/array_entry.h"
#include "r/slice/records.h"
#include "r/slice/slice.h"
#include "r/slice/values.h"

namespace mmappickle {

namespace {

// R's rule: the count of the values divides that of the places.
void check_recycling(std::uint64_t places, std::uint64_t values) {
  if (places == 0 || (values != 0 && places % values == 0)) return;
  throw Error(ErrorKind::value, "The number of places (" +
                                    numpy::with_commas(double(places)) +
                                    ") is no multiple of the number of values (" +
                                    numpy::with_commas(double(values)) + ").");
}

}  // namespace

void write_slice(const Asked& asked, SEXP value, bool single) {
  SliceValues values(value);
  store::Writing writing(*asked.handle.store);
  const Chosen chosen(writing, asked);
  const ArrayOf& found = chosen.found;
  const std::uint64_t n = chosen.selection.count();
  if (single && n != 1) {
    throw Error(ErrorKind::index, "x[[i]] <- value changes one element; i selects " +
                                      numpy::with_commas(double(n)) + ".");
  }
  values.detach(writing.status().identity, chosen.loaded.frame);
  InterruptPoll poll;
  const numpy::WriteRun write = [&](std::uint64_t at, Bytes bytes) {
    poll.after(bytes.size);
    writing.overwrite(at, bytes);
  };
  if (found.is_records) {
    write_rows(found, chosen.selection.axes[0], values, write);
  } else {
    const numpy::RValues& vector = values.vector();
    check_recycling(n, vector.count);
    if (n == 0) return;
    numpy::check_values(found.array.dtype, vector, found.place.mask != 0, "The value",
                        "To change the type of the entry, assign the whole value: "
                        "m[[\"key\"]] <- value.");
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
