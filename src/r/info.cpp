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

// The array of an entry that grows and has no head: its opcodes say what it is. Those of
// a structured one are told as those of any other value, but for the capacity.
bool find_growing(Row& row, const Image& body, numpy::ArrayEntry& entry) {
  numpy::Growth growth;
  if (body.data() == nullptr || !read_growth(body, growth)) return false;
  pickle::Tree tree;
  numpy::Recognised found;
  try {
    const Bytes bytes = body.bytes(0, body.size());
    found = numpy::recognise(tree, pickle::read_entry(tree, bytes).value);
  } catch (const Error&) {  // brief_of() says so
    return false;
  }
  if (found.found != numpy::Found::array || found.array.shape.empty()) return false;
  row.capacity =
      static_cast<double>(growth.most_rows(found.array.dtype, found.array.shape));
  entry.array = std::move(found.array);
  entry.data_at = growth.data_at;
  entry.portable = true;
  return entry.array.masked && entry.array.dtype.kind != numpy::Kind::structured;
}

// The head of an array entry tells all; other values are not looked into.
void describe(Row& row, const Image& body, const Flags& flags) {
  numpy::ArrayEntry entry;
  std::string problem;
  const numpy::HeadKind kind = read_array_entry(body, entry, problem);
  if (kind == numpy::HeadKind::damaged) row.kind = "damaged";
  if (kind == numpy::HeadKind::damaged ||
      (kind == numpy::HeadKind::none && !find_growing(row, body, entry))) {
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
  numpy::Target target;
  if (seen.dtype.kind == numpy::Kind::raw) row.type = "raw";
  if (!target_of(seen.dtype, flags.choice(), target)) return;
  row.type = type_of(target);
  row.zero_copy = is_zero_copy(seen, target, entry.data_at);
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
