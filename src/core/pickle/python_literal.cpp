#include "python_literal.h"

#include "../base/utf8.h"
#include "reader.h"

namespace mmappickle::pickle {

namespace {

class Literal {
 public:
  Literal(Tree& tree, Bytes text) : tree_(tree), text_(text) {}

  Id all() {
    skip_spaces();
    const Id value = this->value(0);
    skip_spaces();
    return value != kNoId && at_end() ? value : kNoId;
  }

 private:
  bool at_end() const { return at_ == text_.size; }
  char peek() const { return at_end() ? '\0' : static_cast<char>(text_[at_]); }
  bool take(std::string_view word) {
    if (!text_.from(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') ++at_;
  }

  Id value(int depth) {
    if (depth > kMaxLiteralDepth) return kNoId;
    switch (peek()) {
      case '[':
        return sequence(Tag::list, ']', depth);
      case '(':
        return sequence(Tag::tuple, ')', depth);
      case '{':
        return sequence(Tag::dict, '}', depth);
      case '\'':
      case '"':
        return string();
      case 'u':  // Python 2's
        ++at_;
        return peek() == '\'' || peek() == '"' ? string() : kNoId;
      default:
        break;
    }
    if (take("True")) return tree_.boolean(true);
    if (take("False")) return tree_.boolean(false);
    if (take("None")) return tree_.none();
    return number();
  }

  // The items up to `close`, of which the last may have a comma; a dict's keys and
  // values.
  Id sequence(Tag tag, char close, int depth) {
    std::vector<Id> items;
    bool comma = false;
    ++at_;
    for (;;) {
      skip_spaces();
      if (peek() == close) break;
      if (!items.empty() && !comma) return kNoId;
      const int parts = tag == Tag::dict ? 2 : 1;
      for (int i = 0; i < parts; ++i) {
        if (i == 1 && !take(":")) return kNoId;
        skip_spaces();
        const Id item = value(depth + 1);
        if (item == kNoId) return kNoId;
        items.push_back(item);
        skip_spaces();
      }
      comma = take(",");
    }
    ++at_;
    const bool grouped = tag == Tag::tuple && items.size() == 1 && !comma;
    return grouped ? items[0] : tree_.container(tag, items);
  }

  Id number() {
    const std::uint64_t from = at_;
    if (peek() == '-') ++at_;
    const std::uint64_t first = at_;
    while (peek() >= '0' && peek() <= '9') ++at_;
    if (at_ - first > 1 && text_[first] == '0') return kNoId;
    std::int64_t number = 0;
    if (!parse_decimal(text_.slice(from, at_ - from), number)) return kNoId;
    if (peek() == 'L') ++at_;  // Python 2's
    return tree_.integer(number);
  }

  Id string() {
    const char quote = peek();
    const std::uint64_t from = ++at_;
    bool escaped = false;
    for (; !at_end() && peek() != quote; ++at_) {
      if (peek() == '\n') return kNoId;
      if (peek() != '\\') continue;
      escaped = true;
      ++at_;
      if (at_end()) return kNoId;
    }
    if (at_end()) return kNoId;
    Bytes inside = text_.slice(from, at_ - from);
    ++at_;
    if (escaped) {
      std::string plain;
      if (!unescape(inside, plain)) return kNoId;
      inside = tree_.keep(std::move(plain));
    }
    return tree_.text(inside);
  }

  static bool unescape(Bytes escaped, std::string& out) {
    for (std::uint64_t i = 0; i < escaped.size; ++i) {
      if (escaped[i] != '\\') {
        out += static_cast<char>(escaped[i]);
        continue;
      }
      if (++i == escaped.size) return false;
      const char c = static_cast<char>(escaped[i]);
      const int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
      if (digits != 0) {
        std::uint32_t code_point = 0;
        for (int k = 0; k < digits; ++k) {
          if (++i == escaped.size) return false;
          const int d = digit(escaped[i]);
          if (d < 0) return false;
          code_point = code_point << 4 | static_cast<std::uint32_t>(d);
        }
        if (code_point > 0x10ffff) return false;
        append_utf8(out, code_point);
        continue;
      }
      const std::string_view known = "\\'\"abfnrtv", means = "\\'\"\a\b\f\n\r\t\v";
      const std::size_t at = known.find(c);
      if (at == known.npos) return false;
      out += means[at];
    }
    return true;
  }

  static int digit(std::uint8_t c) {
    const int letter = c | 0x20;
    return c >= '0' && c <= '9'             ? c - '0'
           : letter >= 'a' && letter <= 'f' ? letter - 'a' + 10
                                            : -1;
  }

  Tree& tree_;
  const Bytes text_;
  std::uint64_t at_ = 0;
};

}  // namespace

Id read_literal(Tree& tree, Bytes text) { return Literal(tree, text).all(); }

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

}  // namespace mmappickle::pickle
