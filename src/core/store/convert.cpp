#include "convert.h"

#include "../files/content.h"
#include "../files/torch.h"
#include "context.h"
#include "dict.h"
#include "load.h"
#include "locked_file.h"
#include "plain_pickle.h"
#include "replace.h"
#include "rewrite.h"
#include "walk.h"

namespace mmappickle::store {

namespace {

LockedFile open_locked(const std::string& path, bool writing,
                       const ConvertOptions& options, os::SystemCalls& system) {
  Options how;
  how.lock_timeout = options.lock_timeout;
  how.poll = options.poll;
  try {
    return store::open_locked(path, writing, how, system);
  } catch (Error& error) {
    if (writing && error.cause == "EACCES") {
      error.hint = "Choose another name, or change the file's permissions.";
    }
    throw;
  }
}

// What is converted: bytes, and the file in which they are mapped, if any.
struct Input {
  Bytes bytes;
  const os::File* file = nullptr;
  const std::vector<files::ZipMember>* beside = nullptr;  // see files::Content
};

// Entry by entry: with R metadata, and without what is dead or was never finished.
Converted convert_mmapdict(const Input& from, Appender& to) {
  Index index;
  walk(from.bytes, index);
  Rewriter out(to, 0);
  for (const Index::Slot slot : index.live()) {
    const std::string_view key = index.key(slot);
    check_key(key);
    in_context({}, key, [&] {
      const Frame frame = index[slot].frame();
      if (out.upgrade(from.file, from.bytes, frame)) return;
      Loaded loaded;
      parse(from.bytes, frame, loaded);  // an Error says why it cannot be read
      out.copy(from.file, from.bytes, frame);
    });
  }
  out.finish();
  return {index.count(), from.bytes.size, 0};
}

Converted convert_plain(const Input& from, Appender& to, const ConvertOptions& options) {
  const std::function<void()>& poll = options.poll;
  if (from.bytes.size == 0) {
    throw Error(ErrorKind::format, "There is no pickle: there are no bytes.", {}, 0);
  }
  numpy::StoredValue stored_value(poll);
  const pickle::Pickle found = read_any_pickle(stored_value.tree, from.bytes, 0);
  decode_strings(stored_value.tree, options.encoding);
  files::put_tensors(stored_value.tree, *from.beside);
  const std::vector<Member> members =
      members_of(stored_value.tree, found.root, found.metadata);
  stored_value.value = found.root;
  stored_value.metadata = found.metadata;
  make_portable(stored_value, mapped_in(from.file, from.bytes),
                portable_budget(from.bytes.size));

  Rewriter out(to, 0);
  ValueWriter writer(stored_value);
  for (const Member& member : members) {
    if (poll) poll();
    stored_value.value = member.value;
    stored_value.metadata = member.metadata;
    in_context({}, member.key, [&] { out.put(member.key, stored_value, writer); });
  }
  out.finish();
  return {members.size(), found.consumed, from.bytes.size - found.consumed};
}

// The new file in its place. `release` gives up maps, and `let_go` handles, that stand in
// its way on Windows.
Converted write_file(const Input& from, const std::string& to,
                     const ConvertOptions& options, os::SystemCalls& system,
                     const std::function<void()>& release,
                     const std::function<void()>& let_go) {
  Converted converted;
  const auto put = [&](Appender& out) {
    converted = has_header(from.bytes) ? convert_mmapdict(from, out)
                                       : convert_plain(from, out, options);
    release();
  };
  replace_file(to, system, options.poll, put, let_go);
  return converted;
}

[[noreturn]] void fail_exists(const std::string& to) {
  Error error(ErrorKind::io, "there is a file '" + to + "' already",
              "Choose another name, or say overwrite = TRUE.");
  error.cause = "EEXIST";
  error.path = to;
  throw error;
}

// The file that is to be replaced, if there is one.
LockedFile lock_old(const std::string& to, const ConvertOptions& options,
                    os::SystemCalls& system) {
  bool exists = false;
  os::status_of(to, exists, system);
  if (!exists) return {};
  if (!options.overwrite) fail_exists(to);
  LockedFile held = open_locked(to, true, options, system);
  check_alone(held.file.status(), false);
  return held;
}

}  // namespace

Converted convert_file(const std::string& from, const std::string& to,
                       const ConvertOptions& options, os::SystemCalls& system) {
  return in_context(from, {}, [&] {
    bool exists = false, there = false;
    const os::Identity identity = os::status_of(from, exists, system).identity;
    const os::Status old = os::status_of(to, there, system);
    const bool same = exists && there && old.identity == identity;
    LockedFile source = open_locked(from, same, options, system);
    if (same) check_alone(source.file.status(), false);
    LockedFile target = same ? LockedFile() : lock_old(to, options, system);
    const std::uint64_t size = source.file.status().size;
    std::shared_ptr<os::Mapping> mapping = os::Mapping::of(source.file, size);
    const Bytes whole(mapping->data(), size);
    const files::Content content(whole, options.poll);
    const bool is_whole = content.bytes().data == whole.data && content.is_inside();
    const Input input{content.bytes(), is_whole ? &source.file : nullptr,
                      &content.beside()};
    const auto release = [&] {
      check_uncut(*mapping);
      mapping.reset();
    };
    try {
      return write_file(input, to, options, system, release,
                        [&] { (same ? source : target).let_go(); });
    } catch (Error& error) {
      if (error.kind != ErrorKind::io) error.path = from;
      throw;
    }
  });
}

Converted convert_bytes(Bytes from, const std::string& to, const ConvertOptions& options,
                        os::SystemCalls& system) {
  return in_context(options.source, {}, [&] {
    LockedFile target = lock_old(to, options, system);
    const files::Content content(from, options.poll);
    return write_file(
        Input{content.bytes(), nullptr, &content.beside()}, to, options, system, [] {},
        [&] { target.let_go(); });
  });
}

}  // namespace mmappickle::store
