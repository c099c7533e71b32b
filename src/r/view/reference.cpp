#include "r/view/reference.h"

#include <cstring>

#include "core/store/reference.h"
#include "r/error.h"
#include "r/interrupt.h"
#include "r/view/view.h"

namespace mmappickle {

namespace {

store::Part part_of(const View& view) {
  return {view.of == View::Of::bytes, file_array(view)};
}

Bytes entry_of(const os::Mapping& mapping, const store::Frame& frame) {
  return {mapping.at(frame.at), frame.length};
}

std::string pack(const View& view, const EntryWatch& watch) {
  const Bytes entry = entry_of(*view.mapping, watch.frame());
  store::Reference out;
  out.path = view.path;
  out.key = view.key;
  out.inode = view.mapping->identity().inode;
  out.number = watch.first_number();
  out.at = watch.frame().at;
  out.content = store::content_of(entry);
  out.part = store::name_of(part_of(view), entry.data);
  out.type = static_cast<std::uint8_t>(view.type);
  out.reversed = view.reversed;
  return store::put_reference(out);
}

[[noreturn]] void fail_changed(const store::Reference& reference) {
  Error error(ErrorKind::stale,
              "the entry" + of_key(reference.key) +
                  " that this vector refers to was moved or changed in '" +
                  reference.path + "'",
              "Read it from the file again; or serialize the values themselves, without "
              "options(mmappickle.by_reference = TRUE).");
  error.path = reference.path;
  error.key = reference.key;
  throw error;
}

// A file that references were read of, and the entry that the last one was in: the next
// one may be in the same.
struct Source {
  std::unique_ptr<store::Store> store;
  std::string key;
  std::weak_ptr<const EntryWatch> entry;
  std::weak_ptr<os::Mapping> mapping;
  std::unordered_map<std::uint64_t, store::Part> parts;  // by name, of that entry
};

// Open as long as views of the entry live. Never destroyed, as finalizers are late.
std::unordered_map<std::string, Source>& sources() {
  static auto& known = *new std::unordered_map<std::string, Source>;
  return known;
}

Source& source_of(const store::Reference& reference) {
  for (auto it = sources().begin(); it != sources().end();) {
    it = it->second.entry.expired() ? sources().erase(it) : std::next(it);
  }
  // Before it is opened: a pipe would wait for ever.
  bool exists = false;
  const os::Status status = os::status_of(reference.path, exists);
  if (exists && (!status.regular || status.identity.inode != reference.inode)) {
    fail_changed(reference);
  }
  Source& source = sources()[reference.path];
  if (source.store == nullptr) {
    store::Options options;
    options.readonly = true;
    options.create = false;
    options.poll = poll_interrupt;
    options.warn_lock = [](const std::string&) {};
    source.store = store::Store::open(reference.path, options);
  }
  return source;
}

// Reads the entry, and what it holds.
std::shared_ptr<const EntryWatch> load(const store::Reference& reference,
                                       Source& source) {
  const store::Reading reading(*source.store);
  const store::Index::Slot slot = reading.index().find(reference.key);
  if (slot == store::Index::kNone || reading.status().identity.inode != reference.inode ||
      reading.index()[slot].at != reference.at) {
    fail_changed(reference);
  }
  store::Loaded loaded = reading.load(slot);
  source.key = reference.key;
  if (loaded.mapping == nullptr) {
    throw Error(ErrorKind::limit,
                "the entry" + of_key(reference.key) + " is too large to be mapped here",
                "Read slices of it from '" + reference.path + "'.");
  }
  source.mapping = loaded.mapping;
  source.parts.clear();
  const Bytes entry = entry_of(*loaded.mapping, loaded.frame);
  for (store::Part& part : store::parts_of(loaded, entry)) {
    source.parts.emplace(store::name_of(part, entry.data), std::move(part));
  }
  std::shared_ptr<const EntryWatch> watch = EntryWatch::of(loaded);
  source.entry = watch;
  return watch;
}

std::unique_ptr<View> unpack(const store::Reference& reference) {
  Source& source = source_of(reference);
  std::shared_ptr<const EntryWatch> watch = source.entry.lock();
  if (watch == nullptr || source.key != reference.key || !watch->is_live()) {
    watch = load(reference, source);
  }
  const store::Frame& frame = watch->frame();
  std::shared_ptr<os::Mapping> mapping = source.mapping.lock();
  const auto part = source.parts.find(reference.part);
  if (part == source.parts.end() || frame.at != reference.at ||
      mapping->identity().inode != reference.inode ||
      watch->first_number() < reference.number ||
      store::content_of(entry_of(*mapping, frame)) != reference.content) {
    fail_changed(reference);
  }
  const store::Part& found = part->second;
  auto view = std::make_unique<View>();
  view->path = reference.path;
  view->key = reference.key;
  view->mapping = std::move(mapping);
  view->watch = std::move(watch);
  view->type = static_cast<numpy::RType>(reference.type);
  view->reversed = reference.reversed;
  view->array = found.array;
  view->of = found.is_bytes ? View::Of::bytes : View::Of::array;
  if (found.array.dtype.kind == numpy::Kind::raw) {
    view->of = View::Of::items;
    view->array = found.array.item_bytes(reference.reversed);
  }
  if (view->reversed) view->array = view->array.reversed();
  if (view->array.count() > 0) {
    view->offset = view->mapping->offset_of(view->array.data);
  }
  numpy::Target target;
  numpy::Choice choice;
  choice.exact_int64 = view->type == numpy::RType::integer64;
  choice.raw_uint8 = view->type == numpy::RType::raw;
  if (!numpy::target_of(view->array.dtype, choice, target) || target.type != view->type ||
      view->array.count() > static_cast<std::uint64_t>(R_XLEN_T_MAX)) {
    throw Error(ErrorKind::format, "a reference wants what no view of its array is");
  }
  return view;
}

}  // namespace

SEXP reference_to(SEXP x) {
  const View* view = view_of(x);
  if (view == nullptr || view->mapping == nullptr || view->watch->entry() == nullptr ||
      !shows_map(*view)) {
    return R_NilValue;
  }
  require_current(view->watch.get());
  const std::string bytes = pack(*view, *view->watch->entry());
  return protect([&] {
    SEXP out = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(bytes.size()));
    std::memcpy(RAW(out), bytes.data(), bytes.size());
    return out;
  });
}

SEXP view_of_reference(SEXP state) {
  if (TYPEOF(state) != RAWSXP) {
    throw Error(ErrorKind::format, "this is no reference to a view of this package");
  }
  const auto size = static_cast<std::uint64_t>(Rf_xlength(state));
  const std::string bytes(reinterpret_cast<const char*>(RAW_RO(state)), size);
  const store::Reference reference =
      store::read_reference(Bytes(std::string_view(bytes)));
  SEXP view = make_view(unpack(reference));
  seal(view);
  return view;
}

}  // namespace mmappickle
