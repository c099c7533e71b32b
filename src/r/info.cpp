#include "r/info.h"

#include "core/numpy/recognise.h"
#include "core/pickle/reader.h"
#include "core/store/fsck.h"
#include "r/interrupt.h"

namespace mmappickle {

const char* order_of(const numpy::Array& array) {
  return array.f_order() && !array.c_order() ? "F" : "C";
}

const char* type_of(numpy::RType type) {
  switch (type) {
    case numpy::RType::logical:
      return "logical";
    case numpy::RType::integer:
      return "integer";
    case numpy::RType::complex:
      return "complex";
    case numpy::RType::raw:
      return "raw";
    case numpy::RType::integer64:
      return "integer64";
    case numpy::RType::string:
      return "character";
    default:
      return "double";
  }
}

const char* type_of(const numpy::Target& target) {
  switch (target.meaning) {
    case numpy::Meaning::date:
      return "Date";
    case numpy::Meaning::datetime:
      return "POSIXct";
    case numpy::Meaning::difftime:
      return "difftime";
    default:
      return type_of(target.type);
  }
}

namespace {

// Whether a view hands out the file's own bytes.
bool is_zero_copy(const numpy::Array& array, const numpy::Target& target,
                  std::uint64_t offset) {
  const std::uint64_t size = numpy::r_size(target.type);
  return size > 0 && !array.masked && same_layout(array.dtype, target.type) &&
         (array.f_order() || (array.shape.size() <= 1 && array.c_order())) &&
         offset % (size == 16 ? 8 : size) == 0;
}

// Whether the value's first opcode names NumPy.
bool begins_with_numpy(const Image& body) {
  constexpr std::uint64_t kFirstOpcode = 24;
  const std::uint64_t from = body.size() > 2 ? std::uint64_t{2} + body[1] : 0;
  return body.holds(from, kFirstOpcode) &&
         body.bytes(from, kFirstOpcode).text().find("numpy") != std::string_view::npos;
}

// The array of an entry that has no head, being structured, or masked and growing: what
// its opcodes say, where these are few. Its data may lie anywhere, or in no one piece:
// then `data_at` is 0. (Others are values that the Python library does not map, either.)
bool find_headless(Row& row, const Image& body, numpy::ArrayEntry& entry) {
  const bool grows = body.data() != nullptr && read_growth(body, entry.growth);
  if (body.data() == nullptr || !(grows || begins_with_numpy(body))) return false;
  pickle::Tree tree;
  const pickle::Begun begun = pickle::begin_entry(tree, body, plan::kMostOfEntry);
  if (begun.reach != pickle::Begun::whole) return false;
  const pickle::Id value = begun.entry.value;
  numpy::Recognised found = numpy::recognise(tree, value);
  const bool fixed = found.array.objects == pickle::kNoId && found.array.dtype.whole;
  const bool structured = found.array.dtype.kind == numpy::Kind::structured;
  if (found.found != numpy::Found::array || !fixed || !(grows || structured)) {
    return false;
  }
  if (grows && found.array.shape.empty()) entry.growth = numpy::Growth();
  const auto at = [&body](const std::uint8_t* data) -> std::uint64_t {
    const bool inside = data >= body.data() && data < body.data() + body.size();
    return inside ? body.at() + static_cast<std::uint64_t>(data - body.data()) : 0;
  };
  entry.array = std::move(found.array);
  entry.data_at = at(entry.array.data);
  entry.mask_at = at(entry.array.mask);
  entry.portable =
      !tree.is_global(tree[value].first, "numpy.core.fromnumeric", "reshape");
  return true;
}

// What the vector in R is made of.
void describe_target(Row& row, const numpy::Array& seen, const Flags& flags,
                     std::uint64_t data_at) {
  numpy::Target target;
  if (seen.dtype.kind == numpy::Kind::raw) row.type = "raw";
  if (seen.dtype.kind == numpy::Kind::structured) {
    row.type = seen.shape.size() == 1 ? "data.frame" : "list";
  }
  if (!target_of(seen.dtype, flags.choice(), target)) return;
  row.type = type_of(target);
  row.zero_copy = data_at != 0 && is_zero_copy(seen, target, data_at);
}

// The head of an array entry tells all; of other values some opcodes do.
void describe(Row& row, const Image& body, const Flags& flags) {
  numpy::ArrayEntry entry;
  std::string problem;
  const numpy::HeadKind kind = read_array_entry(body, entry, problem);
  if (kind == numpy::HeadKind::damaged) row.kind = "damaged";
  if (kind == numpy::HeadKind::damaged ||
      (kind == numpy::HeadKind::none && !find_headless(row, body, entry))) {
    return;
  }
  if (entry.growth.grows) {
    row.capacity =
        static_cast<double>(entry.growth.most_rows(entry.array.dtype, entry.array.shape));
  }
  row.kind = entry.array.masked ? "masked" : "array";
  row.has_array = true;
  row.portable = entry.portable;
  row.dtype = text(entry.array.dtype);
  row.order = order_of(entry.array);
  row.offset = static_cast<double>(entry.data_at);
  if (entry.array.masked) row.mask_offset = static_cast<double>(entry.mask_at);
  const numpy::Array seen =
      flags.reversed ? entry.array.reversed() : std::move(entry.array);
  row.shape = seen.shape;
  describe_target(row, seen, flags, entry.data_at);
}

plan::BriefOptions brief_options(const Flags& flags, bool bit64) {
  plan::BriefOptions options;
  options.plan = flags.plan_options();
  options.plan.scalars.bit64 = bit64;
  options.trust = flags.trust;
  options.exact_int64 = flags.exact_int64;
  options.reversed = flags.reversed;
  return options;
}

}  // namespace

std::vector<Row> rows_of(store::Store& store, const Wanted& wanted, const Flags& flags,
                         bool bit64) {
  std::vector<Row> rows;
  store::Reading reading(store);
  const Image file = reading.image();
  const plan::BriefOptions options = brief_options(flags, bit64);
  for (const store::Listing& listed : list_entries(reading, wanted.dead)) {
    if (static_cast<double>(rows.size()) >= wanted.most) break;
    if (rows.size() % 1024 == 1023) poll_interrupt();
    Row row;
    row.key = listed.key;
    row.live = listed.live;
    row.at = static_cast<double>(listed.at);
    row.bytes = static_cast<double>(listed.bytes);
    store::Frame frame;
    const char* problem = nullptr;
    if (listed.padding) {
      row.kind = "padding";
    } else if (parse_frame(file, listed.at, frame, &problem) ==
               store::FrameStatus::entry) {
      const Image body = file.slice(frame.body(), frame.body_size());
      describe(row, body, flags);
      if (wanted.briefs) row.brief = brief_of(body, options);
      if (row.brief.damaged) row.kind = "damaged";
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mmappickle
