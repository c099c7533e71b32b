// Views that are serialized as references to their file: with
// options(mmappickle.by_reference = TRUE), R writes the raw vector that is made here in
// place of the values, and gives it back to be made a view again (view_methods.cpp).
//
// A reference names the file (path and inode), the entry (place, size, key), a checksum
// over the two ends of the entry, and the array's geometry. All of it must fit the file
// when it is read: else the entry has moved or changed, and that is an error. Numbers are
// stored in groups of 7 bits (LEB128), signed ones folded.
#include "core/base/checked.h"
#include "glue.h"
#include "views.h"

using namespace mmappickle;  // NOLINT: exported functions stand at top level for Rcpp

namespace {

constexpr std::uint64_t kForm = 1;
constexpr std::uint64_t kSampled = 1 << 15;  // bytes at each end of an entry

class Packer {
 public:
  void number(std::uint64_t n) {
    for (; n >= 0x80; n >>= 7) bytes += static_cast<char>(0x80 | (n & 0x7f));
    bytes += static_cast<char>(n);
  }
  void signed_number(std::int64_t n) {
    const auto u = static_cast<std::uint64_t>(n);
    number(n < 0 ? ~(u << 1) : u << 1);
  }
  void text(const std::string& s) {
    number(s.size());
    bytes += s;
  }
  std::string bytes;
};

class Unpacker {
 public:
  explicit Unpacker(mmappickle::Bytes bytes) : rest_(bytes) {}
  std::uint64_t number() {
    std::uint64_t n = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.size == 0) fail();
      const std::uint8_t byte = rest_[0];
      rest_ = rest_.from(1);
      n |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) return n;
    }
    fail();
  }
  std::uint64_t below(std::uint64_t limit) {
    const std::uint64_t n = number();
    if (n >= limit) fail();
    return n;
  }
  std::int64_t signed_number() {
    const std::uint64_t n = number();
    return static_cast<std::int64_t>(n & 1 ? ~(n >> 1) : n >> 1);
  }
  std::string text() {
    const std::uint64_t n = number();
    if (!rest_.holds(0, n)) fail();
    const std::string s(rest_.slice(0, n).text());
    rest_ = rest_.from(n);
    return s;
  }
  void end() const {
    if (rest_.size != 0) fail();
  }
  [[noreturn]] static void fail() {
    throw Error(ErrorKind::format, "this is no reference to a view of this package");
  }

 private:
  mmappickle::Bytes rest_;
};

// FNV-1a over eight bytes at a time: tells one content from another, no more.
std::uint64_t checksum(mmappickle::Bytes entry) {
  std::uint64_t sum = 0xcbf29ce484222325;
  const auto add = [&](mmappickle::Bytes part) {
    std::uint64_t i = 0;
    for (; i + 8 <= part.size; i += 8) {
      sum = (sum ^ load_u64(part.data + i)) * 0x100000001b3;
      sum ^= sum >> 29;
    }
    for (; i < part.size; ++i) sum = (sum ^ part[i]) * 0x100000001b3;
  };
  if (entry.size <= 2 * kSampled) {
    add(entry);
  } else {
    add(entry.slice(0, kSampled));
    add(entry.from(entry.size - kSampled));
  }
  return sum;
}

void pack_array(Packer& out, const numpy::Array& array, const os::Mapping& mapping) {
  const auto place = [&](const std::uint8_t* at) {
    return static_cast<std::uint64_t>(at - mapping.data());
  };
  out.text(numpy::text(array.dtype));
  out.number(array.shape.size());
  for (const std::uint64_t extent : array.shape) out.number(extent);
  for (const std::int64_t stride : array.strides) out.signed_number(stride);
  const bool mask = array.masked && array.mask != nullptr;
  out.number(array.masked ? 1 + static_cast<std::uint64_t>(mask) : 0);
  out.number(place(array.data));
  if (!mask) return;
  out.number(place(array.mask));
  for (const std::int64_t stride : array.mask_strides) out.signed_number(stride);
}

// Where the elements lie: all inside the entry.
void check_inside(const store::Frame& frame, std::uint64_t at, const numpy::Shape& shape,
                  const numpy::Strides& strides, std::uint64_t itemsize) {
  std::uint64_t before = 0, behind = itemsize, bytes = 0;
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 0) return;
    const bool back = strides[i] < 0;
    const auto step = static_cast<std::uint64_t>(strides[i]);
    std::uint64_t& side = back ? before : behind;
    if (!checked_multiply(shape[i] - 1, back ? 0 - step : step, bytes) ||
        !checked_add(side, bytes, side)) {
      Unpacker::fail();
    }
  }
  if (at < frame.at || at >= frame.end() || before > at - frame.at ||
      behind > frame.end() - at) {
    Unpacker::fail();
  }
}

void unpack_array(Unpacker& in, const store::Frame& frame, const os::Mapping& mapping,
                  numpy::Array& array) {
  if (!numpy::parse_dtype(in.text(), array.dtype)) Unpacker::fail();
  array.shape.resize(in.below(numpy::kMaxRank + 1));
  std::uint64_t count = 1;
  for (std::uint64_t& extent : array.shape) {
    extent = in.number();
    if (!checked_multiply(count, extent, count)) Unpacker::fail();
  }
  if (count > static_cast<std::uint64_t>(R_XLEN_T_MAX)) Unpacker::fail();
  array.strides.resize(array.shape.size());
  for (std::int64_t& stride : array.strides) stride = in.signed_number();
  const std::uint64_t mask = in.below(3);
  const std::uint64_t data = in.number();
  array.masked = mask > 0;
  if (count > 0) {
    check_inside(frame, data, array.shape, array.strides, array.dtype.itemsize);
    array.data = mapping.data() + data;
  } else {
    array.data = mapping.data();
  }
  if (mask < 2) return;
  const std::uint64_t mask_at = in.number();
  array.mask_strides.resize(array.shape.size());
  for (std::int64_t& stride : array.mask_strides) stride = in.signed_number();
  if (count > 0) check_inside(frame, mask_at, array.shape, array.mask_strides, 1);
  array.mask = mapping.data() + (count > 0 ? mask_at : 0);
}

