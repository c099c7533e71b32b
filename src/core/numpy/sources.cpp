// The bytes of new arrays: R's values converted, or an existing array's elements, in the
// order in which they are to stand.
#include <algorithm>

#include "loops.h"

namespace mmappickle::numpy {
namespace {

constexpr std::uint64_t kChunk = std::uint64_t{1} << 17;  // items converted at once

// Whole items on demand; ranges of bytes may begin and end inside one.
class ItemSource : public Source {
 public:
  ItemSource(std::uint64_t count, std::uint64_t itemsize)
      : count_(count), itemsize_(itemsize) {}
  std::uint64_t size() const override { return count_ * itemsize_; }
  void read(std::uint64_t offset, std::uint8_t* to, std::uint64_t n) const override {
    std::vector<std::uint8_t> one;
    while (n > 0) {
      const std::uint64_t item = offset / itemsize_, within = offset % itemsize_;
      std::uint64_t done = n / itemsize_ * itemsize_;
      if (within == 0 && done > 0) {
        items(item, done / itemsize_, to);
      } else {
        one.resize(itemsize_);
        items(item, 1, one.data());
        done = std::min(n, itemsize_ - within);
        std::memcpy(to, one.data() + within, done);
      }
      offset += done;
      to += done;
      n -= done;
    }
  }

 protected:
  virtual void items(std::uint64_t begin, std::uint64_t n, std::uint8_t* to) const = 0;

 private:
  std::uint64_t count_, itemsize_;
};

// An array's own elements, gathered in the order of `array` (first axis fastest).
class CopySource : public ItemSource {
 public:
  explicit CopySource(const Array& array)
      : ItemSource(array.count(), array.dtype.itemsize),
        dtype_(array.dtype),
        loops_(make_loops(array, whole(array.shape))) {}

 protected:
  void items(std::uint64_t begin, std::uint64_t n, std::uint8_t* to) const override {
    gather_loops(loops_, dtype_, copy_items, RType::string, dtype_.itemsize, begin, n, to,
                 nullptr);
  }

 private:
  Dtype dtype_;
  Loops loops_;
};

// R's values of one type as an array in R's order, so that the gatherer can turn them.
// Strings go as their numbers.
Array as_array(const RValues& values, const Shape& shape) {
  Array a;
  const RType type = values.type == RType::string    ? RType::integer64
                     : values.type == RType::logical ? RType::integer
                                                     : values.type;
  a.dtype = natural_dtype(type);
  a.shape = shape;
  std::uint64_t bytes = 0;
  contiguous_strides(shape, a.dtype.itemsize, true, a.strides, bytes);
  a.data = static_cast<const std::uint8_t*>(values.data);
  return a;
}

class ConvertSource : public ItemSource {
 public:
  ConvertSource(const Dtype& dtype, const Shape& shape, bool turned,
                const RValues& values, bool of_mask)
      : ItemSource(values.count, of_mask ? 1 : dtype.itemsize),
        dtype_(dtype),
        values_(values),
        turned_(turned),
        of_mask_(of_mask),
        in_r_(as_array(values, shape).reversed()),
        loops_(make_loops(in_r_, whole(in_r_.shape))) {}

 protected:
  void items(std::uint64_t begin, std::uint64_t n, std::uint8_t* to) const override {
    while (n > 0) {
      const std::uint64_t m = std::min(n, kChunk);
      chunk(begin, m, to);
      begin += m;
      n -= m;
      to += m * (of_mask_ ? 1 : dtype_.itemsize);
    }
  }

 private:
  void chunk(std::uint64_t begin, std::uint64_t n, std::uint8_t* to) const {
    if (!turned_) return put(values_, nullptr, begin, n, to);
    const std::uint64_t size = in_r_.dtype.itemsize;
    if (values_.type == RType::string) {
      std::vector<std::uint64_t> index(n);
      Odometer at(loops_, begin);
      for (std::uint64_t& i : index) {
        i = 0;
        for (std::size_t k = 0; k < loops_.rank; ++k) {
          i += at.index(k) * (static_cast<std::uint64_t>(loops_.loop[k].stride) / size);
        }
        if (loops_.rank > 0) at.advance(0, 1);
      }
      return put(values_, index.data(), 0, n, to);
    }
    if (!of_mask_ && same_layout(dtype_, values_.type)) {
      return gather_loops(loops_, in_r_.dtype, copy_items, RType::string, size, begin, n,
                          to, nullptr);
    }
    const std::unique_ptr<std::uint8_t[]> turned(new std::uint8_t[n * size]);
    gather_loops(loops_, in_r_.dtype, copy_items, RType::string, size, begin, n,
                 turned.get(), nullptr);
    RValues values = values_;
    values.data = turned.get();
    put(values, nullptr, 0, n, to);
  }

