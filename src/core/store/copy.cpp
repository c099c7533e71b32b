#include "copy.h"

#include "../numpy/array_form.h"
#include "../os/map.h"
#include "../pickle/opcodes.h"
#include "grow.h"
#include "load.h"
#include "padding.h"
#include "rewrite.h"

namespace mmappickle::store {

namespace op = pickle::op;

namespace {

constexpr std::uint64_t kAlignment = 64;

// The entry as it stands, in memory: mapped, if its image is not.
struct CopyOrigin {
  CopyOrigin(const os::File& file, const Image& all, const Frame& frame)
      : file(file), frame(frame) {
    const Image image = all.slice(frame.at, frame.length);
    if (image.data() == nullptr) {
      map = os::Mapping::of_range(file, frame.at, frame.length, false);
    }
    bytes = Bytes(map ? map->at(frame.at) : image.data(), frame.length);
    std::string problem;
    kind = read_array_entry(bytes.slice(kFrameHead, frame.body_size()), array, problem);
    if (kind == numpy::HeadKind::damaged) {
      throw Error(
          ErrorKind::format,
          "the entry at offset " + std::to_string(frame.at) + " is damaged: " + problem,
          "fsck(path) reports what is wrong with the file.", frame.at);
    }
  }
  const os::File& file;
  const Frame frame;
  std::shared_ptr<os::Mapping> map;
  Bytes bytes;
  numpy::HeadKind kind = numpy::HeadKind::none;
  numpy::ArrayEntry array;
  Loaded loaded;                    // of a value
  numpy::StoredValue stored_value;  // of what is written anew

  bool is_portable() const { return kind == numpy::HeadKind::array && array.portable; }
  // Offsets in the entry, where read_array_entry() counts from the frame's body.
  std::uint64_t second_key() const { return kFrameHead + array.key_at; }
  std::uint64_t metadata() const { return tail() - array.metadata.size; }
  std::uint64_t tail() const { return frame.length - kTailSize; }
  std::uint32_t memo() const { return load_u32(bytes.data + tail() + 1); }

