#include "rewrite.h"

#include <type_traits>

#include "../numpy/array_form.h"
#include "../numpy/recognise.h"
#include "../os/file_source.h"
#include "../os/map.h"
#include "../pickle/opcodes.h"
#include "grow.h"
#include "load.h"
#include "padding.h"

namespace mmappickle::store {

namespace op = pickle::op;

namespace {

constexpr std::uint64_t kAlignment = 64;
// Smaller entries are not searched for holes: a block of a file system has 4 KiB or more.
constexpr std::uint64_t kMayBeSparse = 1 << 16;
// How an array inside another value begins: numpy.ndarray.
constexpr std::string_view kNested("\x8c\x05numpy\x8c\x07ndarray\x93");

// An entry on its way from file to file.
class Original {
 public:
  Original(const os::File* file, const Image& all, const Frame& frame,
           const std::function<void()>& poll)
      : frame(frame),
        poll(poll),
        file_(file, [](const os::File*) {}),
        image_(all.slice(frame.at, frame.length)) {}
  const Frame& frame;
  const std::function<void()>& poll;

  Image body() const { return image_.slice(frame.body() - frame.at, frame.body_size()); }
  // All of it, mapped if need be. Error where it cannot be.
  Bytes bytes() const {
    if (image_.data() != nullptr) return image_.bytes(0, frame.length);
    if (!map_) {
      map_ = os::Mapping::of_range(*file_, frame.at, frame.length, false);
    }
    return Bytes(map_->at(frame.at), frame.length);
  }
  numpy::SourceOf parts() const { return mapped_in(file_.get(), bytes(), frame.at); }
  // What stands behind the frame's head.
  std::shared_ptr<const Source> inside() const {
    const std::uint64_t size = frame.length - kFrameHead;
    if (image_.data() != nullptr) return parts()(bytes().from(kFrameHead));
    return os::file_source(file_, frame.body(), size);
  }

 private:
  std::shared_ptr<const os::File> file_;
  Image image_;
  mutable std::shared_ptr<os::Mapping> map_;
};

bool has_nested(const Original& entry) {
  const std::shared_ptr<const Source> source = entry.parts()(entry.bytes());
  const Bytes bytes = source->in_memory();
  if (bytes.size < kMayBeSparse) return bytes.text().find(kNested) != kNested.npos;
  for (std::uint64_t at = 0; at < bytes.size;) {
    const Source::Range data = source->next_data(at);
    const std::string_view part = bytes.slice(data.begin, data.end - data.begin).text();
    if (part.find(kNested) != std::string_view::npos) return true;
    at = data.end;
  }
  return false;
}

// Where in an entry that is no array the data of a nested one begin, if these were
// aligned as all are that this package writes inside of values. 0: there is none.
std::uint64_t first_nested(const Original& original) {
  try {
    if (!has_nested(original)) return 0;
    const Bytes entry = original.bytes();
    Loaded loaded(original.poll);
    parse(entry, original.frame, 0, loaded);
    for (const numpy::Array& array : own_arrays(loaded)) {
      if (array.data >= entry.data && array.data < entry.data + entry.size) {
        return static_cast<std::uint64_t>(array.data - entry.data);
      }
    }
  } catch (const Error&) {  // what cannot be read is copied as it is
  }
  return 0;
}

// What has to stand before an entry at its new place.
void write_header(Output& output, const Original& original) {
  numpy::ArrayEntry entry;
  std::string problem;
  const numpy::HeadKind kind = read_array_entry(original.body(), entry, problem);
  if (kind == numpy::HeadKind::none) {
    const std::uint64_t data = first_nested(original);
    if (data != 0) write_filler(output, kAlignment - data % kAlignment);
  } else if (kind == numpy::HeadKind::array && entry.portable) {
    numpy::NewArray array;  // as far as its padding goes
    array.dtype = entry.array.dtype;
    array.shape = entry.array.shape;
    if (entry.array.masked) array.mask = hole_source(0);
    numpy::write_padding(output, original.frame.key_size, array);
  }
}

// Bytes that a growing array may have more than its rows take, for its length's sake.
constexpr std::uint64_t kSlack = 4;

// Whether the entry is a growing array, whose length must not come to lie across pages:
// it is written anew, whatever else is copied.
bool is_growing(const Original& original) {
  numpy::ArrayEntry entry;
  std::string problem;
  const Image body = original.body();
  return numpy::read_growth(body, entry.growth) ||
         (read_array_entry(body, entry, problem) == numpy::HeadKind::array &&
          entry.growth.grows);
}

// False if nothing has to be changed. Error where the value cannot be read, or written.
bool make_portable(const Original& original, numpy::StoredValue& stored_value) {
  numpy::ArrayEntry entry;
  std::string problem;
  const numpy::HeadKind kind = read_array_entry(original.body(), entry, problem);
  if (kind == numpy::HeadKind::damaged) throw Error(ErrorKind::format, problem);
  if (kind == numpy::HeadKind::array && entry.portable) return false;
  if (is_growing(original)) return false;
  const numpy::SourceOf source_of = original.parts();
  if (kind == numpy::HeadKind::array) {
    const Frame& frame = original.frame;
    const Bytes body = original.bytes().slice(kFrameHead, frame.body_size());
    read_array_entry(body, entry, problem);  // its data in memory
    stored_value.arrays.push_back(portable_array(entry.array, source_of));
    stored_value.value = stored_value.tree.array(0);
    return true;
  }
  Loaded loaded(original.poll);
  parse(original.bytes(), original.frame, 0, loaded);
  stored_value.tree = std::move(loaded.tree);
  stored_value.value = loaded.value;
  stored_value.metadata = loaded.metadata;
  return numpy::make_portable(stored_value, source_of,
                              portable_budget(original.frame.length));
}

}  // namespace

numpy::SourceOf mapped_in(const os::File* file, Bytes bytes, std::uint64_t begin) {
  if (file == nullptr) return memory_source;
  const std::shared_ptr<const os::File> borrowed(std::shared_ptr<void>(), file);
  return [borrowed, bytes, begin](Bytes part) -> std::shared_ptr<const Source> {
    const bool inside = part.data >= bytes.data && part.data < bytes.data + bytes.size;
    if (!inside) return memory_source(part);  // made by a reader
    const auto offset = static_cast<std::uint64_t>(part.data - bytes.data);
    return os::mapped_source(borrowed, begin + offset, part);
  };
}

namespace {

bool is_same(const Output& output, const Image& there) {
  bool same = output.size() == there.size();
  output.visit([&](std::uint64_t at, const auto& piece) {
    if constexpr (std::is_same_v<std::decay_t<decltype(piece)>, Bytes>) {
      same = same && there.bytes(at - output.origin(), piece.size).text() == piece.text();
    } else {
      same = false;  // what stands before an entry is in memory
    }
  });
  return same;
}

}  // namespace

bool stands_as_written(const os::File* file, const Image& bytes, const Frame& frame,
                       std::uint64_t at, bool upgrade, bool keep_room,
                       std::vector<std::string>& left,
                       const std::function<void()>& poll) {
  const Original original(file, bytes, frame, poll);
  if (is_growing(original)) {
    Loaded loaded;
    parse(original.bytes(), frame, 0, loaded);
    const numpy::Growth& growth = loaded.growth;
    if (growth.grows && (growth.behind || !growth.is_atomic() ||
                         (!keep_room && room_of(loaded) > kSlack))) {
      return false;
    }
  }
  Output before(at);
  write_header(before, original);
  if (at > frame.at || before.size() != frame.at - at ||
      !is_same(before, bytes.slice(at, before.size()))) {
    return false;
  }
  if (!upgrade) return true;
  numpy::StoredValue ignored;
  try {
    return !make_portable(original, ignored);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::format && error.kind != ErrorKind::unsupported) throw;
    left.emplace_back(bytes.bytes(frame.key(), frame.key_size).text());
    return true;
  }
}

