// What views have to say but may not: a warning or a new error class cannot be raised
// inside an ALTREP method, so it is kept here until the next call into the package.
#include <unordered_map>

#include "view_access.h"

namespace mmappickle {

namespace {

// Of each kind the first view since the last call.
struct Note {
  bool pending = false;
  std::string key;

  void set(const View& view) {
    if (pending) return;
    key = view.key;
    pending = true;
  }
  bool take(std::string* of) {
    if (pending) of->swap(key);
    const bool was = pending;
    pending = false;
    return was;
  }
};
Note& inexact_note() {
  static Note& note = *new Note;  // as watched()
  return note;
}
Note& escaped_note() {
  static Note& note = *new Note;
  return note;
}

// A mapping that views were made of. Damage is seen by whoever reads the data pointer,
// without any method being called, so the mappings themselves are asked.
struct Watched {
  std::weak_ptr<os::Mapping> mapping;
  std::string path;
  bool damaged = false;  // found at the end of a view
  bool told = false;
};
using Table = std::unordered_map<const os::Mapping*, Watched>;

// Never destroyed: finalizers may run while the process ends.
Table& watched() {
  static Table& table = *new Table;
  return table;
}

}  // namespace

void watch(const View& view) {
  if (view.mapping == nullptr) return;
  Watched& entry = watched()[view.mapping.get()];
  if (!entry.mapping.expired()) return;
  if (entry.damaged && !entry.told) return;  // of a mapping that had this address before
  entry = Watched{view.mapping, view.path, false, false};
}

void note_end(const View& view) noexcept {
  if (view.mapping == nullptr || !view.mapping->damaged()) return;
  const auto found = watched().find(view.mapping.get());
  if (found != watched().end()) found->second.damaged = true;
}

void note_told(const View& view) {
  const auto found = watched().find(view.mapping.get());
  if (found != watched().end()) found->second.told = true;
}

void note_inexact(View& view) {
  if (view.inexact) return;
  inexact_note().set(view);
  view.inexact = true;
}

void note_escaped(View& view) {
  if (view.escaped) return;
  escaped_note().set(view);
  view.escaped = true;
}

bool take_inexact(std::string* key) { return inexact_note().take(key); }

bool take_escaped(std::string* key) { return escaped_note().take(key); }

bool take_damaged(std::string* path) {
  for (auto it = watched().begin(); it != watched().end();) {
    Watched& entry = it->second;
    const std::shared_ptr<os::Mapping> mapping = entry.mapping.lock();
    const bool damaged = entry.damaged || (mapping != nullptr && mapping->damaged());
    const bool news = damaged && !entry.told;
    if (news) {
      entry.told = true;
      *path = entry.path;
    }
    if (mapping == nullptr)
      it = watched().erase(it);
    else
      ++it;
    if (news) return true;
  }
  return false;
}

}  // namespace mmappickle
