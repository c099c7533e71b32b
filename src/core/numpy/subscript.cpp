#include "subscript.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../base/checked.h"
#include "../base/error.h"
#include "../base/nearest.h"
#include "../base/number_text.h"
#include "../base/poll.h"
#include "../base/utf8.h"

namespace mmappickle::numpy {

namespace {

constexpr std::uint64_t kWork = 32;  // of a position, as Poll counts it
constexpr std::uint64_t kNameWork = 1024;

[[noreturn]] void fail(const std::string& message, const std::string& hint = {}) {
  throw Error(ErrorKind::index, message, hint);
}

std::string plural(std::uint64_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

[[noreturn]] void fail_missing(const SubscriptWords& words) {
  fail("A " + words.what + " of " + words.at + " is NA.");
}

[[noreturn]] void fail_range(double value, std::uint64_t extent,
                             const SubscriptWords& words) {
  fail("The " + words.what + " " + with_commas(std::trunc(value)) +
           " is out of range: " + words.at + " has " +
           with_commas(static_cast<double>(extent)) + " " + words.of + ".",
       words.beyond);
}

[[noreturn]] void fail_unnamed(const std::string& name, const AxisNames* names,
                               const SubscriptWords& words) {
  fail("No element of " + words.at + " is named \"" + escape_text(Bytes(name)) + "\".",
       names == nullptr ? "It has no names." : names->hint(name));
}

Axis range_of(std::uint64_t start, std::uint64_t count) {
  Axis axis;
  axis.start = start;
  axis.count = count;
  return axis;
}

// A list that is a range becomes one, so that runs merge.
Axis axis_of(std::vector<std::uint64_t> list, Lists& lists, Poll& poll) {
  Axis axis;
  axis.count = list.size();
  if (list.empty()) return axis;
  axis.start = list[0];
  axis.step = list.size() > 1 ? static_cast<std::int64_t>(list[1] - list[0]) : 1;
  for (std::size_t i = 1; i < list.size(); ++i) {
    poll.after(kWork);
    if (static_cast<std::int64_t>(list[i] - list[i - 1]) != axis.step) {
      lists.emplace_back(std::move(list));
      axis.list = lists.back().data();
      break;
    }
  }
  return axis;
}

Axis named(const Subscript& subscript, const AxisNames* names,
           const SubscriptWords& words, Lists& lists, Poll& poll) {
  std::vector<std::uint64_t> list(subscript.names.size());
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!subscript.missing.empty() && subscript.missing[i]) fail_missing(words);
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (names == nullptr || !names->find(subscript.names[i], list[i])) {
      fail_unnamed(subscript.names[i], names, words);
    }
    poll.after(kNameWork);
  }
  return axis_of(std::move(list), lists, poll);
}

Axis logical(const Subscript& subscript, std::uint64_t extent,
             const SubscriptWords& words, Lists& lists, Poll& poll) {
  const std::vector<std::uint8_t>& flags = subscript.logicals;
  for (const std::uint8_t flag : flags) {
    if (flag > 1) fail_missing(words);
    poll.after(1);
  }
  if (flags.size() == 1) return range_of(0, flags[0] ? extent : 0);
  if (flags.size() > extent) {
    fail("A logical " + words.what + " of length " +
         with_commas(static_cast<double>(flags.size())) + " is too long: " + words.at +
         " has " + with_commas(static_cast<double>(extent)) + " " + words.of + ".");
  }
  std::vector<std::uint64_t> list;
  if (flags.empty()) return range_of(0, 0);
  for (std::uint64_t i = 0; i < extent; ++i) {
    if (flags[i % flags.size()]) list.push_back(i);
    poll.after(kWork);
  }
  return axis_of(std::move(list), lists, poll);
}

// All but those.
Axis without(const std::vector<double>& numbers, std::uint64_t extent, Lists& lists,
             Poll& poll) {
  std::vector<bool> left_out(extent);
  for (const double number : numbers) {
    const double at = -std::trunc(number);
    if (at >= 1 && at < static_cast<double>(extent) + 1) {
      left_out[static_cast<std::uint64_t>(at) - 1] = true;
    }
    poll.after(kWork);
  }
  std::vector<std::uint64_t> list;
  for (std::uint64_t i = 0; i < extent; ++i) {
    if (!left_out[i]) list.push_back(i);
    poll.after(kWork);
  }
  return axis_of(std::move(list), lists, poll);
}

Axis numeric(const std::vector<double>& numbers, std::uint64_t extent,
             const SubscriptWords& words, Lists& lists, Poll& poll) {
  if (numbers.empty()) return range_of(0, 0);
  double least = numbers[0], most = numbers[0];
  for (const double number : numbers) {
    if (std::isnan(number)) fail_missing(words);
    least = std::min(least, number);
    most = std::max(most, number);
    poll.after(kWork);
  }
  if (most >= static_cast<double>(extent) + 1) fail_range(most, extent, words);
  if (least <= -1 && most >= 1) {
    fail("Positive and negative subscripts cannot be mixed.");
  }
  if (least <= -1) return without(numbers, extent, lists, poll);
  std::vector<std::uint64_t> list;
  list.reserve(numbers.size());
  for (const double number : numbers) {
    if (number >= 1) list.push_back(static_cast<std::uint64_t>(number) - 1);
    poll.after(kWork);
  }
  return axis_of(std::move(list), lists, poll);
}

// first, first + 1, ...: as numeric(), without a list.
Axis range(const Subscript& s, std::uint64_t extent, const SubscriptWords& words,
           Lists& lists, Poll& poll) {
  const double last = s.first + s.count - 1;
  if (s.first >= 1) {
    if (last >= static_cast<double>(extent) + 1) fail_range(last, extent, words);
    return range_of(static_cast<std::uint64_t>(s.first) - 1,
                    static_cast<std::uint64_t>(s.count));
  }
  std::vector<double> numbers;
  if (last >= static_cast<double>(extent) + 1) fail_range(last, extent, words);
  for (double i = 0; i < s.count; ++i) numbers.push_back(s.first + i);
  return numeric(numbers, extent, words, lists, poll);
}

SubscriptWords words_of(const std::string& key, std::size_t axis, std::size_t rank,
                        const std::string& beyond) {
  SubscriptWords words;
  words.beyond = beyond;
  words.at = (rank > 1 ? "dimension " + std::to_string(axis + 1) + " of " : "") + key;
  return words;
}

// A row a place, a column an axis. A row with a zero is left out, as in R.
std::vector<std::uint64_t> matrix(const Subscript& s, const Shape& shape,
                                  const std::vector<const AxisNames*>& names,
                                  const std::string& key, const std::string& beyond,
                                  Poll& poll) {
  const std::size_t rank = shape.size();
  const std::uint64_t rows = s.size() / rank;
  std::vector<std::uint64_t> linear(rows);
  std::vector<bool> left_out;  // empty while none is
  std::uint64_t stride = 1;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const SubscriptWords words = words_of(key, axis, rank, beyond);
    const AxisNames* own = axis < names.size() ? names[axis] : nullptr;
    for (std::uint64_t row = 0; row < rows; ++row) {
      const std::uint64_t i = axis * rows + row;
      poll.after(kWork);
      std::uint64_t at = 0;
      if (s.kind == Subscript::Type::names) {
        if (!s.missing.empty() && s.missing[i])
          fail("A subscript of " + words.at + " is NA.");
        if (own == nullptr || !own->find(s.names[i], at)) {
          fail_unnamed(s.names[i], own, words);
        }
      } else {
        const double number = s.kind == Subscript::Type::range
                                  ? s.first + static_cast<double>(i)
                                  : s.numbers[i];
        if (std::isnan(number)) fail_missing(words);
        if (number <= -1) fail("A matrix of subscripts has no negative ones.");
        if (number >= static_cast<double>(shape[axis]) + 1) {
          fail_range(number, shape[axis], words);
        }
        if (number < 1) {
          left_out.resize(rows);
          left_out[row] = true;
          continue;
        }
        at = static_cast<std::uint64_t>(number) - 1;
      }
      linear[row] += at * stride;
    }
    stride *= shape[axis];
  }
  if (left_out.empty()) return linear;
  std::size_t kept = 0;
  for (std::uint64_t row = 0; row < rows; ++row) {
    if (!left_out[row]) linear[kept++] = linear[row];
  }
  linear.resize(kept);
  return linear;
}

}  // namespace

