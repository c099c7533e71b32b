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

// "\\xe9", as escaped() writes bytes.
bool is_escape(Bytes text, std::uint64_t at) {
  const auto is_digit = [&](std::uint64_t i) {
    return (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
  };
  return text.holds(at, 4) && text[at] == '\\' && text[at + 1] == 'x' &&
         is_digit(at + 2) && is_digit(at + 3);
}

bool has_escapes(Bytes text) {
  for (std::uint64_t i = 0; i + 4 <= text.size; ++i) {
    if (is_escape(text, i)) return true;
  }
  return false;
}

// What is no text as \\xe9, and a backslash that would be taken for one of these as
// \\x5c, so that each item has a text of its own, which unescaped() takes back.
std::string escaped_bytes(Bytes item) {
  std::string out;
  for (std::uint64_t i = 0; i < item.size;) {
    std::uint32_t c = 0;
    const int length = decode_utf8(item, i, c);
    const bool surrogate = length != 0 && c >= 0xd800 && c <= 0xdfff;
    if (length == 0 || c == 0 || surrogate || is_escape(item, i)) {
      for (int k = 0; k < std::max(1, length); ++k, ++i) {
        out += "\\x";
        out += "0123456789abcdef"[item[i] >> 4];
        out += "0123456789abcdef"[item[i] & 15];
      }
      continue;
    }
    out.append(item.slice(i, static_cast<std::uint64_t>(length)).text());
    i += static_cast<std::uint64_t>(length);
  }
  return out;
}

std::string unescaped(Bytes text) {
  const auto value = [](std::uint8_t c) { return c <= '9' ? c - '0' : c - 'a' + 10; };
  std::string out;
  for (std::uint64_t i = 0; i < text.size; ++i) {
    if (is_escape(text, i)) {
      out += static_cast<char>(value(text[i + 2]) * 16 + value(text[i + 3]));
      i += 3;
    } else {
      out += static_cast<char>(text[i]);
    }
  }
  return out;
}

std::string decode_bytes(Bytes item, bool* escaped) {
  while (item.size > 0 && item[item.size - 1] == 0) --item.size;
  const TextKind kind = classify_text(item);
  const bool is_text = kind == TextKind::ascii || kind == TextKind::utf8;
  if (is_text && !has_escapes(item)) return std::string(item.text());
  *escaped = true;
  return escaped_bytes(item);
}

// The bytes of which decode_bytes() makes that text; where there are none, the text's.
std::string encode_bytes(Bytes text) {
  if (has_escapes(text)) {
    std::string bytes = unescaped(text);
    bool escaped = false;
    if (decode_bytes(Bytes(bytes), &escaped) == text.text()) return bytes;
  }
  return std::string(text.text());
}

}  // namespace

std::string decode_string(const Dtype& dtype, const std::uint8_t* from, bool* escaped) {
  bool ignored = false;
  bool* odd = escaped ? escaped : &ignored;
  if (dtype.kind == Kind::unicode) return decode_unicode(dtype, from, odd);
  return decode_bytes(Bytes(from, dtype.itemsize), odd);
}

std::uint64_t text_size(const Dtype& dtype, Bytes utf8) {
  return dtype.kind == Kind::bytes ? encode_bytes(utf8).size()
                                   : count_code_points(utf8) * 4;
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
    const std::string bytes = encode_bytes(utf8);
    std::memcpy(to, bytes.data(), std::min<std::uint64_t>(bytes.size(), dtype.itemsize));
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