  void put(Output& output, std::uint64_t begin, std::uint64_t end) const {
    output.put(mapped_in(&file, bytes, frame.at)(bytes.slice(begin, end - begin)));
  }
};

// Frame, key and tail around what `put_inside` puts, live.
template <class PutInside>
NewEntry write_frame(Output& output, std::string_view key, std::uint64_t begin,
                     PutInside&& put_inside) {
  NewEntry entry = begin_entry(output, begin);
  pickle::put_text(output, key);
  const std::uint32_t memo = put_inside();
  end_entry(output, entry, memo, kLive);
  return entry;
}

NewEntry write_anew(Output& output, std::string_view key,
                    const numpy::StoredValue& stored_value) {
  const NewEntry entry = write_entry(output, key, stored_value);
  output.patch(entry.state_at, kLive, 1);
  return entry;
}

// What has to stand before an array entry: its padding.
void write_padding_of(Output& output, const CopyOrigin& origin, std::size_t key_size) {
  numpy::NewArray array;  // as far as its padding goes
  array.dtype = origin.array.array.dtype;
  array.shape = origin.array.array.shape;
  if (origin.array.array.masked) array.mask = hole_source(0);
  numpy::write_padding(output, key_size, array);
}

NewEntry copy_array(Output& output, std::string_view key, const CopyOrigin& origin) {
  const std::uint64_t begin = output.at();
  write_padding_of(output, origin, key.size());
  return write_frame(output, key, begin, [&] {
    const std::uint64_t behind = origin.second_key() + 2 + origin.frame.key_size;
    origin.put(output, kEntryHead + origin.frame.key_size, origin.second_key());
    pickle::put_text(output, key);
    origin.put(output, behind, origin.tail());
    return origin.memo();
  });
}

// As many arrays inside as were aligned stay so: the first one tells.
void write_filler_of(Output& output, CopyOrigin& origin, std::size_t key_size) {
  for (const numpy::Array& array : own_arrays(origin.loaded)) {
    const Bytes all = origin.bytes;
    if (array.data < all.data || array.data >= all.data + all.size) continue;
    const auto data = static_cast<std::uint64_t>(array.data - all.data) + key_size -
                      origin.frame.key_size;
    return write_filler(output, kAlignment - data % kAlignment);
  }
}

NewEntry copy_value(Output& output, std::string_view key, CopyOrigin& origin) {
  Loaded& loaded = origin.loaded;
  parse(origin.bytes, origin.frame, 0, loaded);
  if (loaded.opcodes.size == 0) {  // they would not mean the same elsewhere
    numpy::StoredValue& stored_value = origin.stored_value;
    stored_value.tree = std::move(loaded.tree);
    stored_value.value = loaded.value;
    stored_value.metadata = loaded.metadata;
    return write_anew(output, key, stored_value);
  }
  const std::uint64_t begin = output.at();
  write_filler_of(output, origin, key.size());
  return write_frame(output, key, begin, [&] {
    origin.put(output, kEntryHead + origin.frame.key_size, origin.tail());
    return origin.memo();
  });
}

// An array that is not portable, or whose trailer is another.
NewEntry copy_upgraded(Output& output, std::string_view key, CopyOrigin& origin) {
  numpy::StoredValue& stored_value = origin.stored_value;
  parse(origin.bytes, origin.frame, 0, origin.loaded);
  stored_value.arrays.push_back(portable_array(
      origin.array.array, mapped_in(&origin.file, origin.bytes, origin.frame.at)));
  stored_value.tree = std::move(origin.loaded.tree);
  stored_value.value = stored_value.tree.array(0);
  stored_value.metadata = origin.loaded.metadata;
  return write_anew(output, key, stored_value);
}

// An array that grows, with its room: its length must not come to lie across pages. False
// if it is none.
bool copy_growing(Output& output, std::string_view key, CopyOrigin& origin,
                  NewEntry& entry) {
  numpy::Growth growth;
  const bool grows =
      origin.kind == numpy::HeadKind::none
          ? numpy::read_growth(origin.bytes.slice(kFrameHead, origin.frame.body_size()),
                               growth)
          : origin.array.growth.grows;
  if (!grows) return false;
  parse(origin.bytes, origin.frame, 0, origin.loaded);
  if (!origin.loaded.growth.grows) {
    origin.loaded = Loaded();
    return false;
  }
  make_growing(origin.loaded, mapped_in(&origin.file, origin.bytes, origin.frame.at),
               rows_of_room(origin.loaded), origin.stored_value);
  entry = write_anew(output, key, origin.stored_value);
  return true;
}

// So that what stands there ends before the page does, if it can.
std::uint64_t filling_at(std::uint64_t at, std::uint64_t size) {
  constexpr std::uint64_t kEnough = 256;
  const std::uint64_t left = kPage - at % kPage;
  if (size + 3 > left) return 0;
  return std::min(kEnough, left - size);
}

// R metadata that begin at `at`: `size` bytes of them with the filling.
Output metadata_at(std::uint64_t at, const numpy::StoredValue& stored_value,
                   std::uint64_t filling, pickle::Memo& memo) {
  Output output(at);
  ValueWriter writer(stored_value);
  write_roomy_metadata(output, stored_value, memo, writer, filling);
  return output;
}

// Slots of the memo that the head of an array entry uses.
pickle::Memo memo_behind(const numpy::ArrayEntry& entry) {
  pickle::Memo memo;
  memo.reserve(entry.array.masked ? 2 : 1);
  return memo;
}

}  // namespace

CopiedEntry write_copy(Output& output, std::string_view key, const os::File& file,
                       const Image& bytes, const Frame& frame) {
  auto origin = std::make_shared<CopyOrigin>(file, bytes, frame);
  NewEntry entry;
  if (copy_growing(output, key, *origin, entry)) return {entry, origin};
  if (origin->kind == numpy::HeadKind::none) {
    entry = copy_value(output, key, *origin);
  } else if (origin->is_portable() && origin->array.key_at != 0) {
    entry = copy_array(output, key, *origin);
  } else {
    entry = copy_upgraded(output, key, *origin);
  }
  return {entry, origin};
}

CopiedEntry write_copy(Output& output, const numpy::StoredValue& metadata,
                       const os::File& file, const Image& bytes, const Frame& frame) {
  auto origin = std::make_shared<CopyOrigin>(file, bytes, frame);
  const std::string_view key = origin->bytes.slice(kEntryHead, frame.key_size).text();
  const std::uint64_t begin = output.at();
  write_padding_of(output, *origin, key.size());
  const NewEntry entry = write_frame(output, key, begin, [&] {
    origin->put(output, kEntryHead + frame.key_size, origin->metadata());
    const std::uint64_t at = output.at();
    pickle::Memo ignored = memo_behind(origin->array), memo = ignored;
    const std::uint64_t size = metadata_at(at, metadata, 0, ignored).size();
    ValueWriter writer(metadata);
    write_roomy_metadata(output, metadata, memo, writer, filling_at(at, size));
    return memo.used();
  });
  return {entry, origin};
}

bool write_over(Output& output, const numpy::StoredValue& metadata, const Image& bytes,
                const Frame& frame) {
  numpy::ArrayEntry entry;
  std::string problem;
  const Image body = bytes.slice(frame.body(), frame.body_size());
  if (read_array_entry(body, entry, problem) != numpy::HeadKind::array) return false;
  const std::uint64_t room = entry.metadata.size;
  const std::uint64_t at = frame.end() - kTailSize - room;
  if (room == 0 || at % kPage + room > kPage) return false;
  const std::uint64_t memo_at = frame.end() - kTailSize + 1;
  const std::uint32_t used = load_u32(bytes.bytes(memo_at, 4).data);
  const auto fits = [&](std::uint64_t filling) {
    pickle::Memo memo = memo_behind(entry);
    const Output made = metadata_at(at, metadata, filling, memo);
    if (made.size() != room || memo.used() != used) return false;
    std::string kept(room, '\0');
    made.copy_to(reinterpret_cast<std::uint8_t*>(&kept[0]));
    output = Output(at);
    output.put(std::string_view(kept));
    return true;
  };
  pickle::Memo memo = memo_behind(entry);
  const std::uint64_t size = metadata_at(at, metadata, 0, memo).size();
  if (size > room) return false;
  const std::uint64_t filling = room - size;
  return (filling == 0 || filling >= 3) && fits(filling);
}

bool is_same_array(const numpy::StoredValue& stored_value, const Image& bytes,
                   const Frame& frame) {
  const pickle::Node& root = stored_value.tree[stored_value.value];
  numpy::ArrayEntry entry;
  std::string problem;
  const Image body = bytes.slice(frame.body(), frame.body_size());
  if (root.tag != pickle::Tag::array ||
      read_array_entry(body, entry, problem) != numpy::HeadKind::array ||
      !entry.portable || entry.growth.grows) {
    return false;
  }
  const numpy::NewArray& array =
      stored_value.arrays[static_cast<std::size_t>(root.integer)];
  const bool fortran = entry.array.f_order() && !entry.array.c_order();
  return text(array.dtype) == text(entry.array.dtype) &&
         array.shape == entry.array.shape && array.fortran == fortran &&
         (array.mask != nullptr) == entry.array.masked;
}

}  // namespace mmappickle::store