std::string pack(const View& view) {
  const store::Frame& frame = view.watch->frame();
  const os::Mapping& mapping = *view.mapping;
  Packer out;
  out.number(kForm);
  out.text(view.path);
  out.text(view.key);
  out.number(mapping.identity().inode);
  out.signed_number(view.watch->first_number());
  out.number(frame.at);
  out.number(frame.length);
  out.number(frame.key_size);
  out.number(checksum(mmappickle::Bytes(mapping.data() + frame.at, frame.length)));
  out.number(static_cast<std::uint64_t>(view.type));
  out.number(static_cast<std::uint64_t>(view.of));
  out.number(view.reversed ? 1 : 0);
  pack_array(out, view.array, mapping);
  return out.bytes;
}

// One mapping a file for all references to it.
std::shared_ptr<os::Mapping> mapping_of(const std::string& path, std::uint64_t inode,
                                        std::uint64_t end) {
  static auto& known =
      *new std::unordered_map<std::string,
                              std::weak_ptr<os::Mapping>>;  // never destroyed
  const os::File file = os::File::open(path, os::Access::read);
  const os::Status status = file.status();
  if (status.identity.inode != inode || status.size < end) return nullptr;
  std::shared_ptr<os::Mapping> mapping = known[path].lock();
  if (!mapping || mapping->identity() != status.identity || mapping->size() < end ||
      mapping->damaged()) {
    known[path] = mapping = os::Mapping::of(file, status.size);
  }
  return mapping;
}

[[noreturn]] void fail_changed(const std::string& path, const std::string& key) {
  Error error(ErrorKind::stale,
              "the entry" + of_key(key) +
                  " that this vector refers to was moved or changed in '" + path + "'",
              "Read it from the file again; or serialize the values themselves, without "
              "options(mmappickle.by_reference = TRUE).");
  error.path = path;
  error.key = key;
  throw error;
}

std::unique_ptr<View> unpack(mmappickle::Bytes bytes) {
  Unpacker in(bytes);
  if (in.number() != kForm) Unpacker::fail();
  auto view = std::make_unique<View>();
  view->path = in.text();
  view->key = in.text();
  if (view->path.find('\0') != std::string::npos) Unpacker::fail();
  const std::uint64_t inode = in.number();
  const std::int64_t number = in.signed_number();
  store::Loaded loaded;
  store::Frame& frame = loaded.frame;
  frame.at = in.number();
  frame.length = in.number();
  frame.key_size = static_cast<std::uint8_t>(in.below(256));
  const std::uint64_t sum = in.number();
  std::uint64_t end = 0;
  if (frame.at < store::kHeaderSize || !checked_add(frame.at, frame.length, end) ||
      frame.length < store::kEntryHead + frame.key_size + store::kTailSize) {
    Unpacker::fail();
  }
  loaded.mapping = view->mapping = mapping_of(view->path, inode, end);
  if (!loaded.mapping) fail_changed(view->path, view->key);
  const mmappickle::Bytes file(loaded.mapping->data(), end);
  loaded.number = store::commit_number(file);
  if (loaded.number < number || checksum(file.slice(frame.at, frame.length)) != sum) {
    fail_changed(view->path, view->key);
  }
  view->type = static_cast<numpy::RType>(
      in.below(static_cast<std::uint64_t>(numpy::RType::string) + 1));
  view->of =
      static_cast<View::Of>(in.below(static_cast<std::uint64_t>(View::Of::items) + 1));
  view->reversed = in.below(2) == 1;
  unpack_array(in, frame, *view->mapping, view->array);
  in.end();
  view->offset = static_cast<std::uint64_t>(view->array.data - view->mapping->data());
  if (view->array.count() == 0) view->offset = 0;
  view->watch = EntryWatch::of(loaded);
  numpy::Target target;
  numpy::Choice choice;
  choice.exact_int64 = view->type == numpy::RType::integer64;
  choice.raw_uint8 = view->type == numpy::RType::raw;
  if (!numpy::target_of(view->array.dtype, choice, target) || target.type != view->type) {
    Unpacker::fail();
  }
  return view;
}

}  // namespace

// The raw vector that stands for a view; NULL where there is none: x is to be serialized
// by its values.
// [[Rcpp::export(rng = false)]]
SEXP view_to_reference(SEXP x) {
  return enter([&]() -> SEXP {
    const View* view = view_of(x);
    if (view == nullptr || view->watch == nullptr || is_materialized(x)) {
      return R_NilValue;
    }
    require_standing(view->watch.get());
    const std::string bytes = pack(*view);
    return protect([&] {
      SEXP out = Rf_allocVector(RAWSXP, static_cast<R_xlen_t>(bytes.size()));
      std::memcpy(RAW(out), bytes.data(), bytes.size());
      return out;
    });
  });
}

// [[Rcpp::export(rng = false)]]
SEXP view_from_reference(SEXP state) {
  return enter([&]() -> SEXP {
    if (TYPEOF(state) != RAWSXP) Unpacker::fail();
    const std::string bytes(reinterpret_cast<const char*>(RAW_RO(state)),
                            static_cast<std::size_t>(Rf_xlength(state)));
    SEXP view = make_view(unpack(mmappickle::Bytes(std::string_view(bytes))));
    seal(view);
    return view;
  });
}
