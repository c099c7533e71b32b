// For the tests of pickle/: pickles written in place, and trees as text.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/output.h"
#include "pickle/integers.h"
#include "pickle/reader.h"

namespace mmappickle::pickle {

// A literal with its NULs.
template <std::size_t N>
std::string raw(const char (&literal)[N]) {
  return std::string(literal, N - 1);
}

std::string hex_of(Bytes bytes);

inline std::string le(std::uint64_t value, int bytes) {
  std::string s(static_cast<std::size_t>(bytes), '\0');
  store_le(reinterpret_cast<std::uint8_t*>(&s[0]), value, bytes);
  return s;
}

inline std::string repeat(const std::string& s, std::size_t times) {
  std::string all;
  all.reserve(s.size() * times);
  for (std::size_t i = 0; i < times; ++i) all += s;
  return all;
}

// The notation of corpus.py, which has no word for what is not plain: that is shown as
// ?module.name, ?(callable args), with what was done to it behind it. Dicts and sets as
// Python would have them: a repeated key counts once. Recursive: for shallow trees, at
// most `limit` nodes ("..." beyond).
class Dump {
 public:
  explicit Dump(const Tree& tree, int limit = 100000) : tree_(tree), left_(limit) {}
  std::string operator()(Id id, int depth = 0) {
    if (--left_ < 0 || depth > 200) return "?...";
    const Node& n = tree_[id];
    switch (n.tag) {
      case Tag::none:
        return "N";
      case Tag::boolean:
        return n.flag ? "T" : "F";
      case Tag::integer:
        return "i" + std::to_string(n.integer);
      case Tag::big_integer:
        if (!n.flag) return "I" + hex_of(tree_.bytes_of(id));
        if (n.size > 5000) return "?digits";
        return "I" + hex_of(Bytes(std::string_view(
                         decimal_to_twos_complement(tree_.bytes_of(id)))));
      case Tag::real: {
        std::uint64_t bits;
        std::memcpy(&bits, &n.real, 8);
        std::string big_endian = le(bits, 8);
        std::reverse(big_endian.begin(), big_endian.end());
        return "f" + hex_of(Bytes(std::string_view(big_endian)));
      }
      case Tag::text:
        return "s" + hex_of(tree_.bytes_of(id));
      case Tag::bytes:
        return "b" + hex_of(tree_.bytes_of(id));
      case Tag::byte_array:
        return "a" + hex_of(tree_.bytes_of(id));
      case Tag::string: {
        const std::string_view s = tree_.text_of(id);
        const bool ascii = std::all_of(s.begin(), s.end(), [](char c) {
          return static_cast<unsigned char>(c) < 0x80;
        });
        return (ascii ? "s" : "?string ") + hex_of(tree_.bytes_of(id));
      }
      case Tag::list:
        return "[" + items(id, depth) + "]";
      case Tag::tuple:
        return "(" + items(id, depth) + ")";
      case Tag::set:
        return "<" + sorted_items(id, depth) + ">";
      case Tag::frozenset:
        return "!<" + sorted_items(id, depth) + ">";
      case Tag::dict:
        return "{" + pairs(id, depth) + "}";
      case Tag::global:
        return "?" + tree_.global_name(id) + extra(id, depth);
      case Tag::object:
        return (n.how == How::call         ? "?call("
                : n.how == How::new_object ? "?new("
                : n.how == How::instance   ? "?instance("
                                           : "?new_ex(") +
               (*this)(n.first, depth + 1) + " " + (*this)(n.second, depth + 1) + ")" +
               extra(id, depth);
      case Tag::persistent:
        return "?persistent(" + (*this)(n.first, depth + 1) + ")";
      case Tag::extension:
        return "?extension" + std::to_string(n.integer);
      case Tag::buffer:
        return n.flag ? "?readonly" : "?buffer";
      case Tag::array:
        return "?array" + std::to_string(n.integer);
    }
    return "?";
  }

 private:
  static std::string join(const std::vector<std::string>& parts) {
    std::string s;
    for (const std::string& part : parts) s += (s.empty() ? "" : ",") + part;
    return s;
  }
  std::string items(Id id, int depth) {
    std::vector<std::string> parts;
    for (const Id item : tree_.items(id)) parts.push_back((*this)(item, depth + 1));
    return join(parts);
  }
  std::string sorted_items(Id id, int depth) {
    std::vector<std::string> parts;
    for (const Id item : tree_.items(id)) parts.push_back((*this)(item, depth + 1));
    std::sort(parts.begin(), parts.end());
    parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
    return join(parts);
  }
  std::string pairs(Id id, int depth) {
    std::vector<std::string> keys, values, parts;
    bool is_value = false;
    std::size_t at = 0;
    for (const Id item : tree_.items(id)) {
      const std::string s = (*this)(item, depth + 1);
      if (!is_value) {
        // Quadratic, but for small dicts only.
        at = keys.size() > 3000
                 ? keys.size()
                 : static_cast<std::size_t>(std::find(keys.begin(), keys.end(), s) -
                                            keys.begin());
        if (at == keys.size()) {
          keys.push_back(s);
          values.emplace_back();
        }
      } else {
        values[at] = s;
      }
      is_value = !is_value;
    }
    for (std::size_t i = 0; i < keys.size(); ++i)
      parts.push_back(keys[i] + ":" + values[i]);
    return join(parts);
  }
  std::string extra(Id id, int depth) {
    const Extra* e = tree_.extra_of(id);
    if (e == nullptr) return "";
    std::string s;
    const auto put = [&](const char* name, Id part) {
      if (part != kNoId) s += std::string(" ") + name + "=" + (*this)(part, depth + 1);
    };
    put("keywords", e->keywords);
    put("items", e->items);
    put("dict_items", e->dict_items);
    for (const Id state : e->states) put("state", state);
    put("state", e->state);
    return s;
  }

  const Tree& tree_;
  int left_;
};

// What the pickle reads as, or "error@offset".
inline std::string read(const std::string& pickle) {
  Tree tree;
  try {
    const Pickle p = read_pickle(tree, Bytes(std::string_view(pickle)));
    return Dump(tree)(p.root);
  } catch (const Error& e) {
    if (e.kind != ErrorKind::format) return name(e.kind);
    return "error@" + std::to_string(e.offset);
  }
}

struct Reads {
  std::string pickle, value;
};
inline void check_reads(const std::vector<Reads>& cases) {
  for (const Reads& c : cases) {
    CAPTURE(c.pickle);
    CHECK(read(c.pickle) == c.value);
  }
}

// The tag of the root; checks that there are no more nodes than bytes.
inline Tag root_tag(const std::string& pickle) {
  Tree tree;
  const Pickle p = read_pickle(tree, Bytes(std::string_view(pickle)));
  CHECK(tree.size() <= pickle.size() + 8);
  return tree[p.root].tag;
}

constexpr std::size_t kMillion = 1000000;

// An output's bytes, payloads and all.
inline std::string bytes_of(const Output& output) {
  std::string all;
  struct Visitor {
    std::string& all;
    void operator()(std::uint64_t, Bytes bytes) { all += bytes.text(); }
    void operator()(std::uint64_t, const Source& source) {
      std::string payload(static_cast<std::size_t>(source.size()), '\0');
      source.read(0, reinterpret_cast<std::uint8_t*>(&payload[0]), source.size());
      all += payload;
    }
  };
  output.visit(Visitor{all});
  return all;
}

}  // namespace mmappickle::pickle
