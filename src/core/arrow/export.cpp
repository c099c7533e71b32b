#include "export.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "../base/error.h"
#include "../numpy/datetime.h"
#include "../numpy/slice.h"

namespace mmappickle::arrow {

namespace {

using numpy::Array;

constexpr std::uint64_t kChunk = 1 << 20;  // elements between two polls

// What one ArrowArray holds: its own buffers, and what keeps those of others.
struct Holder {
  std::shared_ptr<const void> owner;
  std::vector<std::uint8_t> values, validity;
  const void* buffers[2] = {};
  ArrowArray* child = nullptr;
};

void release(ArrowArray* array) {
  auto* holder = static_cast<Holder*>(array->private_data);
  if (ArrowArray* child = holder->child) {
    if (child->release != nullptr) child->release(child);  // else somebody took it
    delete child;
  }
  delete holder;
  array->release = nullptr;
}

void fill_in(ArrowArray* out, std::unique_ptr<Holder> holder, std::uint64_t length,
             std::int64_t buffers) {
  *out = ArrowArray{};
  out->length = static_cast<std::int64_t>(length);
  out->n_buffers = buffers;
  out->buffers = holder->buffers;
  out->n_children = holder->child != nullptr ? 1 : 0;
  out->children = holder->child != nullptr ? &holder->child : nullptr;
  out->release = release;
  out->private_data = holder.release();
}

// The bits of a buffer, all zero at first.
void resize_bits(std::vector<std::uint8_t>& bits, std::uint64_t count) {
  bits.assign((count + 7) / 8, 0);
}
void set_bit(std::vector<std::uint8_t>& bits, std::uint64_t i) {
  bits[i / 8] = static_cast<std::uint8_t>(bits[i / 8] | (1u << (i % 8)));
}

bool is_aligned(const Array& array) {
  const auto at = reinterpret_cast<std::uintptr_t>(array.data);
  const std::uint64_t size = array.dtype.itemsize;
  return elements_of(array.dtype) == Elements::bytes || at % size == 0;
}

bool lies_as_in_arrow(const Array& array) {
  return elements_of(array.dtype) != Elements::boolean && array.c_order() &&
         is_host_order(array.dtype) && is_aligned(array);
}

// Reads in C order, chunk by chunk: visit(first element, its bytes, number of elements).
template <class Visit>
void read_chunks(const Array& array, bool of_mask, const std::function<void()>& poll,
                 const Visit& visit) {
  const std::uint64_t size = of_mask ? 1 : array.dtype.itemsize;
  const std::shared_ptr<Source> source = copy_source(array, false, of_mask);
  const Bytes whole = source->in_memory();
  std::vector<std::uint8_t> chunk;
  const std::uint64_t count = array.count();
  for (std::uint64_t done = 0; done < count;) {
    const std::uint64_t n = std::min(kChunk, count - done);
    const std::uint8_t* from = whole.data;
    if (from != nullptr) {
      from += done * size;
    } else {
      chunk.resize(n * size);
      source->read(done * size, chunk.data(), n * size);
      from = chunk.data();
    }
    visit(done, from, n);
    done += n;
    if (poll) poll();
  }
}

void swap_bytes(std::uint8_t* items, std::uint64_t size, std::uint64_t count) {
  for (std::uint64_t i = 0; i < count; ++i) {
    std::reverse(items + i * size, items + (i + 1) * size);
  }
}

void copy_values(const Array& array, const std::function<void()>& poll,
                 std::vector<std::uint8_t>& values) {
  const bool is_boolean = elements_of(array.dtype) == Elements::boolean;
  const std::uint64_t size = array.dtype.itemsize;
  if (is_boolean) {
    resize_bits(values, array.count());
  } else {
    values.resize(array.count() * size);
  }
  read_chunks(array, false, poll,
              [&](std::uint64_t at, const std::uint8_t* from, std::uint64_t n) {
                if (is_boolean) {
                  for (std::uint64_t i = 0; i < n; ++i) {
                    if (from[i] != 0) set_bit(values, at + i);
                  }
                  return;
                }
                std::memcpy(values.data() + at * size, from, n * size);
                if (!is_host_order(array.dtype)) {
                  swap_bytes(values.data() + at * size, size, n);
                }
              });
}

// Bits of what is neither masked nor NaT; empty if that is all. The number of the others.
std::uint64_t make_validity(const Array& array, const void* values,
                            const std::function<void()>& poll,
                            std::vector<std::uint8_t>& validity) {
  const std::uint64_t count = array.count();
  const bool is_masked = array.masked && array.mask != nullptr;
  const bool is_time = elements_of(array.dtype) == Elements::time;
  if (!is_masked && !is_time) return 0;
  resize_bits(validity, count);
  std::uint64_t valid = 0;
  const auto note = [&](std::uint64_t i, bool masked) {
    std::int64_t ticks = 0;
    if (is_time) {
      std::memcpy(&ticks, static_cast<const std::uint8_t*>(values) + i * 8, 8);
    }
    if (masked || (is_time && ticks == numpy::kNaT)) return;
    set_bit(validity, i);
    ++valid;
  };
  if (is_masked) {
    read_chunks(array, true, poll,
                [&](std::uint64_t at, const std::uint8_t* from, std::uint64_t n) {
                  for (std::uint64_t i = 0; i < n; ++i) note(at + i, from[i] != 0);
                });
  } else {
    for (std::uint64_t i = 0; i < count; ++i) {
      note(i, false);
      if (poll && i % kChunk == kChunk - 1) poll();
    }
  }
  if (valid == count) validity.clear();
  return count - valid;
}

void export_values(const Array& array, std::shared_ptr<const void> owner,
                   const std::function<void()>& poll, ArrowArray* out) {
  auto holder = std::make_unique<Holder>();
  const bool stays = array.count() == 0 || lies_as_in_arrow(array);
  if (array.count() == 0) {
    holder->buffers[1] = &holder->buffers;  // of no bytes, but not null
  } else if (stays) {
    holder->owner = std::move(owner);
    holder->buffers[1] = array.data;
  } else {
    copy_values(array, poll, holder->values);
    holder->buffers[1] = holder->values.data();
  }
  const std::uint64_t nulls =
      make_validity(array, holder->buffers[1], poll, holder->validity);
  if (!holder->validity.empty()) holder->buffers[0] = holder->validity.data();
  fill_in(out, std::move(holder), array.count(), 2);
  out->null_count = static_cast<std::int64_t>(nulls);
}

}  // namespace

Elements elements_of(const numpy::Dtype& dtype) {
  using numpy::Kind;
  using numpy::Unit;
  if (!dtype.subshape.empty() || dtype.itemsize == 0) return Elements::none;
  const bool small = dtype.itemsize <= 8;
  switch (dtype.kind) {
    case Kind::boolean:
      return Elements::boolean;
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::floating:
      return small ? Elements::number : Elements::none;
    case Kind::datetime:
    case Kind::timedelta: {
      const bool known = dtype.unit == Unit::s || dtype.unit == Unit::ms ||
                         dtype.unit == Unit::us || dtype.unit == Unit::ns;
      return known && dtype.multiple == 1 ? Elements::time : Elements::none;
    }
    case Kind::raw:
      return Elements::bytes;
    default:
      return Elements::none;
  }
}

void export_array(const Array& array, std::shared_ptr<const void> owner,
                  const std::function<void()>& poll, ArrowArray* out) {
  const numpy::Shape& shape = array.shape;
  for (std::size_t axis = 1; axis < shape.size(); ++axis) {
    if (shape[axis] <= static_cast<std::uint64_t>(INT32_MAX)) continue;
    throw Error(ErrorKind::limit,
                "Arrow's lists of a fixed size have less than 2^31 items.",
                "Give it a slice.");
  }
  ArrowArray inner{};
  export_values(array, std::move(owner), poll, &inner);
  // Lists around it, the innermost first.
  for (std::size_t axis = shape.size(); axis-- > 1;) {
    std::uint64_t length = 1;
    for (std::size_t i = 0; i < axis; ++i) length *= shape[i];
    std::unique_ptr<Holder> holder;
    try {
      holder = std::make_unique<Holder>();
      holder->child = new ArrowArray(inner);
    } catch (...) {
      release(&inner);
      throw;
    }
    fill_in(&inner, std::move(holder), length, 1);
  }
  *out = inner;
}

}  // namespace mmappickle::arrow
