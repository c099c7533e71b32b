// Where in the value something stands.
#include "../base/utf8.h"
#include "plan.h"

namespace mmappickle::plan {

namespace {

constexpr int kDeepest = 20;

// From a plan to one of its children; empty for an attribute.
std::string step(const Plans& plans, const pickle::Tree& tree, const Plan& plan,
                 std::uint64_t child) {
  if (child >= plan.own) return {};
  Id name = kNoId;
  switch (plan.form) {
    case Form::named:
    case Form::pairs:
      name = plans.keys[plan.keys + child];
      break;
    case Form::dict: {  // keys, then values
      const std::uint64_t n = plan.own / 2;
      if (child >= n) child -= n;
      name = plans.keys[plan.keys + child];
      break;
    }
    case Form::pandas: {
      const Details& details = plans.details_of(plan);
      if (details.pandas->kind != pandas::Type::frame) return {};
      if (child >= details.pandas->parts.size()) {  // the index
        const Id own = details.pandas->index_name;
        if (own == kNoId || !pickle::has_bytes(tree[own].tag)) return "$index";
        name = own;
      } else if (details.pandas->column_texts != kNoId) {
        name = tree.item(details.pandas->column_texts, child);
      }
      break;
    }
    case Form::list:
    case Form::objects:
      break;
    default:
      return {};
  }
  const Bytes text = name == kNoId ? Bytes() : tree.bytes_of(name);
  return text.size > 0 && text.size <= 255 ? "$" + escape_text(text)
                                           : "[[" + std::to_string(child + 1) + "]]";
}

}  // namespace

std::string place_of(const Plans& plans, const pickle::Tree& tree, Number plan) {
  std::string out;
  if (plan >= plans.plans.size()) return out;
  for (int depth = 0; plans.plans[plan].parent != kNone; ++depth) {
    if (depth == kDeepest) return "..." + out;
    const Number parent = plans.plans[plan].parent;
    const Plan& around = plans.plans[parent];
    std::uint64_t child = 0;
    while (child < around.count && plans.child(around, child) != plan) ++child;
    out = step(plans, tree, around, child) + out;
    plan = parent;
  }
  return out;
}

}  // namespace mmappickle::plan
