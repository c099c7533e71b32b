// Columns made of others: structures, lists, dictionaries.
#include "../base/checked.h"
#include "arrow.h"

namespace mmappickle::arrow {

using pickle::Tag;

namespace {

void append_i32(std::string& out, std::int64_t value) {
  std::uint8_t item[4];
  store_le(item, static_cast<std::uint64_t>(value), 4);
  out.append(reinterpret_cast<const char*>(item), sizeof item);
}

}  // namespace

bool Recogniser::child(const Chunk& chunk, std::size_t i, Chunk& child) {
  std::uint64_t n = 0;
  return is_sequence(tree_, chunk.children, n) &&
         n == (chunk.type->kind == Kind::structure ? chunk.type->fields.size() : 1) &&
         read_chunk(item(tree_, chunk.children, i), child);
}

// -- structures

bool Recogniser::frame(const Chunks& chunks, const Mask& above, Column& column) {
  const std::vector<Field>& fields = chunks.type->fields;
  std::vector<Chunks> columns(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    columns[i].type = fields[i].type;
    for (const Chunk& chunk : chunks.chunks) {
      Chunk part;
      if (!child(chunk, i, part) || !cut(part, chunk.offset, chunk.length) ||
          !append(std::move(part), columns[i])) {
        return false;
      }
    }
  }
  Mask mask;  // a structure that is missing has no fields
  if (!missing(chunks, above, mask)) return false;
  if (fields.empty() && !budget_.charge(chunks.count)) return false;
  std::vector<Id> names;
  column.form = Form::frame;
  column.parts.resize(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    names.push_back(tree_.text(fields[i].name));
    if (!this->column(columns[i], mask, column.parts[i])) return false;
  }
  column.list = tree_.container(Tag::list, names);
  return true;
}

// -- lists

void Recogniser::Spans::add(std::uint64_t start, std::int64_t size) {
  append_i32(starts, static_cast<std::int64_t>(start));
  append_i32(sizes, size);
}

bool Recogniser::lists(const Chunks& chunks, const Mask& mask, Column& column) {
  Chunks items;
  items.type = chunks.type->fields[0].type;
  Spans spans;
  std::uint64_t first = 0;
  for (const Chunk& chunk : chunks.chunks) {
    if (!budget_.charge(chunk.length) || !this->spans(chunk, mask, first, items, spans) ||
        items.count > INT32_MAX) {
      return false;
    }
    first += chunk.length;
  }
  column.form = Form::lists;
  set_array(column.array, numpy::Kind::integer, 4, chunks.count, std::move(spans.starts));
  set_array(column.sizes, numpy::Kind::integer, 4, chunks.count, std::move(spans.sizes));
  column.parts.resize(1);
  return this->column(items, Mask(), column.parts[0]);
}

// Of the lists of one chunk, the first of which is the column's `first`.
bool Recogniser::spans(const Chunk& chunk, const Mask& mask, std::uint64_t first,
                       Chunks& items, Spans& spans) {
  const DataType& type = *chunk.type;
  if (type.kind == Kind::list) return by_offsets(chunk, mask, first, items, spans);
  Chunk part;
  if (!child(chunk, 0, part)) return false;
  const std::uint64_t base = items.count;
  const auto is_missing = [&](std::uint64_t i) {
    return !mask.empty() && mask[static_cast<std::size_t>(first + i)];
  };
  if (type.kind == Kind::fixed_list) {
    std::uint64_t from = 0, size = 0;
    if (!checked_multiply(chunk.offset, type.size, from) ||
        !checked_multiply(chunk.length, type.size, size) || !cut(part, from, size) ||
        !append(std::move(part), items)) {
      return false;
    }
    for (std::uint64_t i = 0; i < chunk.length; ++i) {
      spans.add(base + i * type.size,
                is_missing(i) ? -1 : static_cast<std::int64_t>(type.size));
    }
    return true;
  }
  // Views, which may share items, in any order.
  const auto width = static_cast<int>(type.width);
  Bytes starts, sizes;
  if (!elements(chunk, 1, type.width, 0, starts) ||
      !elements(chunk, 2, type.width, 0, sizes)) {
    return false;
  }
  const std::uint64_t available = part.length;
  if (!append(std::move(part), items)) return false;
  for (std::uint64_t i = 0; i < chunk.length; ++i) {
    if (is_missing(i)) {
      spans.add(0, -1);
      continue;
    }
    const std::uint64_t at = i * type.width;
    const std::uint64_t start = load_le(starts.data + at, width);
    const std::uint64_t size = load_le(sizes.data + at, width);
    if (start > available || size > available - start || !budget_.charge(size)) {
      return false;
    }
    spans.add(base + start, static_cast<std::int64_t>(size));
  }
  return true;
}

// One more offset than there are lists, none below the one before.
bool Recogniser::by_offsets(const Chunk& chunk, const Mask& mask, std::uint64_t first,
                            Chunks& items, Spans& spans) {
  const auto width = static_cast<int>(chunk.type->width);
  Chunk part;
  Bytes offsets;
  if (!child(chunk, 0, part) || !elements(chunk, 1, chunk.type->width, 1, offsets)) {
    return false;
  }
  const auto offset = [&](std::uint64_t i) {
    return load_le(offsets.data + i * chunk.type->width, width);
  };
  const std::uint64_t from = chunk.length == 0 ? 0 : offset(0);
  const std::uint64_t to = chunk.length == 0 ? 0 : offset(chunk.length);
  const std::uint64_t base = items.count;
  if (to < from || !cut(part, from, to - from) || !append(std::move(part), items)) {
    return false;
  }
  std::uint64_t begin = from;
  for (std::uint64_t i = 0; i < chunk.length; ++i) {
    const std::uint64_t end = offset(i + 1);
    if (end < begin || end > to) return false;
    const bool gone = !mask.empty() && mask[static_cast<std::size_t>(first + i)];
    spans.add(base + begin - from, gone ? -1 : static_cast<std::int64_t>(end - begin));
    begin = end;
  }
  return true;
}

// -- dictionaries

bool Recogniser::factor(const Chunks& chunks, const Mask& mask, Column& column) {
  const DataType& codes = *chunks.type->fields[0].type;
  Chunks values;
  values.type = chunks.type->fields[1].type;
  std::string out;
  std::size_t i = 0;
  for (const Chunk& chunk : chunks.chunks) {
    const std::uint64_t base = values.count;
    Chunk part;
    Bytes bytes;
    if (!read_chunk(chunk.dictionary, part) || !append(std::move(part), values) ||
        values.count > INT32_MAX || !elements(chunk, 1, codes.width, 0, bytes) ||
        !budget_.charge(chunk.length)) {
      return false;
    }
    // Negative ones are beyond all that there are.
    for (std::uint64_t at = 0; at < bytes.size; at += codes.width, ++i) {
      const std::uint64_t code = load_le(bytes.data + at, static_cast<int>(codes.width));
      const bool gone = !mask.empty() && mask[i];
      if (!gone && code >= values.count - base) return false;
      append_i32(out, gone ? -1 : static_cast<std::int64_t>(base + code));
    }
  }
  column.form = Form::factor;
  column.ordered = chunks.type->ordered;
  set_array(column.array, numpy::Kind::integer, 4, chunks.count, std::move(out));
  column.parts.resize(1);
  Column& part = column.parts[0];
  return this->column(values, Mask(), part) &&
         (part.form == Form::vector || part.form == Form::strings);
}

}  // namespace mmappickle::arrow
