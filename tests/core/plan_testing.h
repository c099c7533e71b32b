// For the tests and the harness of plan/: what holds of the plans of any value.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "plan/planner.h"
#include "python/object.h"

namespace mmappickle::plan {

// What is wrong with the plans, or nothing.
inline std::string problem_of(const Plans& plans, const pickle::Tree& tree) {
  const std::size_t n = plans.plans.size();
  if (n == 0 || plans.order.size() != n) return "not each plan stands once in the order";
  if (plans.order.back() != 0) return "the whole value is not the last";
  std::vector<bool> made(n, false);
  for (const Number number : plans.order) {
    if (number >= n || made[number]) return "a plan stands in the order twice";
    const Plan& plan = plans.plans[number];
    if (plan.own > plan.count) return "more items than children";
    if (std::uint64_t{plan.first} + plan.count > plans.links.size())
      return "no such links";
    for (std::uint32_t i = 0; i < plan.count; ++i) {
      const Number child = plans.child(plan, i);
      if (child == kNone) {
        const bool list = plan.form == Form::list || plan.form == Form::named;
        if (!list || i >= plan.own || plan.details != kNone ||
            !is_plain(tree, plans.link(plan, i).node)) {
          return "no plan for what is no plain value";
        }
        continue;
      }
      if (child >= n || !made[child]) return "a child comes after its parent";
    }
    const Details& details = plans.details_of(plan);
    const bool named = plan.form == Form::named || plan.form == Form::pairs;
    const std::size_t keys = named                     ? plan.own
                             : plan.form == Form::dict ? plan.own / 2
                                                       : 0;
    if (plan.keys + keys > plans.keys.size()) return "no such keys";
    if (plan.form == Form::vector &&
        !pickle::is_container(tree[plans.items_of(plan)].tag)) {
      return "a vector of no sequence";
    }
    if ((plan.form == Form::array || plan.form == Form::objects) && !details.array) {
      return "an array without one";
    }
    if (plan.form == Form::objects && plan.simple == Simple::no &&
        plan.own != details.array->count()) {
      return "an array of other than its count of objects";
    }
    if (plan.form == Form::pandas && !details.pandas) return "nothing of pandas";
    if (number != 0 && plan.parent >= n) return "a plan without a parent";
    made[number] = true;
  }
  return {};
}

}  // namespace mmappickle::plan
