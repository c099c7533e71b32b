#include "vacuum.h"

#include <algorithm>

#include "context.h"
#include "replace.h"
#include "rewrite.h"
#include "state.h"

namespace mmappickle::store {

namespace {

// All of the new file: header, live entries with what they need, terminator. Keys of the
// entries that could not be upgraded.
std::vector<std::string> write_file(const Writing& writing, const os::File& from,
                                    os::File& to, bool upgrade,
                                    const std::function<void()>& poll,
                                    const std::function<void(double)>& progress) {
  const Bytes bytes = writing.file();
  const Index& index = writing.index();
  const std::vector<Index::Slot> slots = index.live();
  double total = 1;
  for (const Index::Slot slot : slots) total += static_cast<double>(index[slot].length);

  const Rewriter* place = nullptr;
  const std::function<void()> tick = [&] {
    if (poll) poll();
    if (progress) progress(std::min(1.0, static_cast<double>(place->at()) / total));
  };
  Rewriter out(to, next_number(writing.commit_number()), tick);
  place = &out;
  std::vector<std::string> left;
  for (const Index::Slot slot : slots) {
    const Frame frame = index[slot].frame();
    if (upgrade && out.upgrade(&from, bytes, frame)) continue;
    if (upgrade) left.emplace_back(index.key(slot));
    out.copy(&from, bytes, frame);
  }
  out.finish();
  return left;
}

// The new file is in its place, and whole, whatever becomes of this.
void finish(os::File& old, std::uint64_t terminator, std::int32_t number) {
  // For those who still have the old file open and do not look whether it was replaced:
  // at zeros behind the terminator the Python library raises an error.
  std::uint8_t bytes[kTerminatorSize] = {};
  try {
    old.write_at(terminator + kTerminatorSize, Bytes(bytes, kTerminatorSize));
    store_le(bytes, static_cast<std::uint32_t>(next_number(number)), 4);
    old.write_at(kNumberOffset, Bytes(bytes, 4));
  } catch (const Error&) {
  }
}

}  // namespace

std::vector<std::string> vacuum(Store& store, bool force, bool upgrade,
                                const std::function<void(double)>& progress) {
  Store::State& state = *store.state_;
  std::vector<std::string> left;
  in_context(state.path, {}, [&] {
    const Writing writing(store);
    check_alone(writing.status(), force);
    replace_file(state.path, *state.seam, [&](os::File& file) {
      left = write_file(writing, state.file, file, upgrade, state.options.poll, progress);
      state.frames.reset();  // Windows replaces no file that is mapped
      state.views.reset();
    });
    state.fresh = false;
    finish(state.file, state.found.terminator, state.known.number);
  });
  const Reading reopened(store);
  return left;
}

}  // namespace mmappickle::store
