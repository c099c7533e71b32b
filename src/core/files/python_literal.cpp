#include "python_literal.h"

#include "../base/utf8.h"

namespace mmappickle::files {
namespace {

using Type = Literal::Type;

bool is_digit(std::uint8_t c) { return c >= '0' && c <= '9'; }

int hex_digit(std::uint8_t c) {
  if (is_digit(c)) return c - '0';
  const int letter = c | 0x20;
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

// Each function reads at at_, and leaves it behind what it took; false: there is none.
class Parser {
 public:
  explicit Parser(Bytes text) : text_(text) {}

  bool whole(Literal& out) {
    if (!value(out, 0)) return false;
    skip_space();
    return at_ == text_.size;
  }

 private:
  bool take(char c) {
    skip_space();
    if (at_ == text_.size || text_[at_] != static_cast<std::uint8_t>(c)) return false;
    ++at_;
    return true;
  }

  bool take(std::string_view word) {
    if (!text_.from(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  void skip_space() {
    while (at_ < text_.size && (text_[at_] == ' ' || text_[at_] == '\n' ||
                                text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }

  bool value(Literal& out, int depth) {
    skip_space();
    if (depth > kMostNested || at_ == text_.size) return false;
    if (take('(')) return tuple(out, depth);
    if (take('[')) return items(out, Type::list, ']', depth);
    if (take('{')) return dict(out, depth);
    if (take("True") || take("False")) {
      out.type = Type::boolean;
      out.integer = text_[at_ - 2] == 'u';
      return true;
    }
    if (is_digit(text_[at_])) return integer(out);
    if (text_[at_] == 'u') ++at_;  // Python 2
    return at_ < text_.size && text(out);
  }

  bool items(Literal& out, Type type, char end, int depth) {
    out.type = type;
    while (!take(end)) {
      if (!value(out.items.emplace_back(), depth + 1)) return false;
      comma_ = take(',');
      if (comma_) continue;
      return take(end);
    }
    return true;
  }

  // (x) is x.
  bool tuple(Literal& out, int depth) {
    comma_ = false;
    if (!items(out, Type::tuple, ')', depth)) return false;
    if (out.items.size() == 1 && !comma_) {
      Literal inner = std::move(out.items[0]);
      out = std::move(inner);
    }
    return true;
  }

  bool dict(Literal& out, int depth) {
    out.type = Type::dict;
    while (!take('}')) {
      if (!value(out.items.emplace_back(), depth + 1) || !take(':') ||
          !value(out.items.emplace_back(), depth + 1)) {
        return false;
      }
      if (!take(',')) return take('}');
    }
    return true;
  }

  bool integer(Literal& out) {
    out.type = Type::integer;
    if (text_[at_] == '0' && at_ + 1 < text_.size && is_digit(text_[at_ + 1])) {
      return false;
    }
    for (; at_ < text_.size && is_digit(text_[at_]); ++at_) {
      const auto digit = static_cast<std::uint64_t>(text_[at_] - '0');
      if (out.integer > (UINT64_MAX - digit) / 10) return false;
      out.integer = out.integer * 10 + digit;
    }
    if (at_ < text_.size && text_[at_] == 'L') ++at_;  // Python 2
    return true;
  }

  bool text(Literal& out) {
    out.type = Type::text;
    const std::uint8_t quote = text_[at_++];
    if (quote != '\'' && quote != '"') return false;
    while (at_ < text_.size && text_[at_] != quote) {
      const std::uint8_t c = text_[at_++];
      if (c == '\n' || (c == '\\' && !escape(out.text))) return false;
      if (c != '\\') out.text += static_cast<char>(c);
    }
    return at_++ < text_.size;
  }

  bool escape(std::string& out) {
    static constexpr std::string_view kLetters = "\\'\"abfnrtv";
    static constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
    if (at_ == text_.size) return false;
    const char c = static_cast<char>(text_[at_++]);
    const std::size_t known = kLetters.find(c);
    if (known != std::string_view::npos) {
      out += kMeanings[known];
      return true;
    }
    const int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0 || !text_.holds(at_, static_cast<std::uint64_t>(digits))) {
      return false;
    }
    std::uint32_t code_point = 0;
    for (int i = 0; i < digits; ++i) {
      const int digit = hex_digit(text_[at_++]);
      if (digit < 0) return false;
      code_point = code_point << 4 | static_cast<std::uint32_t>(digit);
    }
    if (code_point > 0x10ffff) return false;
    append_utf8(out, code_point);
    return true;
  }

  Bytes text_;
  std::uint64_t at_ = 0;
  bool comma_ = false;  // behind the last item
};

}  // namespace

std::optional<Literal> parse_literal(Bytes text) {
  Literal out;
  if (!Parser(text).whole(out)) return {};
  return out;
}

std::string literal_of(std::string_view utf8) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out = "'";
  for (const char c : utf8) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '\'' || c == '\\') out += '\\';
    if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    } else {
      out += c;
    }
  }
  return out + "'";
}

}  // namespace mmappickle::files
