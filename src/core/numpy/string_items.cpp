// Items of S and U as text and back.
#include "string_items.h"

#include <algorithm>

#include "../base/utf8.h"
#include "items.h"
#include "kernels.h"

namespace mmappickle::numpy {
namespace {

constexpr std::uint32_t kMaxCodePoint = 0x10ffff;

// No code point at all: as Python writes one that has no name.
std::string escape_code_point(std::uint32_t c) {
  std::string out = "\\U";
  for (int shift = 28; shift >= 0; shift -= 4) out += "0123456789abcdef"[c >> shift & 15];
  return out;
}

std::string decode_unicode(const Dtype& dtype, const std::uint8_t* from, bool* escaped) {
  const bool swap = !is_host_order(dtype);
  const auto at = [&](std::uint64_t i) {
    const auto c = load_native<std::uint32_t>(from + 4 * i);
    return swap ? swap_bytes(c) : c;
  };
  std::uint64_t n = dtype.itemsize / 4;
  while (n > 0 && at(n - 1) == 0) --n;
  std::string out;
  out.reserve(n);
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint32_t c = at(i);
    const bool surrogate = c >= 0xd800 && c <= 0xdfff;
    if (c > kMaxCodePoint) {
      out += escape_code_point(c);
    } else if (c == 0 || surrogate) {
      std::string odd;
      append_utf8(odd, c);
      out += escape_text(Bytes(odd));
    } else {
      append_utf8(out, c);
      continue;
    }
    *escaped = true;
  }
  return out;
}

std::string decode_bytes(Bytes item, bool* escaped) {
  while (item.size > 0 && item[item.size - 1] == 0) --item.size;
  std::string out(item.text());
  switch (classify_text(item)) {
    case TextKind::ascii:
    case TextKind::utf8:
      return out;
    case TextKind::nul:
      break;
    case TextKind::surrogates:
    case TextKind::invalid:
      out = latin1_to_utf8(item);
  }
  for (std::size_t nul = out.find('\0'); nul != std::string::npos;
       nul = out.find('\0', nul)) {
    out.replace(nul, 1, escape_text(Bytes(std::string_view("\0", 1))));
    *escaped = true;
  }
  return out;
}

}  // namespace

std::string decode_string(const Dtype& dtype, const std::uint8_t* from, bool* escaped) {
  bool ignored = false;
  bool* odd = escaped ? escaped : &ignored;
  if (dtype.kind == Kind::unicode) return decode_unicode(dtype, from, odd);
  return decode_bytes(Bytes(from, dtype.itemsize), odd);
}

std::uint64_t text_size(const Dtype& dtype, Bytes utf8) {
  return dtype.kind == Kind::bytes ? utf8.size : count_code_points(utf8) * 4;
}

CastError check_string(const Dtype& dtype, Bytes utf8) {
  const TextKind kind = classify_text(utf8);
  if (kind != TextKind::ascii && kind != TextKind::utf8) return CastError::not_text;
  return text_size(dtype, utf8) > dtype.itemsize ? CastError::too_long : CastError::none;
}

void encode_string(const Dtype& dtype, Bytes utf8, std::uint8_t* to) {
  std::memset(to, 0, dtype.itemsize);
  if (utf8.size == 0) return;
  if (dtype.kind == Kind::bytes) {
    std::memcpy(to, utf8.data, utf8.size < dtype.itemsize ? utf8.size : dtype.itemsize);
    return;
  }
  const bool swap = !is_host_order(dtype);
  const std::uint8_t* end = to + dtype.itemsize / 4 * 4;
  for (std::uint64_t i = 0; i < utf8.size && to < end; to += 4) {
    std::uint32_t c = 0;
    i += static_cast<std::uint64_t>(std::max(1, decode_utf8(utf8, i, c)));
    if (swap) c = swap_bytes(c);
    std::memcpy(to, &c, 4);
  }
}

}  // namespace mmappickle::numpy
