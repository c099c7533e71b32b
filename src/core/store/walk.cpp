#include "walk.h"

#include "../base/error.h"
#include "../numpy/array_form.h"
#include "padding.h"

namespace mmappickle::store {

Error damaged(std::uint64_t at, FrameStatus status, const char* problem) {
  const std::string what = status == FrameStatus::end
                               ? "the file ends without a terminator: it was cut off"
                               : problem;
  return Error(ErrorKind::format,
               "the file is damaged at offset " + std::to_string(at) + ": " + what,
               "fsck(path) reports what is left, and fsck(path, repair = TRUE) repairs "
               "what can be.",
               at);
}

Walk walk(const Image& file, Index& index) {
  index.clear();
  check_header(file);
  Walk found;
  Padding padding;
  Frame frame;
  const char* problem = nullptr;
  std::uint64_t at = kHeaderSize;
  for (;; at = frame.end()) {
    const FrameStatus status = parse_frame(file, at, frame, &problem);
    if (status == FrameStatus::terminator || status == FrameStatus::torn) {
      found.dead_bytes += padding.length;
      found.terminator = at;
      found.torn = status == FrameStatus::torn;
      return found;
    }
    if (status != FrameStatus::entry) {
      index.clear();
      throw damaged(at, status, problem);
    }
    const bool padded = belongs(file, padding, frame);
    if (!(padded && padding.swallowed != 0) &&
        numpy::has_array_head(file.slice(frame.value(), frame.value_size()))) {
      ++found.bare_heads;
    }
    if (frame.state != kLive) {
      found.dead_bytes += padding.length;
      padding = Padding{};
      if (!is_padding(file, frame, padding)) found.dead_bytes += frame.length;
      continue;
    }
    if (!padded) {
      found.dead_bytes += padding.length;
      padding = Padding{};
    }
    const Entry older =
        index.add(frame, padding.length, file.bytes(frame.key(), frame.key_size).text());
    if (older.length > 0) {
      found.dead_bytes += older.padding + older.length;
      found.duplicates.push_back(older.frame().state_at());
    }
    padding = Padding{};
  }
}

}  // namespace mmappickle::store
