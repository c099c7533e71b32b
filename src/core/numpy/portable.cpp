#include "portable.h"

#include "names.h"
#include "recognise.h"
#include "slice.h"

namespace mmappickle::numpy {
namespace {

using pickle::Extra;
using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;

// Bytes that the form takes beside data and dtype, and those of one field of a dtype.
constexpr std::uint64_t kFormSize = 200;
constexpr std::uint64_t kFieldSize = 64;

std::uint64_t dtype_size(const Dtype& dtype) {
  std::uint64_t size = kFieldSize;
  for (const Field& f : dtype.fields) size += f.name.size() + dtype_size(f.dtype);
  return size;
}

bool is_fortran(const Array& array) { return array.f_order() && !array.c_order(); }

// The mask by itself, as an array of bytes.
Array mask_of(const Array& array) {
  Array mask;
  mask.dtype.kind = Kind::raw;
  mask.dtype.itemsize = mask_itemsize(array.dtype);
  mask.shape = array.shape;
  mask.strides = array.mask_strides;
  mask.data = array.mask;
  return mask;
}

// Contiguous elements as they lie there, others gathered.
std::shared_ptr<const Source> data_of(const Array& array, const SourceOf& source_of) {
  if (!array.c_order() && !array.f_order()) return copy_source(array, false);
  return source_of(Bytes(array.data, array.count() * array.dtype.itemsize));
}

// What NumPy 2 warns of when it is looked up, and NumPy 1 has under both names.
const char* public_name(Global name, const std::string& subclass) {
  switch (name) {
    case Global::dtype:
      return "dtype";
    case Global::record:
      return "record";
    case Global::ndarray:
      if (subclass == "numpy.recarray") return "recarray";
      if (subclass == "numpy.memmap") return "memmap";
      if (subclass == "numpy.matrix") return "matrix";
      // Of numpy itself it is deprecated, and its module has no name of its own in
      // NumPy 1.
      if (subclass == "numpy.chararray") return "char.chararray";
      return subclass.empty() ? "ndarray" : nullptr;
    default:
      return nullptr;
  }
}

class Walk {
 public:
  Walk(StoredValue& stored_value, const SourceOf& source_of, std::uint64_t budget)
      : stored_value_(stored_value),
        tree_(stored_value.tree),
        source_of_(source_of),
        budget_(budget),
        seen_(tree_.size(), false) {}

  // Outer arrays come before what they are made of.
  void run(Id root) {
    visit(root);
    while (!todo_.empty()) {
      const Id id = todo_.back();
      todo_.pop_back();
      if (tree_[id].tag == Tag::global) {
        rename(id);
      } else if (tree_[id].tag != Tag::object || !convert(id)) {
        visit_children(id);
      }
    }
  }

  bool changed = false;

 private:
  void visit(Id id) {
    if (id == kNoId || id >= seen_.size() || seen_[id]) return;
    seen_[id] = true;
    todo_.push_back(id);
  }

  void visit_children(Id id) {
    const Node node = tree_[id];
    if (is_container(node.tag)) {
      for (const Id item : tree_.items(id)) visit(item);
    } else if (is_inert(node.tag)) {
      visit(node.first);
      visit(node.second);
    }
    const Extra* extra = tree_.extra_of(id);
    if (extra == nullptr) return;
    visit(extra->keywords);
    visit(extra->state);
    visit(extra->items);
    visit(extra->dict_items);
    for (const Id state : extra->states) visit(state);
  }

  void rename(Id id) {
    std::string subclass;
    const char* name = public_name(global_of(tree_, id, &subclass), subclass);
    if (name == nullptr || tree_.is_global(id, "numpy", name) ||
        tree_.is_global(id, "numpy.matrixlib.defmatrix", name)) {
      return;
    }
    tree_.become(id, tree_.global("numpy", name));
    changed = true;
  }

  bool spend(std::uint64_t size) {
    if (size > budget_) return false;
    budget_ -= size;
    return true;
  }

  // True if nothing is left to be done for the node and what it is made of.
  bool convert(Id id) {
    if (budget_ < kFormSize) return false;
    const Recognised found = recogniser_.recognise(id);
    const Array& array = found.array;
    if (found.found != Found::array || !array.subclass.empty()) return false;
    if (array.objects != kNoId || !array.dtype.whole || array.dtype.itemsize == 0) {
      if (!array.masked) make_by_ndarray(id, array);
      return false;
    }
    if ((array.masked && !has_usual_mask(id, array)) || !spend(size_of(array)) ||
        (array.fill != kNoId && !convert_fill(array.fill))) {
      return false;
    }
    changed = changed || !is_portable(id);
    stored_value_.arrays.push_back(portable_array(array, source_of_));
    stored_value_.arrays.back().fill = array.fill;
    tree_.become(id, tree_.array(stored_value_.arrays.size() - 1));
    return true;
  }

