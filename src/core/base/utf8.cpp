#include "utf8.h"

#include <algorithm>

namespace mmappickle {
namespace {

bool is_surrogate(std::uint32_t code_point) {
  return code_point >= 0xd800 && code_point <= 0xdfff;
}

// C0 with NUL, DEL and C1: a terminal may act on them.
bool is_control(std::uint32_t code_point) {
  return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

// "\x1f" for two digits, "\udc80" for four.
char* put_escape(char* out, std::uint32_t value, int digits) {
  *out++ = '\\';
  *out++ = digits == 2 ? 'x' : 'u';
  for (int i = digits - 1; i >= 0; --i) {
    *out++ = "0123456789abcdef"[(value >> (4 * i)) & 0xf];
  }
  return out;
}

// Number of leading bytes from `at` on that are ASCII without NUL.
std::uint64_t plain_run(Bytes text, std::uint64_t at) {
  constexpr std::uint64_t kHigh = 0x8080808080808080u, kOnes = 0x0101010101010101u;
  std::uint64_t end = at;
  while (text.holds(end, 8)) {
    const auto word = load_native<std::uint64_t>(text.data + end);
    // The second term has a high bit set if (and, with no high bit in `word`, only if)
    // a byte is zero.
    if ((word & kHigh) != 0 || ((word - kOnes) & kHigh) != 0) break;
    end += 8;
  }
  while (end < text.size && text[end] - 1u < 0x7f) ++end;
  return end - at;
}

}  // namespace

TextKind classify_text(Bytes text) {
  bool nul = false, wide = false, surrogates = false;
  std::uint64_t at = 0;
  while (at < text.size) {
    at += plain_run(text, at);
    // At least a word of single steps before the next look for a plain run.
    for (const std::uint64_t stop = at + 8; at < text.size && at < stop;) {
      std::uint32_t code_point = 0;
      const int length = decode_utf8(text, at, code_point);
      if (length == 0) return TextKind::invalid;
      nul |= code_point == 0;
      wide |= code_point >= 0x80;
      surrogates |= is_surrogate(code_point);
      at += static_cast<std::uint64_t>(length);
    }
  }
  if (surrogates) return TextKind::surrogates;
  if (nul) return TextKind::nul;
  return wide ? TextKind::utf8 : TextKind::ascii;
}

std::size_t escape_text(Bytes text, char* out) {
  char* end = out;
  for (std::uint64_t at = 0; at < text.size;) {
    std::uint32_t code_point = 0;
    const int length = decode_utf8(text, at, code_point);
    if (length == 0) {
      end = put_escape(end, text[at], 2);
    } else if (is_surrogate(code_point) || (is_control(code_point) && length > 1)) {
      end = put_escape(end, code_point, 4);
    } else if (is_control(code_point)) {
      end = put_escape(end, code_point, 2);
    } else {
      end = std::copy_n(text.data + at, length, end);
    }
    at += static_cast<std::uint64_t>(length == 0 ? 1 : length);
  }
  return static_cast<std::size_t>(end - out);
}

std::string escape_text(Bytes text) {
  std::string out(kEscaped * text.size, '\0');
  out.resize(escape_text(text, out.data()));
  return out;
}

std::string surrogate_escape(Bytes bytes) {
  std::string out;
  for (std::uint64_t at = 0; at < bytes.size;) {
    std::uint32_t code_point = 0;
    int length = decode_utf8(bytes, at, code_point);
    if (length == 0 || is_surrogate(code_point)) {
      code_point = 0xdc00u | bytes[at];
      length = 1;
    }
    append_utf8(out, code_point);
    at += static_cast<std::uint64_t>(length);
  }
  return out;
}

std::string surrogate_unescape(Bytes text) {
  std::string out;
  for (std::uint64_t at = 0; at < text.size;) {
    std::uint32_t code_point = 0;
    const int length = decode_utf8(text, at, code_point);
    const auto n = static_cast<std::uint64_t>(std::max(1, length));
    if (length == 3 && code_point >= 0xdc80 && code_point <= 0xdcff) {
      out += static_cast<char>(code_point & 0xff);
    } else {
      out += text.slice(at, n).text();
    }
    at += n;
  }
  return out;
}

std::string latin1_to_utf8(Bytes text) {
  std::string out;
  out.reserve(text.size);
  for (std::uint64_t i = 0; i < text.size; ++i) append_utf8(out, text[i]);
  return out;
}

bool utf8_to_latin1(Bytes text, std::string& out) {
  out.clear();
  out.reserve(text.size);
  for (std::uint64_t at = 0; at < text.size;) {
    std::uint32_t code_point = 0;
    const int length = decode_utf8(text, at, code_point);
    if (length == 0 || code_point > 0xff) return false;
    out += static_cast<char>(code_point);
    at += static_cast<std::uint64_t>(length);
  }
  return true;
}

bool is_ascii(Bytes text) {
  return std::all_of(text.data, text.data + text.size,
                     [](std::uint8_t byte) { return byte < 0x80; });
}

std::uint64_t count_code_points(Bytes text) {
  std::uint64_t n = 0;
  for (std::uint64_t i = 0; i < text.size; ++i) n += !is_utf8_inside(text[i]);
  return n;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  if (code_point < 0x80) {
    out += static_cast<char>(code_point);
    return;
  }
  const int length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
  out += static_cast<char>(0xf00u >> length | code_point >> (6 * (length - 1)));
  for (int i = length - 2; i >= 0; --i) {
    out += static_cast<char>(0x80u | (code_point >> (6 * i) & 0x3fu));
  }
}

}  // namespace mmappickle