std::uint64_t Subscript::size() const {
  switch (kind) {
    case Type::all:
      return 0;
    case Type::numbers:
      return numbers.size();
    case Type::range:
      return static_cast<std::uint64_t>(count);
    case Type::logicals:
      return logicals.size();
    case Type::names:
      return names.size();
  }
  return 0;
}

bool AxisNames::find(const std::string& name, std::uint64_t& at) const {
  if (name.empty()) return false;
  if (order_.empty()) {
    order_.resize(names_.size());
    std::iota(order_.begin(), order_.end(), std::uint64_t{0});
    std::stable_sort(
        order_.begin(), order_.end(),
        [this](std::uint64_t a, std::uint64_t b) { return names_[a] < names_[b]; });
  }
  const auto found = std::lower_bound(
      order_.begin(), order_.end(), name,
      [this](std::uint64_t i, const std::string& name) { return names_[i] < name; });
  if (found == order_.end() || names_[*found] != name) return false;
  at = *found;
  return true;
}

std::string AxisNames::hint(const std::string& name) const {
  constexpr std::size_t kLookedAt = 10000;
  Nearest nearest(name);
  for (std::size_t i = 0; i < std::min(names_.size(), kLookedAt); ++i) {
    nearest.look(names_[i]);
  }
  return nearest.hint();
}

