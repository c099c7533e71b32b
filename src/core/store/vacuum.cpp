#include "vacuum.h"

#include <algorithm>

#include "context.h"
#include "replace.h"
#include "rewrite.h"
#include "state.h"

namespace mmappickle::store {

namespace {

// What vacuum() leaves of the file, more or less.
double live_bytes(const Index& index) {
  double total = 1;
  for (const Index::Slot slot : index.live()) {
    total += static_cast<double>(index[slot].length);
  }
  return total;
}

// All of the new file: header, live entries with what they need, terminator. Keys of the
// entries that could not be upgraded.
std::vector<std::string> write_file(const Writing& writing, const os::File& from,
                                    Appender& to, bool upgrade, bool keep_room) {
  const Image bytes = writing.image();
  const Index& index = writing.index();
  Rewriter out(to, next_number(writing.commit_number()), keep_room);
  std::vector<std::string> left;
  for (const Index::Slot slot : index.live()) {
    const Frame frame = index[slot].frame();
    if (upgrade && out.upgrade(&from, bytes, frame)) continue;
    if (upgrade) left.emplace_back(index.key(slot));
    out.copy(&from, bytes, frame);
  }
  out.finish();
  return left;
}

// Whether the new file would be the old one, but for its number.
bool is_compact(const Writing& writing, const os::File& file, bool upgrade,
                bool keep_room, const std::function<void()>& poll,
                std::vector<std::string>& left) {
  const Image bytes = writing.image();
  const Index& index = writing.index();
  std::uint64_t at = kHeaderSize;
  for (const Index::Slot slot : index.live()) {
    const Frame frame = index[slot].frame();
    if (!stands_as_written(&file, bytes, frame, at, upgrade, keep_room, left, poll)) {
      return false;
    }
    at = frame.end();
  }
  return at + kTerminatorSize == bytes.size();
}

}  // namespace

std::vector<std::string> vacuum(Store& store, bool force, bool upgrade,
                                const std::function<void(double)>& progress,
                                bool keep_room) {
  Store::State& state = *store.state_;
  std::vector<std::string> left;
  in_context(state.path, {}, [&] {
    Writing writing(store);
    check_alone(writing.status(), force);
    if (is_compact(writing, state.file, upgrade, keep_room, state.options.poll, left)) {
      return;
    }
    left.clear();
    const double total = live_bytes(writing.index());
    const Appender* to = nullptr;
    const auto tick = [&] {
      if (progress && to) progress(std::min(1.0, static_cast<double>(to->at()) / total));
      if (state.options.poll) state.options.poll();
    };
    const auto put = [&](Appender& out) {
      to = &out;
      left = write_file(writing, state.file, out, upgrade, keep_room);
      state.map.reset();  // Windows replaces no file that is mapped
    };
    replace_file(state.path, *state.system, tick, put, [&] { writing.let_go(); });
    state.fresh = false;
    invalidate(state.file, next_number(state.known.number));
  });
  const Reading reopened(store);
  return left;
}

}  // namespace mmappickle::store
