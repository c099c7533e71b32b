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
std::vector<Range> array_data(Bytes file, const Frame& frame) {
  std::vector<Range> ranges;
  const auto add = [&](const std::uint8_t* data, std::uint64_t size) {
    const Bytes entry = file.slice(frame.at, frame.length);
    if (data < entry.data || data > entry.data + entry.size) return;
    const auto at = static_cast<std::uint64_t>(data - entry.data);
    if (entry.holds(at, size)) ranges.emplace_back(frame.at + at, size);
  };
  try {
    Loaded loaded;
    parse(file, frame, loaded);
    for (const numpy::Array& array : own_arrays(loaded)) {
      const std::uint64_t count = array.count();
      add(array.data, count * array.dtype.itemsize);
      if (array.masked) add(array.mask, count * numpy::mask_itemsize(array.dtype));
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

void punch_dead(os::File& file, Bytes bytes, const std::function<void()>& poll,
                const std::function<bool(const Range&)>& in_use) {
  Padding padding;
  Frame frame;
  const char* problem = nullptr;
  for (std::uint64_t at = kHeaderSize; look_at(bytes, at, frame, &problem) == Step::entry;
       at = frame.end()) {
    if (poll) poll();
    if (frame.state != kDead || frame.length < kPage) continue;
    if (is_padding(bytes, frame, padding) || in_use({frame.at, frame.length})) continue;
    for (const Range& range : array_data(bytes, frame)) {
      punch(file, whole_blocks(range), bytes.size);
    }
  }
}

}  // namespace

std::uint64_t reclaim(Store& store, bool force,
                      const std::function<bool(const Range&)>& in_use) {
  return in_context(store.path(), {}, [&]() -> std::uint64_t {
    const Writing writing(store);
    const os::Status before = writing.status();
    if (!force) check_alone(before, false);
    Store::State& state = *store.state_;
    punch_dead(state.file, state.bytes(), state.options.poll, in_use);
    const std::uint64_t after = writing.status().allocated;
    return before.allocated > after ? before.allocated - after : 0;
  });
}

}  // namespace mmappickle::store