  void put(const RValues& values, const std::uint64_t* index, std::uint64_t begin,
           std::uint64_t n, std::uint8_t* to) const {
    if (!of_mask_) return encode(dtype_, values, index, begin, n, to, nullptr);
    encode(dtype_, values, index, begin, n, nullptr, to);
  }

  Dtype dtype_;
  RValues values_;
  bool turned_, of_mask_;
  Array in_r_;
  Loops loops_;
};

// Items of a structured dtype.
class FieldSource : public ItemSource {
 public:
  FieldSource(std::uint64_t count, std::uint64_t itemsize, std::vector<FieldBytes> fields)
      : ItemSource(count, itemsize), itemsize_(itemsize), fields_(std::move(fields)) {}

 protected:
  void items(std::uint64_t begin, std::uint64_t n, std::uint8_t* to) const override {
    std::memset(to, 0, n * itemsize_);
    const std::uint64_t most = std::max<std::uint64_t>(1, kChunk / itemsize_);
    std::vector<std::uint8_t> column;
    while (n > 0) {
      const std::uint64_t m = std::min(n, most);
      for (const FieldBytes& field : fields_) {
        column.resize(m * field.size);
        field.source->read(begin * field.size, column.data(), column.size());
        for (std::uint64_t i = 0; i < m; ++i) {
          copy_item(to + i * itemsize_ + field.offset, column.data() + i * field.size,
                    field.size);
        }
      }
      begin += m;
      n -= m;
      to += m * itemsize_;
    }
  }

 private:
  std::uint64_t itemsize_;
  std::vector<FieldBytes> fields_;
};

// More than one axis of more than one element: C's order is not Fortran's.
bool orders_differ(const Shape& shape) {
  std::size_t long_axes = 0;
  for (std::uint64_t extent : shape) {
    if (extent == 0) return false;
    long_axes += extent > 1;
  }
  return long_axes > 1;
}

}  // namespace

std::shared_ptr<Source> array_source(const Dtype& dtype, const Shape& shape, bool fortran,
                                     const RValues& values, bool of_mask) {
  const bool turned = !fortran && orders_differ(shape);
  if (!turned && !of_mask && same_layout(dtype, values.type)) {
    return memory_source(Bytes(static_cast<const std::uint8_t*>(values.data),
                               values.count * dtype.itemsize));
  }
  return std::make_shared<ConvertSource>(dtype, shape, turned, values, of_mask);
}

std::shared_ptr<Source> field_source(std::uint64_t count, std::uint64_t itemsize,
                                     std::vector<FieldBytes> fields) {
  return std::make_shared<FieldSource>(count, itemsize, std::move(fields));
}

std::shared_ptr<Source> copy_source(const Array& array, bool fortran, bool of_mask) {
  Array a = fortran ? array : array.reversed();
  if (of_mask) {
    const std::uint64_t size = mask_itemsize(array.dtype);
    if (!array.mask) return hole_source(array.count() * size);
    a.data = a.mask;
    a.strides = a.mask_strides;
    a.dtype.itemsize = size;
    a.dtype.kind = Kind::raw;
    a.dtype.fields.clear();
  }
  a.masked = false;
  if (a.f_order()) {
    return memory_source(Bytes(a.data, a.count() * a.dtype.itemsize));
  }
  return std::make_shared<CopySource>(a);
}

NewArray copy_of(const Array& array) {
  NewArray copy;
  copy.dtype = array.dtype;
  copy.shape = array.shape;
  copy.fortran = array.f_order() && !array.c_order();
  copy.data = copy_source(array, copy.fortran);
  if (array.masked) copy.mask = copy_source(array, copy.fortran, true);
  return copy;
}

}  // namespace mmappickle::numpy
