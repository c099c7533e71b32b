#include "suggest.h"

#include "../base/nearest.h"
#include "../base/utf8.h"

namespace mmappickle::store {

namespace {

constexpr std::size_t kKeysLookedAt = 10000;
constexpr std::size_t kFirst = 5;
constexpr std::size_t kLongestShown = 30;

std::string shown(std::string_view key) {
  if (key.size() <= kLongestShown) return "\"" + escape_text(Bytes(key)) + "\"";
  std::size_t size = kLongestShown;
  while (size > 0 && (key[size] & 0xc0) == 0x80) --size;  // within a character
  return "\"" + escape_text(Bytes(key.substr(0, size))) + "...\"";
}

// "The file has the keys "a", "b" and "c"." "... and 95 more."
std::string first_keys(const Index& index) {
  const std::size_t n = index.count();
  const std::size_t named = n > kFirst ? kFirst : n - 1;
  std::string text = n == 1 ? "The file's only key is " : "The file has the keys ";
  Index::Slot slot = index.first_from(0);
  for (std::size_t i = 0; i < named; ++i, slot = index.first_from(slot + 1)) {
    text += (i > 0 ? ", " : "") + shown(index.key(slot));
  }
  if (n > 1) text += " and ";
  return text +
         (n > kFirst ? std::to_string(n - named) + " more" : shown(index.key(slot))) +
         ".";
}

}  // namespace

std::string suggest(const Index& index, std::string_view key) {
  if (index.count() == 0) return "The file has no keys yet.";
  Nearest nearest(key);
  Index::Slot slot = index.first_from(0);
  for (std::size_t i = 0; i < kKeysLookedAt && slot != Index::kNone; ++i) {
    nearest.look(index.key(slot));
    slot = index.first_from(slot + 1);
  }
  const std::string hint = nearest.hint();
  return hint.empty() ? first_keys(index) : hint;
}

}  // namespace mmappickle::store
