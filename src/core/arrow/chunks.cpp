// What pickles say: arrays, their buffers, and what of them is missing.
#include "../base/checked.h"
#include "arrow.h"

namespace mmappickle::arrow {

using pickle::Tag;

bool Recogniser::read(Id id, Column& column) {
  const Call made(tree_, id);
  const std::string_view name = function_name(tree_, made.callable());
  if (name.empty() || !made.untouched()) return false;
  if (name == "_reconstruct_table" || name == "_reconstruct_record_batch") {
    return table(made, column);
  }
  Chunks chunks;
  return array(id, chunks) && this->column(chunks, Mask(), column);
}

// (columns, schema). A column without a counterpart takes only itself: how long it is
// the others say.
bool Recogniser::table(const Call& made, Column& column) {
  std::vector<Field> fields;
  std::uint64_t n = 0;
  if (!types_.schema(made[1], fields) || !is_sequence(tree_, made[0], n) ||
      n != fields.size()) {
    return false;
  }
  std::vector<Chunks> columns(fields.size());
  std::uint64_t count = n == 0 ? 0 : UINT64_MAX;
  std::size_t i = 0;
  for (Id id : tree_.items(made[0])) {
    Chunks& one = columns[i];
    one.type = fields[i++].type;
    if (!one.type) continue;
    if (!array(id, one)) {
      one.type = nullptr;
      continue;
    }
    if (count != UINT64_MAX && count != one.count) return false;
    count = one.count;
  }
  if (count == UINT64_MAX) return false;
  std::vector<Id> names;
  column.form = Form::frame;
  column.count = count;
  for (const Field& field : fields) {
    const Id id = item(tree_, made[0], names.size());
    column.parts.emplace_back();
    if (!add_column(id, columns[names.size()], count, column.parts.back())) return false;
    names.push_back(tree_.text(field.name));
  }
  column.list = tree_.container(Tag::list, names);
  return true;
}

bool Recogniser::add_column(Id id, const Chunks& chunks, std::uint64_t count,
                            Column& column) {
  if (chunks.type && this->column(chunks, Mask(), column)) return true;
  column = Column();
  column.form = Form::foreign;
  column.count = count;
  column.node = id;
  return tree_[id].tag == Tag::object && budget_.charge(count);
}

// _restore_array(members); chunked_array([array, ...], type)
bool Recogniser::array(Id id, Chunks& chunks) {
  const Call made(tree_, id);
  const std::string_view name = function_name(tree_, made.callable());
  if (!made.untouched()) return false;
  Chunk chunk;
  if (name == "_restore_array") {
    return made.count() == 1 && read_chunk(made[0], chunk) &&
           append(std::move(chunk), chunks);
  }
  std::uint64_t n = 0;
  if (name != "chunked_array" || !is_sequence(tree_, made[0], n)) return false;
  const DataType* type = types_.read(made[1]);
  if (!type || (chunks.type && !types_.same(*type, *chunks.type))) return false;
  chunks.type = type;
  for (Id id : tree_.items(made[0])) {
    const Call one(tree_, id);
    Chunk chunk;
    if (function_name(tree_, one.callable()) != "_restore_array" || one.count() != 1 ||
        !one.untouched() || !read_chunk(one[0], chunk) ||
        !append(std::move(chunk), chunks)) {
      return false;
    }
  }
  return true;
}

// (type, length, how many are missing or -1, offset, buffers, children, dictionary)
bool Recogniser::read_chunk(Id members, Chunk& chunk) {
  std::uint64_t n = 0;
  std::int64_t length = 0, nulls = 0, offset = 0;
  if (!budget_.charge(kCost) || !is_sequence(tree_, members, n) || n != 7) return false;
  chunk.type = types_.read(item(tree_, members, 0));
  if (!chunk.type || !is_integer(tree_, item(tree_, members, 1), length) ||
      !is_integer(tree_, item(tree_, members, 2), nulls) ||
      !is_integer(tree_, item(tree_, members, 3), offset)) {
    return false;
  }
  if (length < 0 || offset < 0 || length > INT64_MAX - offset || nulls < -1 ||
      nulls > length) {
    return false;
  }
  chunk.length = static_cast<std::uint64_t>(length);
  chunk.offset = static_cast<std::uint64_t>(offset);
  chunk.children = item(tree_, members, 5);
  chunk.dictionary = item(tree_, members, 6);
  if (!read_buffers(item(tree_, members, 4), chunk.buffers)) return false;
  // Where some are missing, something has to say which.
  return nulls <= 0 || chunk.type->kind == Kind::null ||
         (!chunk.buffers.empty() && chunk.buffers[0].data != nullptr);
}

// None or py_buffer(bytes), each.
bool Recogniser::read_buffers(Id list, std::vector<Bytes>& buffers) {
  std::uint64_t n = 0;
  if (!is_sequence(tree_, list, n) || !budget_.charge(n)) return false;
  for (Id id : tree_.items(list)) {
    Bytes bytes;
    if (tree_[id].tag != Tag::none) {
      const Call made(tree_, id);
      if (function_name(tree_, made.callable()) != "py_buffer" || !made.untouched() ||
          made.count() != 1 || !numpy_.bytes(made[0], bytes)) {
        return false;
      }
      budget_.credit(made[0], bytes.size);
      static constexpr std::uint8_t nothing = 0;
      if (bytes.size == 0) bytes.data = &nothing;
    }
    buffers.push_back(bytes);
  }
  return true;
}

bool Recogniser::append(Chunk&& chunk, Chunks& chunks) {
  if (!chunks.type) chunks.type = chunk.type;
  if (!types_.same(*chunks.type, *chunk.type)) return false;
  if (!checked_add(chunks.count, chunk.length, chunks.count)) return false;
  chunks.chunks.push_back(std::move(chunk));
  return true;
}

bool Recogniser::cut(Chunk& chunk, std::uint64_t offset, std::uint64_t length) {
  if (offset > chunk.length || length > chunk.length - offset) return false;
  chunk.offset += offset;
  chunk.length = length;
  return true;
}

bool Recogniser::elements(const Chunk& chunk, std::size_t buffer, std::uint64_t width,
                          std::uint64_t more, Bytes& bytes) {
  bytes = Bytes();
  if (chunk.length == 0) return true;  // then there need be no buffers
  std::uint64_t offset = 0, size = 0;
  if (buffer >= chunk.buffers.size() || chunk.buffers[buffer].data == nullptr ||
      !checked_multiply(chunk.offset, width, offset) ||
      !checked_multiply(chunk.length + more, width, size) ||
      !chunk.buffers[buffer].holds(offset, size)) {
    return false;
  }
  bytes = chunk.buffers[buffer].slice(offset, size);
  return true;
}

// A bit for each element, set where it is there; or nothing, where all are.
bool Recogniser::missing(const Chunks& chunks, const Mask& above, Mask& mask) {
  mask = above;
  bool any = !above.empty();
  std::uint64_t at = 0;
  for (const Chunk& chunk : chunks.chunks) {
    const Bytes bits = chunk.buffers.empty() ? Bytes() : chunk.buffers[0];
    if (bits.data != nullptr && chunk.length > 0) {
      const std::uint64_t end = chunk.offset + chunk.length;
      if (end / 8 + (end % 8 != 0) > bits.size) return false;
      if (mask.empty()) {
        if (!budget_.charge(chunks.count)) return false;
        mask.assign(static_cast<std::size_t>(chunks.count), '\0');
      }
      for (std::uint64_t i = 0; i < chunk.length; ++i) {
        const std::uint64_t bit = chunk.offset + i;
        if (bits[bit / 8] >> (bit % 8) & 1) continue;
        mask[static_cast<std::size_t>(at + i)] = 1;
        any = true;
      }
    }
    at += chunk.length;
  }
  if (!any) mask.clear();
  return true;
}

}  // namespace mmappickle::arrow