Rewriter::Rewriter(Appender& out, std::int32_t number, bool keep_room)
    : keep_room_(keep_room), out_(out) {
  std::string header(empty_file().substr(0, kHeaderSize));
  store_le(reinterpret_cast<std::uint8_t*>(&header[kNumberOffset]),
           static_cast<std::uint32_t>(number), 4);
  out_.put(Bytes(header));
}

// False: it is no array that grows.
bool Rewriter::grow(const os::File* file, const Image& bytes, const Frame& frame) {
  const Original original(file, bytes, frame, out_.poll());
  if (!is_growing(original)) return false;
  Loaded loaded;
  parse(original.bytes(), frame, 0, loaded);
  if (!loaded.growth.grows) return false;
  const std::string key(bytes.bytes(frame.key(), frame.key_size).text());
  numpy::StoredValue stored_value;
  make_growing(loaded, original.parts(), keep_room_ ? rows_of_room(loaded) : 0,
               stored_value);
  Output output(out_.at());
  const NewEntry entry = write_entry(output, key, stored_value);
  output.patch(entry.state_at, kLive, 1);
  out_.put(output);
  return true;
}

void Rewriter::copy(const os::File* file, const Image& bytes, const Frame& frame) {
  if (grow(file, bytes, frame)) return;
  const Original original(file, bytes, frame, out_.poll());
  Output output(out_.at());
  write_header(output, original);
  output.put(op::FRAME);
  output.put_le(frame.length - kFrameHead, 8);
  out_.put(output);
  out_.put(*original.inside());
}

bool Rewriter::upgrade(const os::File* file, const Image& bytes, const Frame& frame) {
  Output output(out_.at());
  const std::string key(bytes.bytes(frame.key(), frame.key_size).text());
  const Original original(file, bytes, frame, out_.poll());
  numpy::StoredValue stored_value;
  try {
    if (!make_portable(original, stored_value)) {
      copy(file, bytes, frame);
      return true;
    }
    const NewEntry entry = write_entry(output, key, stored_value);
    output.patch(entry.state_at, kLive, 1);
  } catch (const Error& error) {
    if (error.kind != ErrorKind::format && error.kind != ErrorKind::unsupported) throw;
    return false;
  }
  out_.put(output);
  return true;
}

void Rewriter::put(std::string_view key, const numpy::StoredValue& stored_value,
                   ValueWriter& writer) {
  Output output(out_.at());
  const NewEntry entry = write_entry(output, key, stored_value, writer);
  output.patch(entry.state_at, kLive, 1);
  out_.put(output);
}

void Rewriter::finish() { out_.put(Bytes(kTerminator)); }

}  // namespace mmappickle::store
