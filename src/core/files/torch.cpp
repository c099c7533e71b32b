#include "torch.h"

#include <algorithm>
#include <map>

#include "../base/checked.h"
#include "../base/error.h"
#include "../numpy/array.h"
#include "../numpy/array_object.h"
#include "../pickle/inert.h"

namespace mmappickle::files {
namespace {

using numpy::array_object;
using numpy::contiguous_strides;
using pickle::Call;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;

constexpr std::string_view kPickle = "data.pkl";

constexpr struct {
  std::string_view storage, dtype;
} kStorages[] = {
    {"FloatStorage", "<f4"},
    {"DoubleStorage", "<f8"},
    {"HalfStorage", "<f2"},
    {"LongStorage", "<i8"},
    {"IntStorage", "<i4"},
    {"ShortStorage", "<i2"},
    {"CharStorage", "|i1"},
    {"ByteStorage", "|u1"},
    {"BoolStorage", "|b1"},
    {"ComplexFloatStorage", "<c8"},
    {"ComplexDoubleStorage", "<c16"},
};

[[noreturn]] void fail(const std::string& what) {
  throw Error(ErrorKind::format, "Invalid file of torch.save(): " + what + ".",
              "It may have been cut off, or changed on its way.");
}

struct Storage {
  std::string_view dtype;
  std::uint64_t itemsize = 0;
  Bytes bytes;
};

class Tensors {
 public:
  Tensors(Tree& tree, const std::vector<ZipMember>& members) : tree_(tree) {
    const std::string& name = pickle_of_torch(members)->name;
    folder_ = name.substr(0, name.size() - kPickle.size());
    for (const ZipMember& member : members) members_[member.name] = &member;
  }

  void run() {
    const Id n = static_cast<Id>(tree_.size());  // those that are made come behind
    for (Id id = 0; id < n; ++id) tensor(id);
    for (Id id = 0; id < n; ++id) bare_storage(id);
  }

 private:
  // ("storage", torch.FloatStorage, "0", "cpu", 4) as a persistent id; false: none that
  // has a dtype here.
  bool storage(Id id, Storage& out) const {
    if (id == kNoId || tree_[id].tag != Tag::persistent) return false;
    const Id tuple = tree_[id].first;
    if (tree_[tuple].tag != Tag::tuple || tree_[tuple].size != 5 ||
        !tree_.is_text(tree_.item(tuple, 0), "storage")) {
      return false;
    }
    const Id type = tree_.item(tuple, 1), key = tree_.item(tuple, 2);
    const std::string_view name =
        tree_.text_of(tree_[type].tag == Tag::global ? tree_[type].second : type);
    const auto* row =
        std::find_if(std::begin(kStorages), std::end(kStorages),
                     [name](const auto& known) { return known.storage == name; });
    numpy::Dtype dtype;
    std::int64_t count = 0;
    if (row == std::end(kStorages) || !parse_dtype(row->dtype, dtype) ||
        !is_integer(tree_, tree_.item(tuple, 4), count) || count < 0) {
      return false;
    }
    const auto member =
        members_.find(folder_ + "data/" + std::string(tree_.text_of(key)));
    if (member == members_.end()) fail("a storage is missing");
    const ZipMember& found = *member->second;
    if (found.deflated || !found.readable) fail("a storage is compressed");
    std::uint64_t size = 0;
    if (!checked_multiply(static_cast<std::uint64_t>(count), dtype.itemsize, size) ||
        size > found.packed.size) {
      fail("a storage has fewer bytes than it should");
    }
    out = {row->dtype, dtype.itemsize, found.packed.slice(0, size)};
    return true;
  }

  // (storage, offset, size, stride, ...)
  void tensor(Id id) {
    const Call call(tree_, id);
    if (call.is_of("torch._utils", "_rebuild_parameter") && call.count() >= 1) {
      return tree_.become(id, call[0]);
    }
    if (call.is_of("collections", "OrderedDict") &&
        member(tree_, call.after().state, "_metadata") != kNoId) {
      tree_.extra(id).state = kNoId;  // of a state dict: versions of its modules
      return;
    }
    Storage from;
    std::int64_t offset = 0;
    numpy::Shape shape;
    std::vector<std::uint64_t> strides;
    if (!call.is_of("torch._utils", "_rebuild_tensor_v2") || !storage(call[0], from) ||
        !call.integer(1, offset) || offset < 0 || !extents(call[2], shape) ||
        !extents(call[3], strides) || shape.size() != strides.size()) {
      return;
    }
    for (const bool fortran : {false, true}) {
      numpy::Strides own;
      std::uint64_t size = 0, at = 0;
      if (!contiguous_strides(shape, from.itemsize, fortran, own, size)) {
        fail("a tensor is larger than anything");
      }
      if (!same(shape, strides, own, from.itemsize)) continue;
      if (!checked_multiply(static_cast<std::uint64_t>(offset), from.itemsize, at) ||
          !from.bytes.holds(at, size)) {
        fail("a tensor is larger than its storage");
      }
      return put(id, call[2], from.dtype, fortran, from.bytes.slice(at, size));
    }
  }

  void bare_storage(Id id) {
    Storage from;
    if (!storage(id, from)) return;
    const auto count = static_cast<std::int64_t>(from.bytes.size / from.itemsize);
    const Id shape = tree_.container(Tag::tuple, {tree_.integer(count)});
    put(id, shape, from.dtype, false, from.bytes);
  }

  // Strides count where there is more than one element along them.
  static bool same(const numpy::Shape& shape, const std::vector<std::uint64_t>& strides,
                   const numpy::Strides& own, std::uint64_t itemsize) {
    const bool empty = std::find(shape.begin(), shape.end(), 0u) != shape.end();
    for (std::size_t i = 0; i < shape.size() && !empty; ++i) {
      if (shape[i] > 1 && strides[i] != static_cast<std::uint64_t>(own[i]) / itemsize) {
        return false;
      }
    }
    return true;
  }

  bool extents(Id tuple, std::vector<std::uint64_t>& out) const {
    std::uint64_t size = 0;
    if (!is_sequence(tree_, tuple, size) || size > numpy::kMaxRank) return false;
    for (const Id item : tree_.items(tuple)) {
      std::int64_t extent = 0;
      if (!is_integer(tree_, item, extent) || extent < 0) return false;
      out.push_back(static_cast<std::uint64_t>(extent));
    }
    return true;
  }

  void put(Id id, Id shape, std::string_view dtype, bool fortran, Bytes data) {
    const Id of = tree_.object(pickle::How::call, tree_.global("numpy", "dtype"),
                               tree_.container(Tag::tuple, {tree_.text(dtype)}));
    tree_.become(id, array_object(tree_, tree_.global("numpy", "ndarray"), shape, of,
                                  fortran, data));
  }

  Tree& tree_;
  std::string folder_;
  std::map<std::string, const ZipMember*> members_;  // a file cannot choose collisions
};

}  // namespace

const ZipMember* pickle_of_torch(const std::vector<ZipMember>& members) {
  for (const ZipMember& member : members) {
    const std::size_t folder =
        member.name.size() - std::min(member.name.size(), kPickle.size());
    if (member.ends_with(kPickle) && (folder == 0 || member.name[folder - 1] == '/')) {
      return &member;
    }
  }
  return nullptr;
}

void put_tensors(Tree& tree, const std::vector<ZipMember>& members) {
  if (pickle_of_torch(members) != nullptr) Tensors(tree, members).run();
}

}  // namespace mmappickle::files
