#include "suggest.h"

#include <algorithm>
#include <utility>

#include "../base/utf8.h"

namespace mmappickle::store {

namespace {

constexpr std::size_t kKeysLookedAt = 10000;
constexpr std::size_t kLongestKey = 64;
constexpr std::size_t kSuggestions = 3;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Levenshtein's distance (bytes, letters of both cases alike), or `limit` if it is not
// smaller.
std::size_t distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t difference =
      a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference >= limit) return limit;
  std::size_t row[kLongestKey + 1];
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0], smallest = row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
      smallest = std::min(smallest, row[j + 1]);
    }
    if (smallest >= limit) return limit;
  }
  return std::min(row[b.size()], limit);
}

}  // namespace

std::string suggest(const Index& index, std::string_view key) {
  if (index.count() == 0) return "The file has no keys yet.";
  std::vector<std::pair<std::size_t, Index::Slot>> near;
  if (key.size() <= kLongestKey) {
    // Up to a third of the letters may be wrong.
    const std::size_t limit = std::max<std::size_t>(key.size() / 3, 1) + 1;
    const std::vector<Index::Slot> slots = index.live();
    for (std::size_t i = 0; i < std::min(slots.size(), kKeysLookedAt); ++i) {
      const std::string_view candidate = index.key(slots[i]);
      if (candidate.size() > kLongestKey) continue;
      const std::size_t d = distance(key, candidate, limit);
      if (d < limit) near.emplace_back(d, slots[i]);
    }
  }
  if (near.empty()) return "names() gives the keys that are there.";
  const std::size_t n = std::min(near.size(), kSuggestions);
  std::partial_sort(near.begin(), near.begin() + static_cast<std::ptrdiff_t>(n),
                    near.end());
  std::string hint = "Did you mean ";
  for (std::size_t i = 0; i < n; ++i) {
    if (i > 0) hint += i + 1 < n ? ", " : " or ";
    hint += "'" + escape_text(Bytes(index.key(near[i].second))) + "'";
  }
  return hint + "?";
}

}  // namespace mmappickle::store
