#include "r/view/pending.h"

#include <unordered_map>

#include "r/error.h"
#include "r/view/access.h"

namespace mmappickle {

namespace {

// Of each kind the first view since the last call.
struct Note {
  bool pending = false;
  std::string key, path;

  void set(const View& view) {
    if (pending) return;
    key = view.key;
    path = view.path;
    pending = true;
  }
  bool take(std::string* of, std::string* in) {
    if (pending) {
      of->swap(key);
      in->swap(path);
    }
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

void watch(const View& view, const std::shared_ptr<os::Mapping>& mapping) {
  watch(view.path, mapping);
}

void watch(const std::string& path, const std::shared_ptr<os::Mapping>& mapping) {
  if (mapping == nullptr) return;
  Watched& entry = watched()[mapping.get()];
  if (!entry.mapping.expired()) return;
  if (entry.damaged && !entry.told) return;  // of a mapping that had this address before
  entry = Watched{mapping, path, false, false};
}

void note_end(const View& view) noexcept {
  for (const os::Mapping* mapping : {view.mapping.get(), view.own.get()}) {
    if (mapping == nullptr || !mapping->damaged()) continue;
    const auto found = watched().find(mapping);
    if (found != watched().end()) found->second.damaged = true;
  }
}

void note_told(const View& view) {
  for (const os::Mapping* mapping : {view.mapping.get(), view.own.get()}) {
    const auto found = watched().find(mapping);
    if (found != watched().end()) found->second.told = true;
  }
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

bool may_round(const numpy::Dtype& dtype, numpy::RType type) {
  if (dtype.itemsize < 8) return false;
  return dtype.kind == numpy::Kind::unsigned_integer ||
         (dtype.kind == numpy::Kind::integer && type == numpy::RType::real);
}

bool may_have_to_say(const View& view) {
  if (view.inexact) return false;
  return view.type == numpy::RType::string || may_round(view.array.dtype, view.type);
}

namespace {

// True once after a view read bytes that were cut off its file, `path`.
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

}  // namespace

void raise_pending() {
  std::string path;
  if (take_damaged(&path)) {
    Error error(ErrorKind::stale,
                "A view read bytes that are gone: the file was cut while it was mapped.",
                "The values read there are zeros. Open the file again and run fsck().");
    error.path = path;
    throw error;
  }
  raise_noted();
}

void raise_noted() {
  Warnings warnings;
  std::string key, path;
  if (inexact_note().take(&key, &path)) warnings.push_back(rounded(key, path));
  if (escaped_note().take(&key, &path)) warnings.push_back(escaped(key));
  raise_warnings(warnings);
}

}  // namespace mmappickle
