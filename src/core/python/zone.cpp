#include "zone.h"

#include <cmath>

#include "../pickle/inert.h"

namespace mmappickle::python {

using pickle::Call;
using pickle::Id;
using pickle::kNoId;
using pickle::Tag;
using pickle::Tree;

namespace {

constexpr double kDay = 86400;

bool fixed(Tree& tree, double offset, Zone& zone) {
  const double hours = offset / 3600;
  zone.offset = offset;
  if (offset != 0 && hours == std::floor(hours) && hours >= -12 && hours <= 14) {
    const int h = static_cast<int>(hours);
    zone.name = tree.keep("Etc/GMT" + std::string(h > 0 ? "-" : "+") +
                          std::to_string(std::abs(h)));
  }
  return std::fabs(offset) < kDay;
}

// datetime.timedelta(days, seconds, microseconds)
bool timedelta(const Call& call, double& seconds) {
  std::int64_t days, secs, us;
  if (!call.is_of("datetime", "timedelta") || !call.untouched() ||
      !call.integer(0, days) || !call.integer(1, secs) || !call.integer(2, us)) {
    return false;
  }
  if (days < -1 || days > 1 || secs < 0 || secs >= kDay || us < 0 || us >= 1000000) {
    return false;
  }
  seconds = static_cast<double>(days) * kDay + static_cast<double>(secs) +
            static_cast<double>(us) / 1e6;
  return true;
}

// "Europe/Zurich": what the zone database may be asked for.
bool named(Bytes name, Zone& zone) {
  if (name.size == 0 || name.size > 64 || name[0] == '/') return false;
  for (std::uint64_t i = 0; i < name.size; ++i) {
    const auto c = static_cast<char>(name[i]);
    const bool word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '+' ||
                      c == '/';
    if (!word) return false;
  }
  if (name.text() != "UTC") zone.name = name;
  zone.by_name = zone.name.size != 0;
  return true;
}

bool named(const Tree& tree, Id id, Zone& zone) {
  return id != kNoId && tree[id].tag == Tag::text && named(tree.bytes_of(id), zone);
}

// dateutil keeps the file from which it has a zone: /usr/share/zoneinfo/Europe/Zurich.
bool from_file(const Tree& tree, Id id, Zone& zone) {
  if (id == kNoId || tree[id].tag != Tag::text) return false;
  const Bytes path = tree.bytes_of(id);
  constexpr std::string_view folder = "zoneinfo/";
  const std::size_t at = path.text().rfind(folder);
  return named(at == std::string_view::npos ? path : path.from(at + folder.size()), zone);
}

bool zoneinfo(const Tree& tree, Id callable) {
  if (tree.is_global(callable, "zoneinfo", "ZoneInfo._unpickle")) return true;
  const Call getattr(tree, callable);  // getattr(ZoneInfo, "_unpickle")
  return (getattr.is_of("builtins", "getattr") ||
          getattr.is_of("__builtin__", "getattr")) &&
         getattr.count() == 2 && tree.is_global(getattr[0], "zoneinfo", "ZoneInfo") &&
         tree.is_text(getattr[1], "_unpickle");
}

// tzutc, tzoffset: instances of subclasses of datetime.tzinfo.
bool dateutil(Tree& tree, const Call& call, Zone& zone) {
  Id named = call.callable();
  if (call.is_of("copyreg", "_reconstructor") ||
      call.is_of("copy_reg", "_reconstructor")) {
    named = call[0];
  }
  if (named == kNoId) return false;
  if (tree.is_global(named, "dateutil.tz.tz", "tzutc")) return fixed(tree, 0, zone);
  if (!tree.is_global(named, "dateutil.tz.tz", "tzoffset")) return false;
  double offset = 0;
  const Call by(tree, member(tree, call.state(), "_offset"));
  return timedelta(by, offset) && fixed(tree, offset, zone);
}

// "05:30"
std::string clock(double offset) {
  const auto seconds = static_cast<int>(std::fabs(offset));
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  std::string out = two(seconds / 3600) + ":" + two(seconds / 60 % 60);
  if (seconds % 60 != 0) out += ":" + two(seconds % 60);
  return out;
}

}  // namespace

bool read_zone(Tree& tree, Bytes name, Zone& zone) {
  const bool offset =
      name.size == 6 && (name[0] == '+' || name[0] == '-') && name[3] == ':';
  if (!offset) return named(name, zone);
  int digits[4], i = 0;
  for (const std::uint64_t at : {1, 2, 4, 5}) {
    if (name[at] < '0' || name[at] > '9') return false;
    digits[i++] = name[at] - '0';
  }
  const double seconds =
      (digits[0] * 10 + digits[1]) * 3600.0 + (digits[2] * 10 + digits[3]) * 60.0;
  return fixed(tree, name[0] == '-' ? -seconds : seconds, zone);
}

std::string text(const Zone& zone) {
  if (zone.name.size != 0) return std::string(zone.name.text());
  if (zone.by_name || zone.offset == 0) return "UTC";
  const bool east = zone.offset > 0;
  const std::string by = clock(zone.offset);
  std::string digits;
  for (char c : by) {
    if (c != ':') digits += c;
  }
  return (east ? "<+" : "<-") + digits + (east ? ">-" : ">") + by;
}
bool read_zone_name(const Tree& tree, Id id, Zone& zone) { return named(tree, id, zone); }

bool read_zone(Tree& tree, Id id, Zone& zone) {
  const Call call(tree, id);
  if (call.callable() == kNoId) return false;
  if (call.is_of("dateutil.tz.tz", "tzfile")) return from_file(tree, call[1], zone);
  if (dateutil(tree, call, zone)) return true;
  if (!call.untouched()) return false;
  if (call.is_of("datetime", "timezone")) {
    double offset = 0;
    return timedelta(Call(tree, call[0]), offset) && fixed(tree, offset, zone);
  }
  if (call.is_of("pytz", "_UTC") || call.is_of("pytz", "UTC"))
    return fixed(tree, 0, zone);
  if (call.is_of("pytz", "FixedOffset") || call.is_of("pytz", "_FixedOffset")) {
    std::int64_t minutes = 0;
    return call.integer(0, minutes) && minutes > -1440 && minutes < 1440 &&
           fixed(tree, static_cast<double>(minutes) * 60, zone);
  }
  if (zoneinfo(tree, call.callable())) return named(tree, call[0], zone);
  // pytz._p(name[, offset, daylight saving, abbreviation])
  if (!call.is_of("pytz", "_p") || !named(tree, call[0], zone)) return false;
  std::int64_t offset = 0;
  if (call.integer(1, offset)) {
    if (offset <= -86400 || offset >= 86400) return false;
    zone.offset = static_cast<double>(offset);
    zone.by_name = false;
  }
  return true;
}

}  // namespace mmappickle::python