  static std::uint64_t size_of(const Array& array) {
    const std::uint64_t mask = array.masked ? mask_itemsize(array.dtype) : 0;
    return kFormSize + dtype_size(array.dtype) +
           array.count() * (array.dtype.itemsize + mask);
  }

  // None, or an array of rank 0. (It becomes a Tag::array node. Nothing else: what leads
  // back to the masked array could not be written.)
  bool convert_fill(Id id) {
    if (tree_[id].tag == Tag::object && !is_masked(id)) convert(id);
    if (tree_[id].tag != Tag::array) return tree_[id].tag == Tag::none;
    const NewArray& fill =
        stored_value_.arrays[static_cast<std::size_t>(tree_[id].integer)];
    return fill.shape.empty() && fill.mask == nullptr;
  }

  bool is_masked(Id id) const {
    const Global name = global_of(tree_, tree_[id].first);
    return name == Global::masked_array || name == Global::masked_reconstruct;
  }

  // A mask beside the data, in the same order, and nothing more told to MaskedArray().
  bool has_usual_mask(Id id, const Array& array) const {
    if (array.mask == nullptr) return false;
    if (array.fill == kNoId && tree_[tree_[id].second].size != 2) return false;
    const Array mask = mask_of(array);
    return (array.c_order() && mask.c_order()) || (array.f_order() && mask.f_order());
  }

  // True of what make_portable() would write just so.
  bool is_portable(Id id) const {
    if (!is_masked(id)) return tree_.is_global(tree_[id].first, "numpy", "ndarray");
    if (!tree_.is_global(tree_[id].first, "numpy.ma", "MaskedArray")) return false;
    for (const Id part : tree_.items(tree_[id].second)) {
      if (!tree_.is_global(tree_[part].first, "numpy", "ndarray")) return false;
    }
    return true;
  }

  // numpy.ndarray((0,)) and NumPy's own state, in which the parts stay what they are and
  // are visited as those of any value.
  void make_by_ndarray(Id id, const Array& array) {
    const Node node = tree_[id];
    if (tree_.is_global(node.first, "numpy", "ndarray")) return;
    Id state = kNoId;
    if (const Extra* extra = tree_.extra_of(id)) state = extra->state;
    if (state == kNoId) state = buffer_state(node.second, array);
    if (state == kNoId) return;
    const Id shape = tree_.container(Tag::tuple, {tree_.integer(0)});
    const Id made = tree_.object(pickle::How::call, tree_.global("numpy", "ndarray"),
                                 tree_.container(Tag::tuple, {shape}));
    tree_.extra(made).state = state;
    tree_.become(id, made);
    changed = true;
  }

  // From the arguments of _frombuffer(): data and dtype.
  Id buffer_state(Id arguments, const Array& array) {
    const Id dtype = tree_.item(arguments, 1);
    Bytes data;
    if (dtype == kNoId || !recogniser_.bytes(tree_.item(arguments, 0), data) ||
        (!array.c_order() && !array.f_order())) {
      return kNoId;
    }
    const Id shape = tree_.container(Tag::tuple);
    for (const std::uint64_t extent : array.shape) {
      tree_.append(shape, tree_.integer(static_cast<std::int64_t>(extent)));
    }
    return tree_.container(
        Tag::tuple, {tree_.integer(1), shape, dtype, tree_.boolean(is_fortran(array)),
                     tree_.bytes(data)});
  }

  StoredValue& stored_value_;
  pickle::Tree& tree_;
  const SourceOf& source_of_;
  std::uint64_t budget_;
  Recogniser recogniser_{tree_};
  std::vector<bool> seen_;
  std::vector<Id> todo_;
};

}  // namespace

NewArray portable_array(const Array& array, const SourceOf& source_of) {
  NewArray made;
  made.dtype = array.dtype;
  made.shape = array.shape;
  made.fortran = is_fortran(array);
  made.data = data_of(array, source_of);
  if (array.masked) made.mask = data_of(mask_of(array), source_of);
  return made;
}

bool make_portable(StoredValue& stored_value, const SourceOf& source_of,
                   std::uint64_t budget) {
  Walk walk(stored_value, source_of, budget);
  walk.run(stored_value.value);
  if (stored_value.metadata != kNoId) walk.run(stored_value.metadata);
  return walk.changed;
}

}  // namespace mmappickle::numpy
