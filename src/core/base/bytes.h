// A run of bytes, and little-endian loads and stores. Nothing here owns memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mmappickle {

// A borrowed run of bytes. Whoever makes it says how long the bytes live.
struct Bytes {
  const std::uint8_t* data = nullptr;
  std::uint64_t size = 0;

  Bytes() = default;
  Bytes(const std::uint8_t* data, std::uint64_t size) : data(data), size(size) {}
  explicit Bytes(std::string_view s)
      : data(reinterpret_cast<const std::uint8_t*>(s.data())), size(s.size()) {}

  // True if `length` bytes from `offset` on lie inside, without overflow.
  bool holds(std::uint64_t offset, std::uint64_t length) const {
    return offset <= size && length <= size - offset;
  }
  // The caller has checked holds().
  Bytes slice(std::uint64_t offset, std::uint64_t length) const {
    return Bytes(data + offset, length);
  }
  Bytes from(std::uint64_t offset) const { return slice(offset, size - offset); }
  bool starts_with(std::string_view s) const {
    return size >= s.size() && std::memcmp(data, s.data(), s.size()) == 0;
  }
  std::string_view text() const {
    return std::string_view(reinterpret_cast<const char*>(data), size);
  }
  std::uint8_t operator[](std::uint64_t i) const { return data[i]; }
};

// The host may be of either byte order and bytes may be unaligned.
template <class T>
T load_native(const std::uint8_t* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

// Of a fixed length, written out: compilers see one load, or one store, in these, as they
// do not in a loop.
inline std::uint16_t load_u16(const std::uint8_t* p) {
  return static_cast<std::uint16_t>(p[0] | p[1] << 8);
}
inline std::uint32_t load_u32(const std::uint8_t* p) {
  return std::uint32_t{p[0]} | std::uint32_t{p[1]} << 8 | std::uint32_t{p[2]} << 16 |
         std::uint32_t{p[3]} << 24;
}
inline std::int32_t load_i32(const std::uint8_t* p) {
  return static_cast<std::int32_t>(load_u32(p));
}
inline std::uint64_t load_u64(const std::uint8_t* p) {
  return load_u32(p) | static_cast<std::uint64_t>(load_u32(p + 4)) << 32;
}
inline void store_u64(std::uint8_t* p, std::uint64_t v) {
  p[0] = static_cast<std::uint8_t>(v);
  p[1] = static_cast<std::uint8_t>(v >> 8);
  p[2] = static_cast<std::uint8_t>(v >> 16);
  p[3] = static_cast<std::uint8_t>(v >> 24);
  p[4] = static_cast<std::uint8_t>(v >> 32);
  p[5] = static_cast<std::uint8_t>(v >> 40);
  p[6] = static_cast<std::uint8_t>(v >> 48);
  p[7] = static_cast<std::uint8_t>(v >> 56);
}

// Of up to 8 bytes.
inline std::uint64_t load_le(const std::uint8_t* p, int n) {
  switch (n) {
    case 1:
      return p[0];
    case 2:
      return load_u16(p);
    case 4:
      return load_u32(p);
    case 8:
      return load_u64(p);
    default:
      break;
  }
  std::uint64_t v = 0;
  for (int i = 0; i < n; ++i) v |= static_cast<std::uint64_t>(p[i]) << (8 * i);
  return v;
}
inline void store_le(std::uint8_t* p, std::uint64_t v, int n) {
  if (n == 8) return store_u64(p, v);
  for (int i = 0; i < n; ++i) p[i] = static_cast<std::uint8_t>(v >> (8 * i));
}

}  // namespace mmappickle