Axis resolve(const Subscript& subscript, std::uint64_t extent, const AxisNames* names,
             const SubscriptWords& words, Lists& lists,
             const std::function<void()>& ask) {
  Poll poll(ask);
  switch (subscript.kind) {
    case Subscript::Type::all:
      return range_of(0, extent);
    case Subscript::Type::numbers:
      return numeric(subscript.numbers, extent, words, lists, poll);
    case Subscript::Type::range:
      return range(subscript, extent, words, lists, poll);
    case Subscript::Type::logicals:
      return logical(subscript, extent, words, lists, poll);
    case Subscript::Type::names:
      return named(subscript, names, words, lists, poll);
  }
  return {};
}

std::uint64_t Selection::count() const {
  if (is_linear) return linear.size();
  std::uint64_t product = 1;
  for (const Axis& axis : axes) {
    if (!checked_multiply(product, axis.count, product)) return UINT64_MAX;
  }
  return product;
}

Selection select(const std::vector<Subscript>& subscripts, const Shape& shape,
                 const std::vector<const AxisNames*>& names, const std::string& key,
                 const std::string& beyond, const std::function<void()>& ask) {
  Selection out;
  const std::size_t rank = shape.size();
  using Type = Subscript::Type;
  if (subscripts.empty() || (subscripts.size() == 1 && subscripts[0].kind == Type::all)) {
    out.axes = whole(shape);
    out.whole = true;
    return out;
  }
  if (subscripts.size() == 1 && rank != 1) {
    const Subscript& one = subscripts[0];
    out.is_linear = true;
    const bool by_row = rank > 1 && one.columns == rank && one.kind != Type::logicals;
    if (by_row) {
      Poll poll(ask);
      out.linear = matrix(one, shape, names, key, beyond, poll);
      return out;
    }
    std::uint64_t count = 1;
    for (const std::uint64_t extent : shape) count *= extent;
    const Axis axis =
        resolve(one, count, nullptr, words_of(key, 0, 1, beyond), out.lists, ask);
    out.linear.resize(axis.count);
    for (std::uint64_t i = 0; i < axis.count; ++i) out.linear[i] = axis.at(i);
    return out;
  }
  if (subscripts.size() != rank) {
    fail(key + " has " + plural(rank, "dimension") + "; " +
         plural(subscripts.size(), "subscript") +
         (subscripts.size() == 1 ? " was given." : " were given."));
  }
  for (std::size_t k = 0; k < rank; ++k) {
    const AxisNames* own = k < names.size() ? names[k] : nullptr;
    out.axes.push_back(resolve(subscripts[k], shape[k], own,
                               words_of(key, k, rank, beyond), out.lists, ask));
  }
  return out;
}

}  // namespace mmappickle::numpy
