// What elements of one width, and bits, are in R.
#include "../base/checked.h"
#include "../python/zone.h"
#include "arrow.h"
#include "decimal.h"

namespace mmappickle::arrow {

namespace {

numpy::Dtype dtype_of(numpy::Kind kind, std::uint64_t itemsize,
                      numpy::Unit unit = numpy::Unit::generic) {
  numpy::Dtype dtype;
  dtype.kind = kind;
  dtype.itemsize = itemsize;
  dtype.unit = unit;
  return dtype;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
  return a / b - (a % b < 0 ? 1 : 0);
}

}  // namespace

bool Recogniser::column(const Chunks& chunks, const Mask& above, Column& column) {
  const DataType& type = *chunks.type;
  column.count = chunks.count;
  if (!budget_.charge(kCost)) return false;
  if (type.kind == Kind::null) return nulls(chunks.count, column);
  if (type.kind == Kind::structure) return frame(chunks, above, column);
  Mask mask;
  if (!missing(chunks, above, mask)) return false;
  bool known = false;
  switch (type.kind) {
    case Kind::boolean:
      known = booleans(chunks, column);
      break;
    case Kind::integer:
      known = plain(chunks, dtype_of(numpy::Kind::integer, type.width), column);
      break;
    case Kind::unsigned_integer:
      known = plain(chunks, dtype_of(numpy::Kind::unsigned_integer, type.width), column);
      break;
    case Kind::floating:
      known = plain(chunks, dtype_of(numpy::Kind::floating, type.width), column);
      break;
    case Kind::decimal:
      known = decimals(chunks, mask, column);
      break;
    case Kind::date:
    case Kind::time:
    case Kind::timestamp:
    case Kind::duration:
      known = times(chunks, column);
      break;
    case Kind::text:
    case Kind::binary:
    case Kind::text_view:
    case Kind::binary_view:
    case Kind::fixed_binary:
      return texts(chunks, mask, column);
    case Kind::list:
    case Kind::list_view:
    case Kind::fixed_list:
      return lists(chunks, mask, column);
    case Kind::dictionary:
      return factor(chunks, mask, column);
    default:
      break;
  }
  if (!known || mask.empty()) return known;
  column.array.masked = true;
  column.array.mask = tree_.keep(std::move(mask)).data;
  column.array.mask_strides = {1};
  return true;
}

// An array of bytes that are made here: little-endian ones.
void Recogniser::set_array(numpy::Array& array, numpy::Kind kind, std::uint64_t itemsize,
                           std::uint64_t count, std::string bytes) {
  array.dtype = dtype_of(kind, itemsize);
  array.shape = {count};
  array.strides = {count == 0 ? 0 : static_cast<std::int64_t>(itemsize)};
  array.data = tree_.keep(std::move(bytes)).data;
}

// Their number is all that there is: it costs a file nothing.
bool Recogniser::nulls(std::uint64_t count, Column& column) {
  if (!budget_.charge(count)) return false;
  const auto n = static_cast<std::size_t>(count);
  set_array(column.array, numpy::Kind::boolean, 1, count, std::string(n, '\0'));
  column.array.masked = true;
  column.array.mask = tree_.keep(std::string(n, '\1')).data;
  column.array.mask_strides = {count == 0 ? 0 : 1};
  return true;
}

bool Recogniser::booleans(const Chunks& chunks, Column& column) {
  std::string out;
  for (const Chunk& chunk : chunks.chunks) {
    if (chunk.length == 0) continue;
    const std::uint64_t end = chunk.offset + chunk.length;
    const Bytes bits = chunk.buffers.size() < 2 ? Bytes() : chunk.buffers[1];
    if (end / 8 + (end % 8 != 0) > bits.size || !budget_.charge(chunk.length)) {
      return false;
    }
    for (std::uint64_t bit = chunk.offset; bit < end; ++bit) {
      out.push_back(static_cast<char>(bits[bit / 8] >> (bit % 8) & 1));
    }
  }
  set_array(column.array, numpy::Kind::boolean, 1, chunks.count, std::move(out));
  return true;
}

bool Recogniser::plain(const Chunks& chunks, const numpy::Dtype& dtype, Column& column) {
  numpy::Array& array = column.array;
  if (chunks.chunks.size() == 1) {
    Bytes bytes;
    if (!elements(chunks.chunks[0], 1, dtype.itemsize, 0, bytes)) return false;
    set_array(array, dtype.kind, dtype.itemsize, chunks.count, {});
    if (bytes.size > 0) array.data = bytes.data;
  } else {
    std::string out;
    for (const Chunk& chunk : chunks.chunks) {
      Bytes bytes;
      if (!elements(chunk, 1, dtype.itemsize, 0, bytes)) return false;
      if (!budget_.charge(bytes.size)) return false;
      out.append(bytes.text());
    }
    set_array(array, dtype.kind, dtype.itemsize, chunks.count, std::move(out));
  }
  array.dtype = dtype;
  return true;
}

// NumPy's days and times of day have 64 bits: others are made so.
bool Recogniser::times(const Chunks& chunks, Column& column) {
  constexpr std::int64_t milliseconds = 86400000;  // a day
  const DataType& type = *chunks.type;
  const bool moment = type.kind == Kind::date || type.kind == Kind::timestamp;
  const numpy::Dtype dtype =
      dtype_of(moment ? numpy::Kind::datetime : numpy::Kind::timedelta, 8, type.unit);
  python::Zone zone;
  if (type.zone.size && python::read_zone(tree_, type.zone, zone))
    column.zone = zone.name;
  if (type.width == 8 && type.kind != Kind::date) return plain(chunks, dtype, column);
  std::string out;
  for (const Chunk& chunk : chunks.chunks) {
    Bytes bytes;
    if (!elements(chunk, 1, type.width, 0, bytes)) return false;
    if (!budget_.charge(chunk.length)) return false;
    for (std::uint64_t at = 0; at < bytes.size; at += type.width) {
      const std::int64_t value =
          type.width == 4
              ? load_i32(bytes.data + at)
              : floor_divide(static_cast<std::int64_t>(load_u64(bytes.data + at)),
                             milliseconds);
      std::uint8_t item[8];
      store_u64(item, static_cast<std::uint64_t>(value));
      out.append(reinterpret_cast<const char*>(item), sizeof item);
    }
  }
  set_array(column.array, dtype.kind, 8, chunks.count, std::move(out));
  column.array.dtype = dtype;
  return true;
}

bool Recogniser::decimals(const Chunks& chunks, const Mask& mask, Column& column) {
  const DataType& type = *chunks.type;
  std::string out;
  std::size_t i = 0;
  for (const Chunk& chunk : chunks.chunks) {
    Bytes bytes;
    if (!elements(chunk, 1, type.width, 0, bytes)) return false;
    if (!budget_.charge(bytes.size)) return false;
    for (std::uint64_t at = 0; at < bytes.size; at += type.width, ++i) {
      double value = 0;
      bool exact = true;
      if (mask.empty() || !mask[i]) {
        value = nearest_double(bytes.slice(at, type.width), type.scale, exact);
      }
      column.rounded = column.rounded || !exact;
      std::uint64_t bits;
      std::memcpy(&bits, &value, sizeof bits);
      std::uint8_t item[8];
      store_u64(item, bits);
      out.append(reinterpret_cast<const char*>(item), sizeof item);
    }
  }
  set_array(column.array, numpy::Kind::floating, 8, chunks.count, std::move(out));
  return true;
}

}  // namespace mmappickle::arrow
