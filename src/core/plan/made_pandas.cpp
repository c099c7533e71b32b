// Values of pandas'.
#include "made.h"

namespace mmappickle::plan {

Made Maker::pandas(const Plan& plan) const {
  using pandas::Type;
  const pandas::Object& value = *plans_.details_of(plan).pandas;
  Made made;
  if (is_list(plan, value, options_.plan.simplify)) {
    made = list_of(value.count);
  } else if (plan.simple != Simple::no) {
    made = vector_of(word(plan.simple), value.count);
  } else {
    switch (value.kind) {
      case Type::frame:
        made = frame("DataFrame", value.count, value.parts.size());
        break;
      case Type::levels:
        made = frame("data.frame", value.count, value.parts.size());
        break;
      case Type::intervals:
        made = frame("data.frame", value.count, 2);
        break;
      case Type::vector: {
        numpy::Target target;
        if (target_of(value.array.dtype, {options_.exact_int64, options_.plan.raw_uint8},
                      target)) {
          made = vector_of(word(target.type, target.meaning), value.array.count());
        }
        break;
      }
      case Type::strings:
        made = vector_of("chr", value.count);
        break;
      case Type::label:
        made = vector_of("chr", 1);
        break;
      case Type::range: {
        Details details;
        details.python.kind = python::Recognised::range;
        details.python.start = static_cast<double>(value.start);
        details.python.step = static_cast<double>(value.step);
        details.python.count = static_cast<double>(value.count);
        made = python(details);
        break;
      }
      case Type::factor:
        made = vector_of(value.ordered ? "ordered" : "factor", value.array.count());
        break;
      case Type::moment:
        made = vector_of("POSIXct", 1);
        break;
      case Type::date:
        made = vector_of("Date", 1);
        break;
      case Type::duration:
        made = vector_of("difftime", 1);
        break;
      case Type::missing:
        made = vector_of("logi", 1);
        break;
      default:
        made = list_of(value.count);
    }
  }
  if (!has_index_column(value, options_.plan.index)) return made;
  // A data frame, with columns for the index. How many columns a value of several is, and
  // what they are called, its maker says (R/pandas.R).
  std::uint64_t columns = value.series ? 1 : value.parts.size();
  if (!value.index_levels) {
    columns += 1;
  } else {
    const Id index = pandas_children(value, options_.plan.index).index;
    for (std::uint32_t i = 0; i < plan.own; ++i) {
      const Plan& child = plans_.plans[plans_.child(plan, i)];
      if (child.form == Form::pandas && child.referred == index) {
        columns += plans_.details_of(child).pandas->parts.size();
        break;
      }
    }
  }
  return frame(value.series ? "data.frame" : "DataFrame", value.count, columns);
}

}  // namespace mmappickle::plan
