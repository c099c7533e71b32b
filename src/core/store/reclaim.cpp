#include "reclaim.h"

#include <algorithm>

#include "context.h"
#include "load.h"
#include "padding.h"
#include "replace.h"
#include "state.h"

namespace mmappickle::store {

namespace {

// The whole blocks inside, which alone give space back.
Range whole_blocks(const Range& range) {
  const std::uint64_t begin = (range.first + kPage - 1) / kPage * kPage;
  const std::uint64_t end = (range.first + range.second) / kPage * kPage;
  return {begin, end > begin ? end - begin : 0};
}

// Where the data and masks of a dead entry's arrays lie.
std::vector<Range> array_data(const os::File& file, const Image& all, const Frame& frame,
                              const std::function<void()>& poll) {
  std::vector<Range> ranges;
  const auto add = [&](std::uint64_t at, std::uint64_t size) {
    if (at >= frame.at && all.slice(0, frame.end()).holds(at, size)) {
      ranges.emplace_back(at, size);
    }
  };
  const auto add_array = [&](const numpy::Array& array, std::uint64_t data,
                             std::uint64_t mask) {
    const std::uint64_t count = array.count();
    add(data, count * array.dtype.itemsize);
    if (mask != 0) add(mask, count * numpy::mask_itemsize(array.dtype));
  };
  try {
    numpy::ArrayEntry entry;
    std::string problem;
    const Image body = all.slice(frame.body(), frame.body_size());
    if (read_array_entry(body, entry, problem) == numpy::HeadKind::array) {
      add_array(entry.array, entry.data_at, entry.array.masked ? entry.mask_at : 0);
      return ranges;
    }
    std::shared_ptr<os::Mapping> map;
    if (all.data() == nullptr) {
      map = os::Mapping::of_range(file, frame.at, frame.length, false);
    }
    const Bytes bytes(map ? map->at(frame.at) : all.data() + frame.at, frame.length);
    const auto offset = [&](const std::uint8_t* data) -> std::uint64_t {
      const bool inside = data >= bytes.data && data < bytes.data + bytes.size;
      return inside ? frame.at + static_cast<std::uint64_t>(data - bytes.data) : 0;
    };
    Loaded loaded(poll);
    parse(bytes, frame, 0, loaded);
    for (const numpy::Array& array : own_arrays(loaded)) {
      add_array(array, offset(array.data), array.mask ? offset(array.mask) : 0);
    }
  } catch (const Error&) {  // what cannot be read goes with vacuum() only
    ranges.clear();
  }
  return ranges;
}

void punch(os::File& file, const Range& range, std::uint64_t size) {
  if (range.second == 0) return;
  const bool hole = file.next_data(range.first, size).begin >= range.first + range.second;
  if (!hole) file.punch(range.first, range.second);
}

std::vector<Range> dead_blocks(const os::File& file, const Image& image,
                               const std::function<void()>& poll,
                               const std::function<bool(const Range&)>& in_use) {
  std::vector<Range> blocks;
  Padding padding;
  each_entry(image, [&](const Frame& frame) {
    if (poll) poll();
    if (frame.state != kDead || frame.length < kPage) return;
    if (is_padding(image, frame, padding) || in_use({frame.at, frame.length})) return;
    for (const Range& range : array_data(file, image, frame, poll)) {
      blocks.push_back(whole_blocks(range));
    }
  });
  return blocks;
}

// As its first opcodes tell: what they do not tell of might be a value of any size.
bool is_array(const Image& image, const Frame& frame) {
  numpy::ArrayEntry entry;
  std::string problem;
  const Image body = image.slice(frame.body(), frame.body_size());
  return read_array_entry(body, entry, problem) == numpy::HeadKind::array ||
         numpy::read_growth(body, entry.growth);
}

// Below that, asking who has the file open costs more than it gives.
constexpr std::uint64_t kLarge = 1 << 20;

}  // namespace

void Writing::empty_dead(std::string_view key,
                         const std::function<bool(const Range&)>& in_use) {
  Store::State& state = *store_.state_;
  const Index::Slot slot = state.index.find(key);
  // (What takes as long as the file has entries is for large arrays alone.)
  if (slot == Index::kNone || state.index[slot].length < kLarge) return;
  try {
    const Image image = state.image();
    std::vector<Range> blocks;
    each_entry(image, [&](const Frame& frame) {
      if (frame.state != kDead || frame.length < kLarge ||
          image.bytes(frame.key(), frame.key_size).text() != key ||
          !is_array(image, frame) || (in_use && in_use({frame.at, frame.length}))) {
        return;
      }
      for (const Range& range : array_data(state.file, image, frame, {})) {
        blocks.push_back(whole_blocks(range));
      }
    });
    if (blocks.empty() || !state.file.is_alone()) return;
    for (const Range& range : blocks) punch(state.file, range, state.size);
  } catch (const Error&) {
  }
}

std::uint64_t reclaim(Store& store, bool force,
                      const std::function<bool(const Range&)>& in_use) {
  return in_context(store.path(), {}, [&]() -> std::uint64_t {
    const Writing writing(store);
    const os::Status before = writing.status();
    if (!force) {
      check_unused(
          before,
          "Close it there first: what they still view of deleted values would turn "
          "into zeros.");
    }
    Store::State& state = *store.state_;
    const std::function<void()>& poll = state.options.poll;
    const std::vector<Range> blocks =
        dead_blocks(state.file, state.image(), poll, in_use);
    state.map.reset();  // Windows punches no file that is mapped
    for (const Range& range : blocks) {
      if (poll) poll();
      punch(state.file, range, before.size);
    }
    const std::uint64_t after = writing.status().allocated;
    return before.allocated > after ? before.allocated - after : 0;
  });
}

}  // namespace mmappickle::store
