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
  const Image bytes = writing.image();
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
      state.map.reset();  // Windows replaces no file that is mapped
    });
    state.fresh = false;
    retire(state.file, next_number(state.known.number));
  });
  const Reading reopened(store);
  return left;
}

}  // namespace mmappickle::store
