#include "suggest.h"

#include <algorithm>

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
std::string first_keys(const Index& index, const std::vector<Index::Slot>& slots) {
  const std::size_t n = slots.size();
  const std::size_t named = n > kFirst ? kFirst : n - 1;
  std::string text = n == 1 ? "The file's only key is " : "The file has the keys ";
  for (std::size_t i = 0; i < named; ++i) {
    text += (i > 0 ? ", " : "") + shown(index.key(slots[i]));
  }
  if (n > 1) text += " and ";
  return text +
         (n > kFirst ? std::to_string(n - named) + " more"
                     : shown(index.key(slots[named]))) +
         ".";
}

}  // namespace

std::string suggest(const Index& index, std::string_view key) {
  if (index.count() == 0) return "The file has no keys yet.";
  Nearest nearest(key);
  const std::vector<Index::Slot> slots = index.live();
  for (std::size_t i = 0; i < std::min(slots.size(), kKeysLookedAt); ++i) {
    nearest.look(index.key(slots[i]));
  }
  const std::string hint = nearest.hint();
  return hint.empty() ? first_keys(index, slots) : hint;
}

}  // namespace mmappickle::store
