// Where in the value something stands, for warnings: "$id", "[[2]]$x".
#include "core/base/utf8.h"
#include "r/read/decode.h"

namespace mmappickle {

using pickle::Id;
using pickle::kNoId;

namespace {
constexpr std::size_t kDeepest = 20, kMost = 5;
}

std::string Decoder::step(const Frame& frame, std::size_t child) const {
  const Plan& plan = frame.plan;
  if (child >= plan.own) return {};  // an attribute
  Id name = kNoId;
  switch (plan.form) {
    case Form::named:
    case Form::pairs:
      name = keys_[plan.keys + child];
      break;
    case Form::dict: {  // keys, then values
      const auto n = static_cast<std::size_t>(plan.own / 2);
      if (child >= n) child -= n;
      name = keys_[plan.keys + child];
      break;
    }
    case Form::pandas:
      if (plan.pandas->kind != pandas::Kind::frame) return {};
      if (plan.pandas->column_texts != kNoId) {
        name = tree_.item(plan.pandas->column_texts, child);
      }
      break;
    case Form::list:
    case Form::objects:
      break;
    default:
      return {};
  }
  const Bytes text = name == kNoId ? Bytes() : tree_.bytes_of(name);
  return text.size > 0 && text.size <= 255 ? "$" + escape_text(text)
                                           : "[[" + std::to_string(child + 1) + "]]";
}

std::string Decoder::place() const {
  const std::size_t n = frames_.size() - (finishing_ ? 1 : 0);
  std::string out;
  for (std::size_t i = n > kDeepest ? n - kDeepest : 1; i < n; ++i) {
    const Frame& frame = frames_[i];
    out += step(frame, frame.next - 1 - frame.first);
  }
  return (n > kDeepest ? "..." : "") + out + fields_;
}

void Decoder::note_rounded() {
  if (rounded_.size() <= kMost) rounded_.push_back(place());
}

void Decoder::warn() const {
  if (rounded_.empty()) return;
  std::string places;
  for (std::size_t i = 0; i < rounded_.size() && i < kMost; ++i) {
    if (rounded_[i].empty()) continue;
    places += (places.empty() ? "`" : ", `") + rounded_[i] + "`";
  }
  if (rounded_.size() > kMost) places += " and others";
  warnings_.push_back(rounded(key_, path_, places));
}

}  // namespace mmappickle
