// Texts and bytes: each a node that points at its place in a buffer.
#include "../base/utf8.h"
#include "arrow.h"

namespace mmappickle::arrow {

using pickle::Tag;

namespace {

constexpr std::uint64_t kView = 16;    // bytes
constexpr std::uint64_t kInside = 12;  // the longest text that stands in its view

bool is_binary(Kind kind) {
  return kind == Kind::binary || kind == Kind::binary_view || kind == Kind::fixed_binary;
}

}  // namespace

bool Recogniser::texts(const Chunks& chunks, const Mask& mask, Column& column) {
  const DataType& type = *chunks.type;
  const bool binary = is_binary(type.kind);
  bool is_r = !binary;  // an R string can hold them all
  std::vector<Id> items;
  for (const Chunk& chunk : chunks.chunks) {
    const std::uint64_t first = items.size();
    if (!budget_.charge(chunk.length)) return false;
    std::vector<Bytes> texts;
    if (type.kind == Kind::fixed_binary) {
      Bytes bytes;
      if (!elements(chunk, 1, type.width, 0, bytes)) return false;
      for (std::uint64_t i = 0; i < chunk.length; ++i) {
        texts.push_back(bytes.slice(i * type.width, type.width));
      }
    } else if (type.width == kView ? !by_views(chunk, mask, first, texts)
                                   : !by_offsets(chunk, texts)) {
      return false;
    }
    for (const Bytes& text : texts) {
      if (!mask.empty() && mask[items.size()]) {
        items.push_back(tree_.none());
      } else if (!add_text(text, binary, items, is_r)) {
        return false;
      }
    }
  }
  column.form = is_r ? Form::strings : Form::objects;
  column.list = tree_.container(Tag::list, items);
  return true;
}

bool Recogniser::add_text(Bytes bytes, bool binary, std::vector<Id>& items, bool& is_r) {
  if (binary) {
    items.push_back(tree_.bytes(bytes));
    return true;
  }
  const TextKind kind = classify_text(bytes);
  is_r = is_r && kind != TextKind::nul;
  items.push_back(tree_.text(bytes));
  return kind <= TextKind::nul;  // Arrow's are UTF-8
}

// One more offset than there are texts, none below the one before.
bool Recogniser::by_offsets(const Chunk& chunk, std::vector<Bytes>& texts) {
  const std::uint64_t width = chunk.type->width;
  Bytes offsets;
  if (!elements(chunk, 1, width, 1, offsets)) return false;
  if (chunk.length == 0) return true;
  const Bytes data = chunk.buffers.size() < 3 ? Bytes() : chunk.buffers[2];
  std::uint64_t begin = load_le(offsets.data, static_cast<int>(width));
  for (std::uint64_t i = 1; i <= chunk.length; ++i) {
    const std::uint64_t end = load_le(offsets.data + i * width, static_cast<int>(width));
    if (end < begin || end > data.size) return false;
    texts.push_back(data.slice(begin, end - begin));
    begin = end;
  }
  // What several arrays share is paid for each time.
  return budget_.charge(begin - load_le(offsets.data, static_cast<int>(width)));
}

// Size (4 bytes); then the text, or its first 4 bytes, the number of its buffer among
// those behind the views, and where it begins there.
bool Recogniser::by_views(const Chunk& chunk, const Mask& mask, std::uint64_t first,
                          std::vector<Bytes>& texts) {
  Bytes views;
  if (!elements(chunk, 1, kView, 0, views)) return false;
  for (std::uint64_t i = 0; i < chunk.length; ++i) {
    const std::uint8_t* view = views.data + i * kView;
    const std::uint64_t size = load_u32(view);
    if (!mask.empty() && mask[static_cast<std::size_t>(first + i)]) {
      texts.emplace_back();
    } else if (size <= kInside) {
      texts.emplace_back(view + 4, size);
    } else {
      const std::uint64_t buffer = std::uint64_t{load_u32(view + 8)} + 2;
      const std::uint64_t at = load_u32(view + 12);
      if (buffer >= chunk.buffers.size() || !chunk.buffers[buffer].holds(at, size) ||
          !budget_.charge(size)) {
        return false;
      }
      texts.push_back(chunk.buffers[buffer].slice(at, size));
    }
  }
  return true;
}

}  // namespace mmappickle::arrow
