// Objects of Python's own classes that have a counterpart in R: one table from the exact
// (module, name) to a function that reads the arguments. Nothing is called; arguments
// that do not fit leave the object inert.
#include <cmath>
#include <unordered_map>

#include "decode.h"

namespace mmappickle {

using pickle::Extra;
using pickle::Id;
using pickle::kNoId;
using pickle::Node;
using pickle::Tag;
using pickle::Tree;

namespace {

// The i-th argument of a call, kNoId if there are fewer.
struct Call {
  Tree& tree;
  numpy::Recogniser& recogniser;
  Id id;
  std::uint64_t count;
  Call(Tree& tree, numpy::Recogniser& recogniser, Id id)
      : tree(tree), recogniser(recogniser), id(id), count(0) {
    const Id arguments = tree[id].second;
    if (arguments != kNoId && tree[arguments].tag == Tag::tuple) {
      count = tree[arguments].size;
    }
  }
  Id operator[](std::uint64_t i) const {
    return i < count ? tree.item(tree[id].second, i) : kNoId;
  }
  bool integer(std::uint64_t i, std::int64_t& value) const {
    const Id at = (*this)[i];
    if (at == kNoId || tree[at].tag != Tag::integer) return false;
    value = tree[at].integer;
    return true;
  }
  bool untouched() const { return tree.extra_of(id) == nullptr; }
};

bool real_of(const Tree& tree, Id id, double& value) {
  if (id == kNoId) return false;
  if (tree[id].tag == Tag::real)
    value = tree[id].real;
  else if (tree[id].tag == Tag::integer)
    value = static_cast<double>(tree[id].integer);
  else
    return false;
  return true;
}

Known complex_number(const Call& call) {
  Known k;
  if (call.count == 2 && real_of(call.tree, call[0], k.number) &&
      real_of(call.tree, call[1], k.imaginary)) {
    k.kind = Known::scalar;
    k.type = numpy::RType::complex;
  }
  return k;
}

Known byte_string(const Call& call) {
  Known k;
  if (!call.untouched()) return k;
  if (call.count == 0) {
    k.kind = Known::raw;
  } else if (call.count == 1 && call.recogniser.bytes(call[0], k.bytes)) {
    k.kind = Known::raw;
  } else if (call.count == 2 && call.recogniser.bytes(call.id, k.bytes)) {
    k.kind = Known::raw;
  }
  return k;
}

bool is_sequence(const Tree& tree, Id id) {
  if (id == kNoId) return false;
  const Tag tag = tree[id].tag;
  return tag == Tag::list || tag == Tag::tuple || tag == Tag::set ||
         tag == Tag::frozenset;
}

// set([...]), frozenset([...]), list(...), tuple(...), deque([...], maxlen) + items.
Known sequence(const Call& call) {
  Known k;
  const Extra* extra = call.tree.extra_of(call.id);
  if (extra && (extra->state != kNoId || extra->dict_items != kNoId)) return k;
  const Id appended = extra ? extra->items : kNoId;
  const bool given = call.count > 0 && is_sequence(call.tree, call[0]);
  if (call.count > 0 && !given) return k;
  if (given && (appended == kNoId || call.tree[call[0]].size == 0)) {
    k.items = appended == kNoId ? call[0] : appended;
  } else if (!given) {
    k.items = appended == kNoId ? call.tree.container(Tag::list) : appended;
  } else {
    return k;
  }
  k.kind = Known::sequence;
  return k;
}

// OrderedDict() + items, OrderedDict([[key, value], ...]), defaultdict(factory) + items,
// Counter({...}), dict().
Known mapping(const Call& call) {
  Known k;
  const Extra* extra = call.tree.extra_of(call.id);
  if (extra && (extra->state != kNoId || extra->items != kNoId)) return k;
  const Id set = extra ? extra->dict_items : kNoId;
  Id given = kNoId;
  for (std::uint64_t i = 0; i < call.count; ++i) {
    const Tag tag = call.tree[call[i]].tag;
    if (tag == Tag::dict || tag == Tag::list) {
      if (given != kNoId) return k;
      given = call[i];
    } else if (tag != Tag::global && tag != Tag::none) {
      return k;
    }
  }
  if (given != kNoId && call.tree[given].tag == Tag::list) {
    const Id dict = call.tree.container(Tag::dict);
    std::vector<Id> pairs;
    for (Id pair : call.tree.items(given)) {
      if (!is_sequence(call.tree, pair) || call.tree[pair].size != 2) return k;
      pairs.push_back(call.tree.item(pair, 0));
      pairs.push_back(call.tree.item(pair, 1));
    }
    call.tree.append(dict, pairs.data(), pairs.size());
    given = dict;
  }
  if (given != kNoId && set != kNoId && call.tree[given].size > 0) return k;
  k.items = set != kNoId ? set : given != kNoId ? given : call.tree.container(Tag::dict);
  k.kind = Known::mapping;
  return k;
}

Known range(const Call& call) {
  Known k;
  std::int64_t v[3] = {0, 0, 1};
  if (call.count == 1) {
    if (!call.integer(0, v[1])) return k;
  } else if (call.count < 1 || call.count > 3) {
    return k;
  } else {
    for (std::uint64_t i = 0; i < call.count; ++i) {
      if (!call.integer(i, v[i])) return k;
    }
  }
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  for (std::int64_t x : v) {
    if (x < -exact || x > exact) return k;
  }
  if (v[2] == 0) return k;
  const std::int64_t span = v[2] > 0 ? v[1] - v[0] : v[0] - v[1];
  const std::int64_t step = v[2] > 0 ? v[2] : -v[2];
  k.count = span <= 0 ? 0 : static_cast<double>((span - 1) / step + 1);
  // A step of one costs no memory in R; others are written out.
  if (v[2] != 1 && k.count > 1e6) return k;
  k.start = static_cast<double>(v[0]);
  k.step = static_cast<double>(v[2]);
  k.kind = Known::range;
  return k;
}

// -- datetime ----------------------------------------------------------------------

// Days from 1970-01-01 of the proleptic Gregorian calendar (Howard Hinnant's algorithm).
std::int64_t days_from_civil(std::int64_t y, unsigned m, unsigned d) {
  y -= m <= 2;
  const std::int64_t era = (y >= 0 ? y : y - 399) / 400;
  const unsigned yoe = static_cast<unsigned>(y - era * 400);
  const unsigned doy = (153 * (m + (m > 2 ? -3u : 9u)) + 2) / 5 + d - 1;
  const unsigned doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
  return era * 146097 + static_cast<std::int64_t>(doe) - 719468;
}

bool valid_day(unsigned y, unsigned m, unsigned d) {
  static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (y < 1 || y > 9999 || m < 1 || m > 12 || d < 1) return false;
  const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  return d <= days[m - 1] + (m == 2 && leap);
}

bool valid_time(const Bytes& b, std::uint64_t at) {
  return b[at] < 24 && b[at + 1] < 60 && b[at + 2] < 60 &&
         (b[at + 3] << 16 | b[at + 4] << 8 | b[at + 5]) < 1000000;
}

double seconds_of(const Bytes& b, std::uint64_t at) {
  const int us = b[at + 3] << 16 | b[at + 4] << 8 | b[at + 5];
  return b[at] * 3600 + b[at + 1] * 60 + b[at + 2] + us / 1e6;
}

Known date(const Call& call) {
  Known k;
  Bytes b;
  if (!call.untouched() || call.count != 1 || !call.recogniser.bytes(call[0], b) ||
      b.size != 4) {
    return k;
  }
  const unsigned y = b[0] * 256u + b[1];
  if (!valid_day(y, b[2], b[3])) return k;
  k.kind = Known::scalar;
  k.meaning = numpy::Meaning::date;
  k.number = static_cast<double>(days_from_civil(y, b[2], b[3]));
  return k;
}

bool timedelta_seconds(const Call& call, double& seconds) {
  std::int64_t days, secs, us;
  if (!call.untouched() || call.count != 3 || !call.integer(0, days) ||
      !call.integer(1, secs) || !call.integer(2, us)) {
    return false;
  }
  if (days < -999999999 || days > 999999999 || secs < 0 || secs >= 86400 || us < 0 ||
      us >= 1000000) {
    return false;
  }
  seconds = static_cast<double>(days) * 86400 + static_cast<double>(secs) +
            static_cast<double>(us) / 1e6;
  return true;
}

Known timedelta(const Call& call) {
  Known k;
  if (!timedelta_seconds(call, k.number)) return k;
  k.kind = Known::scalar;
  k.meaning = numpy::Meaning::difftime;
  return k;
}

// A zone's UTC offset in seconds, or its name in the zone database.
bool zone_of(const Call& outer, Id id, double& offset, Bytes& name) {
  Tree& tree = outer.tree;
  const Node& node = tree[id];
  if (node.tag != Tag::object || node.first == kNoId) return false;
  const Call call(tree, outer.recogniser, id);
  const std::string callable = tree.global_name(node.first);
  if (callable == "datetime.timezone") {
    const Id delta = call[0];
    if (delta == kNoId || tree[delta].tag != Tag::object ||
        tree.global_name(tree[delta].first) != "datetime.timedelta") {
      return false;
    }
    return timedelta_seconds(Call(tree, outer.recogniser, delta), offset) &&
           std::fabs(offset) < 86400;
  }
  // ZoneInfo._unpickle(key, from_cache): by name, or as getattr(ZoneInfo, "_unpickle")
  bool zoneinfo = callable == "zoneinfo.ZoneInfo._unpickle";
  if (tree[node.first].tag == Tag::object && tree[node.first].first != kNoId) {
    const Call method(tree, outer.recogniser, node.first);
    zoneinfo = method.count == 2 &&
               tree.global_name(tree[node.first].first) == "builtins.getattr" &&
               tree.is_global(method[0], "zoneinfo", "ZoneInfo") &&
               tree.is_text(method[1], "_unpickle");
  }
  const Id key = call[0];
  if (!zoneinfo || key == kNoId || tree[key].tag != Tag::text ||
      !is_r_text(tree.bytes_of(key))) {
    return false;
  }
  name = tree.bytes_of(key);
  return true;
}

// R's names for whole hours ("Etc/GMT-2" is two hours east); UTC for all other offsets:
// the moment is right, the zone is not shown.
Bytes fixed_zone(Tree& tree, double offset) {
  const double hours = offset / 3600;
  if (offset == 0 || hours != std::floor(hours) || hours < -12 || hours > 14) return {};
  const int h = static_cast<int>(hours);
  return tree.keep("Etc/GMT" + std::string(h > 0 ? "-" : "+") +
                   std::to_string(h > 0 ? h : -h));
}

Known datetime(const Call& call) {
  Known k;
  Bytes b;
  if (!call.untouched() || call.count < 1 || call.count > 2 ||
      !call.recogniser.bytes(call[0], b) || b.size != 10) {
    return k;
  }
  const unsigned y = b[0] * 256u + b[1], month = b[2] & 0x7fu;
  const bool fold = b[2] & 0x80;
  if (!valid_day(y, month, b[3]) || !valid_time(b, 4)) return k;
  double offset = 0;
  Bytes zone;
  if (call.count == 2 && call.tree[call[1]].tag != Tag::none) {
    if (!zone_of(call, call[1], offset, zone)) return k;
    if (zone.size) {
      const double fields[7] = {
          double(y),    double(month),
          double(b[3]), double(b[4]),
          double(b[5]), b[6] + (seconds_of(b, 4) - std::floor(seconds_of(b, 4))),
          double(fold)};
      std::copy(fields, fields + 7, k.fields);
      k.zone = zone;
      k.kind = Known::zoned;
      return k;
    }
    zone = fixed_zone(call.tree, offset);
  }
  k.kind = Known::scalar;
  k.meaning = numpy::Meaning::datetime;
  k.zone = zone;
  k.number = static_cast<double>(days_from_civil(y, month, b[3])) * 86400 +
             seconds_of(b, 4) - offset;
  return k;
}

Known time_of_day(const Call& call) {
  Known k;
  Bytes b;
  if (!call.untouched() || call.count < 1 || call.count > 2 ||
      !call.recogniser.bytes(call[0], b) || b.size != 6) {
    return k;
  }
  const std::uint8_t hour = b[0] & 0x7f;  // the top bit is fold
  if (call.count == 2 && call.tree[call[1]].tag != Tag::none) return k;
  if (hour >= 24 || b[1] >= 60 || b[2] >= 60) return k;
  k.kind = Known::scalar;
  k.meaning = numpy::Meaning::difftime;
  k.number = hour * 3600 + b[1] * 60 + b[2] + (b[3] << 16 | b[4] << 8 | b[5]) / 1e6;
  return k;
}

using Reader = Known (*)(const Call&);
const std::unordered_map<std::string, Reader>& table() {
  static const std::unordered_map<std::string, Reader> readers = {
      {"builtins.complex", complex_number}, {"__builtin__.complex", complex_number},
      {"builtins.bytearray", byte_string},  {"__builtin__.bytearray", byte_string},
      {"builtins.bytes", byte_string},      {"__builtin__.bytes", byte_string},
      {"builtins.memoryview", byte_string}, {"_codecs.encode", byte_string},
      {"builtins.set", sequence},           {"__builtin__.set", sequence},
      {"builtins.frozenset", sequence},     {"__builtin__.frozenset", sequence},
      {"builtins.list", sequence},          {"builtins.tuple", sequence},
      {"collections.deque", sequence},      {"collections.OrderedDict", mapping},
      {"collections.defaultdict", mapping}, {"collections.Counter", mapping},
      {"builtins.dict", mapping},           {"builtins.range", range},
      {"__builtin__.xrange", range},        {"datetime.date", date},
      {"datetime.datetime", datetime},      {"datetime.time", time_of_day},
      {"datetime.timedelta", timedelta},
  };
  return readers;
}

}  // namespace

Known know(Tree& tree, numpy::Recogniser& recogniser, Id id) {
  const Node& node = tree[id];
  if (node.first == kNoId || tree[node.first].tag != Tag::global) return {};
  const auto found = table().find(tree.global_name(node.first));
  if (found == table().end()) return {};
  return found->second(Call(tree, recogniser, id));
}

}  // namespace mmappickle
