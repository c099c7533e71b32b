#include "vacuum.h"

#include <algorithm>

#include "../numpy/recognise.h"
#include "appender.h"
#include "context.h"
#include "load.h"
#include "padding.h"
#include "state.h"

namespace mmappickle::store {

namespace {

constexpr std::uint64_t kAlignment = 64;
// Smaller entries are not searched for holes: a block of a file system has 4 KiB or more.
constexpr std::uint64_t kMayBeSparse = 1 << 16;
// How an array inside another value begins: numpy.ndarray.
constexpr std::string_view kNested("\x8c\x05numpy\x8c\x07ndarray\x93");

// What has to stand before an entry at its new place.
struct Need {
  enum { nothing, padding, alignment } what = nothing;
  numpy::NewArray array;      // padding: as far as its padding goes
  std::uint64_t aligned = 0;  // alignment: what is to stand at a multiple of 64
};

// The parts of an entry that are no holes.
template <class Visitor>
void visit_data(const os::File& file, const Frame& frame, Visitor&& visitor) {
  if (frame.length < kMayBeSparse) return visitor(frame.at, frame.end());
  for (std::uint64_t at = frame.at; at < frame.end();) {
    const os::File::Range range = file.next_data(at, frame.end());
    visitor(range.begin, range.end);
    at = range.end;
  }
}

Need need_of(const os::File& file, Bytes bytes, const Frame& frame) {
  Need need;
  numpy::ArrayEntry entry;
  std::string problem;
  const numpy::HeadKind kind = numpy::read_array_entry(
      bytes.slice(frame.body(), frame.body_size()), entry, problem);
  if (kind == numpy::HeadKind::damaged) return need;
  if (kind == numpy::HeadKind::array) {
    if (!entry.portable) return need;
    need.what = Need::padding;
    need.array.dtype = entry.array.dtype;
    need.array.shape = entry.array.shape;
    if (entry.array.masked) need.array.mask = hole_source(0);
    return need;
  }
  bool nested = false;
  visit_data(file, frame, [&](std::uint64_t begin, std::uint64_t end) {
    const std::string_view text = bytes.slice(begin, end - begin).text();
    nested = nested || text.find(kNested) != std::string_view::npos;
  });
  // All arrays nested in an entry are aligned if one is.
  if (!nested) return need;
  try {
    Loaded loaded;
    parse(bytes, frame, loaded);
    numpy::Recogniser recogniser(loaded.tree);
    for (pickle::Id id = 0; id < loaded.tree.size(); ++id) {
      const numpy::Recognised found = recogniser.recognise(id);
      const std::uint8_t* data = found.array.data;
      if (found.found != numpy::Found::array || data < bytes.data + frame.at ||
          data >= bytes.data + frame.end()) {
        continue;
      }
      need.what = Need::alignment;
      need.aligned = static_cast<std::uint64_t>(data - bytes.data) - frame.at;
      return need;
    }
  } catch (const Error&) {  // what cannot be read is copied as it is
  }
  return need;
}

void copy(const os::File& file, Bytes bytes, const Frame& frame, Appender& out) {
  const std::uint64_t begin = out.at();
  visit_data(file, frame, [&](std::uint64_t from, std::uint64_t to) {
    const std::uint64_t hole = begin + (from - frame.at) - out.at();
    if (hole > 0) out.skip(hole);
    if (to > from) out.put(bytes.slice(from, to - from));
  });
}

// All of the new file: header, live entries with what they need, terminator.
void write_file(const Writing& writing, const os::File& from, os::File& to,
                const std::function<void()>& poll,
                const std::function<void(double)>& progress) {
  const Bytes bytes = writing.file();
  const Index& index = writing.index();
  const std::vector<Index::Slot> slots = index.live();
  double total = 1;
  for (const Index::Slot slot : slots) total += static_cast<double>(index[slot].length);

  const Appender* place = nullptr;
  const std::function<void()> tick = [&] {
    if (poll) poll();
    if (progress) progress(std::min(1.0, static_cast<double>(place->at()) / total));
  };
  Appender out(to, 0, tick);
  place = &out;

  std::string header(empty_file().substr(0, kHeaderSize));
  store_le(reinterpret_cast<std::uint8_t*>(&header[kNumberOffset]),
           static_cast<std::uint32_t>(next_number(writing.commit_number())), 4);
  out.put(Bytes(header));
  for (const Index::Slot slot : slots) {
    const Frame frame = index[slot].frame();
    const Need need = need_of(from, bytes, frame);
    Draft before(out.at());
    if (need.what == Need::padding) {
      numpy::write_padding(before, frame.key_size, need.array);
    } else if (need.what == Need::alignment) {
      write_filler(before, kAlignment - need.aligned % kAlignment);
    }
    before.visit([&](std::uint64_t, const auto& piece) { out.put(piece); });
    copy(from, bytes, frame, out);
  }
  out.put(Bytes(kTerminator));
  out.flush();
}

void check_alone(const os::Status& status, bool force) {
  if (status.links > 1) {
    throw Error(ErrorKind::io,
                "the file has " + std::to_string(status.links) +
                    " hard links: the others would keep the old content",
                "Remove the other links, or copy the file and vacuum the copy.");
  }
  if (force) return;
  const std::vector<std::uint64_t> users = os::users_of(status.identity);
  if (users.empty()) return;
  std::string ids;
  for (const std::uint64_t id : users)
    ids += (ids.empty() ? "" : ", ") + std::to_string(id);
  throw Error(ErrorKind::busy, "other processes have the file open: " + ids,
              "Close it there first: what they write to the old file would be lost.");
}

void remove_quietly(const std::string& path, os::Seam& seam) {
  try {
    os::remove(path, seam);
  } catch (const Error&) {
  }
}

// The new file is in its place, and whole, whatever becomes of this.
void finish(const std::string& target, os::File& old, std::uint64_t terminator,
            std::int32_t number) {
  try {
    os::sync_folder_of(target, old.seam());
  } catch (const Error&) {
  }
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

void vacuum(Store& store, bool force, const std::function<void(double)>& progress) {
  Store::State& state = *store.state_;
  in_context(state.path, {}, [&] {
    const Writing writing(store);
    check_alone(writing.status(), force);
    const std::string target = os::resolve(state.path);
    const std::string fresh = target + ".vacuum-" + std::to_string(os::process_id());
    bool exists = false;
    os::status_of(fresh, exists);
    if (exists) os::remove(fresh, *state.seam);  // of one that was killed
    try {
      os::File file = os::File::open(fresh, os::Access::create_new, *state.seam);
      os::copy_owner(state.file, file);
      write_file(writing, state.file, file, state.options.poll, progress);
      file.sync();
      state.frames.reset();  // Windows replaces no file that is mapped
      state.views.reset();
      os::rename(fresh, target, *state.seam);
    } catch (Error& error) {
      error.path = state.path;  // the words name the new file where they mean it
      remove_quietly(fresh, *state.seam);
      throw;
    } catch (...) {
      remove_quietly(fresh, *state.seam);
      throw;
    }
    state.fresh = false;
    finish(target, state.file, state.found.terminator, state.known.number);
  });
  const Reading reopened(store);
}

}  // namespace mmappickle::store
