#include "r/slice/records.h"

#include "core/numpy/elements.h"
#include "r/error.h"
#include "r/interrupt.h"

namespace mmappickle {

namespace {

// Items of `size` bytes, packed.
std::vector<std::uint8_t> read_items(const numpy::Stored& stored, std::uint64_t at,
                                     std::int64_t stride, std::uint64_t size,
                                     const numpy::Axis& rows, const numpy::Tick& tick) {
  numpy::Array items;
  items.dtype.kind = numpy::Kind::raw;
  items.dtype.itemsize = size;
  items.shape = stored.array.shape;
  items.strides = {stride};
  std::vector<std::uint8_t> out(rows.count * size + 1);
  const numpy::Stored raw{items, numpy::Place{at, 0}, stored.file};
  const std::vector<numpy::Axis> axes{rows};
  fetch_elements(
      raw, axes,
      [&](std::uint64_t i, const std::uint8_t* item, bool) {
        std::memcpy(out.data() + i * size, item, size);
      },
      tick);
  return out;
}

// A field's values on their way into its part of the items.
struct Column {
  std::string what;
  const numpy::RValues* values;
  numpy::Array array;
  numpy::Place place;
  std::vector<numpy::Axis> axes;
};

class RowWriter {
 public:
  explicit RowWriter(const numpy::Axis& rows) : rows_(rows) {}

  void add(const numpy::Array& items, const SliceValues& values,
           const std::string& what) {
    for (const numpy::Field& field : items.dtype.fields) {
      const std::string name = what + "$" + field.name;
      const SliceValues* column = values.column(field.name);
      if (column == nullptr) {
        throw Error(ErrorKind::value, what + " has no column \"" + field.name + "\".",
                    "Rows of a structured array are written as a data frame, or a list, "
                    "with all of its columns.");
      }
      if (field.dtype.kind != numpy::Kind::structured) {
        add_column(items.field(field), *column, name);
      } else if (field.dtype.subshape.empty()) {
        add(items.field(field), *column, name);
      } else {
        throw Error(ErrorKind::unsupported,
                    name + " cannot be written by rows: it is an array of structures.");
      }
    }
  }

  void write(const numpy::WriteRuns& write) const {
    for (const Column& c : columns_) scatter(c.array, c.place, c.axes, *c.values, write);
  }

 private:
  void add_column(const numpy::Array& part, const SliceValues& values,
                  const std::string& name) {
    const bool bytes = part.dtype.kind == numpy::Kind::raw;
    Column c{name, &values.vector(), bytes ? part.item_bytes(false) : part, {}, {}};
    if (c.array.count() > 0) {
      c.place.data = reinterpret_cast<std::uintptr_t>(c.array.data);
      if (c.array.masked) c.place.mask = reinterpret_cast<std::uintptr_t>(c.array.mask);
    }
    c.axes = numpy::whole(c.array.shape);
    c.axes[bytes ? 1 : 0] = rows_;
    check(c);
    columns_.push_back(std::move(c));
  }

  static void check(const Column& column) {
    std::uint64_t wanted = 1;
    for (const numpy::Axis& axis : column.axes) wanted *= axis.count;
    const std::uint64_t n = column.values->count;
    if (n != wanted && (n != 1 || column.array.shape.size() > 1)) {
      throw Error(ErrorKind::value, column.what + " has " + std::to_string(n) +
                                        " elements, not " + std::to_string(wanted) + ".");
    }
    numpy::check_values(column.array.dtype, *column.values, column.place.mask != 0,
                        column.what, poll_interrupt);
  }

  const numpy::Axis rows_;
  std::vector<Column> columns_;
};

}  // namespace

RecordRows::RecordRows(const numpy::Stored& stored, const numpy::Axis& rows,
                       const numpy::Tick& tick) {
  const numpy::Array& from = stored.array;
  array_.dtype = from.dtype;
  array_.shape = {rows.count};
  array_.strides = {static_cast<std::int64_t>(from.dtype.itemsize)};
  array_.masked = from.masked;
  const std::int64_t stride = from.strides[0];
  items_ = read_items(stored, stored.place.data, stride, from.dtype.itemsize, rows, tick);
  array_.data = items_.data();
  if (stored.place.mask == 0) return;
  const std::uint64_t size = numpy::mask_itemsize(from.dtype);
  masks_ = read_items(stored, stored.place.mask, from.mask_strides[0], size, rows, tick);
  array_.mask = masks_.data();
  array_.mask_strides = {static_cast<std::int64_t>(size)};
}

void write_rows(const ArrayOf& records, const numpy::Axis& rows,
                const SliceValues& values, const numpy::WriteRuns& write) {
  if (!values.is_list()) {
    throw Error(
        ErrorKind::value,
        "Rows of a structured array are written as a data frame, or a list, of its "
        "columns.");
  }
  RowWriter writer(rows);
  writer.add(at_place(records.stored, records.place), values, "value");
  if (write) writer.write(write);
}

}  // namespace mmappickle
