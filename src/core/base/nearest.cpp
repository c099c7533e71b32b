#include "nearest.h"

#include <algorithm>
#include <cstdint>

#include "utf8.h"

namespace mmappickle {

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

constexpr std::size_t kFar = SIZE_MAX / 2;

bool starts_with(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

}  // namespace

Nearest::Nearest(std::string_view wanted)
    : wanted_(wanted.size() <= kLongest ? lower(wanted) : std::string()),
      least_(std::max<std::size_t>(wanted_.size() / 3, 1) + 1) {}

// In bytes, letters of both cases alike: insertions, deletions, changes, and swaps of two
// neighbours (optimal string alignment). `least_` or more where it is too far.
std::size_t Nearest::distance(std::string_view name) const {
  const std::string& a = wanted_;
  const std::string b = lower(name);
  const std::size_t shorter = std::min(a.size(), b.size());
  if (a == b) return 0;
  if (shorter > 1 && (starts_with(a, b) || starts_with(b, a))) return 1;
  if (std::max(a.size(), b.size()) - shorter > least_) return kFar;
  std::size_t rows[3][kLongest + 1];
  std::size_t *before = rows[0], *last = rows[1], *row = rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  // What is further from the diagonal than `least_` is too far.
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const std::size_t begin = i > least_ ? i - least_ : 1;
    const std::size_t end = std::min(b.size(), i + least_);
    row[begin - 1] = begin == 1 ? i : kFar;
    for (std::size_t j = begin; j <= end; ++j) {
      const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
      std::size_t least = last[j - 1] + change;
      if (last[j] + 1 < least) least = last[j] + 1;
      if (row[j - 1] + 1 < least) least = row[j - 1] + 1;
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped && before[j - 2] + 1 < least) least = before[j - 2] + 1;
      row[j] = least;
    }
    if (end < b.size()) row[end + 1] = kFar;
    std::size_t* const free = before;
    before = last;
    last = row;
    row = free;
  }
  // "a" for "x" is another name, not a slip of the pen.
  return last[b.size()] < std::max(a.size(), b.size()) ? last[b.size()] : kFar;
}

void Nearest::look(std::string_view name) {
  if (wanted_.empty() || name.empty() || name.size() > kLongest) return;
  const std::size_t far = distance(name);
  // At first `least_` is what is too far.
  if (far > least_ || (far == least_ && (count_ == 0 || count_ == kMost))) return;
  if (far < least_) count_ = 0;
  least_ = far;
  found_[count_++] = name;
}

std::string Nearest::hint() const {
  if (count_ == 0) return {};
  std::string hint = "Did you mean ";
  for (std::size_t i = 0; i < count_; ++i) {
    if (i > 0) hint += i + 1 < count_ ? ", " : " or ";
    hint += "\"" + escape_text(Bytes(std::string_view(found_[i]))) + "\"";
  }
  return hint + "?";
}

}  // namespace mmappickle
