#include "zone.h"

#include <cmath>

#include "../pandas/parts.h"

namespace mmappickle::python {

using namespace pandas;  // NOLINT: what takes objects apart
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
bool timedelta(const Tree& tree, Id id, double& seconds) {
  std::int64_t days, secs, us;
  if (id == kNoId || tree[id].tag != Tag::object || !is_bare(tree, id) ||
      !tree.is_global(tree[id].first, "datetime", "timedelta") ||
      !is_integer(tree, argument(tree, id, 0), days) ||
      !is_integer(tree, argument(tree, id, 1), secs) ||
      !is_integer(tree, argument(tree, id, 2), us)) {
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
  if (tree[callable].tag != Tag::object) return false;
  const Id getattr = tree[callable].first;  // getattr(ZoneInfo, "_unpickle")
  return (tree.is_global(getattr, "builtins", "getattr") ||
          tree.is_global(getattr, "__builtin__", "getattr")) &&
         arguments(tree, callable) == 2 &&
         tree.is_global(argument(tree, callable, 0), "zoneinfo", "ZoneInfo") &&
         tree.is_text(argument(tree, callable, 1), "_unpickle");
}

// tzutc, tzoffset: instances of subclasses of datetime.tzinfo.
bool dateutil(Tree& tree, Id id, Zone& zone) {
  Id named = tree[id].first;
  if (tree.is_global(named, "copyreg", "_reconstructor") ||
      tree.is_global(named, "copy_reg", "_reconstructor")) {
    named = argument(tree, id, 0);
  }
  if (named == kNoId) return false;
  if (tree.is_global(named, "dateutil.tz.tz", "tzutc")) return fixed(tree, 0, zone);
  if (!tree.is_global(named, "dateutil.tz.tz", "tzoffset")) return false;
  double offset = 0;
  return timedelta(tree, member(tree, state_of(tree, id), "_offset"), offset) &&
         fixed(tree, offset, zone);
}

}  // namespace

bool read_zone(Tree& tree, Id id, Zone& zone) {
  if (id == kNoId || tree[id].tag != Tag::object) return false;
  const Id callable = tree[id].first;
  if (callable == kNoId) return false;
  const auto is = [&](std::string_view module, std::string_view name) {
    return tree.is_global(callable, module, name);
  };
  const Id first = argument(tree, id, 0);
  if (is("dateutil.tz.tz", "tzfile")) {
    return from_file(tree, argument(tree, id, 1), zone);
  }
  if (dateutil(tree, id, zone)) return true;
  if (!is_bare(tree, id)) return false;
  if (is("datetime", "timezone")) {
    double offset = 0;
    return timedelta(tree, first, offset) && fixed(tree, offset, zone);
  }
  if (is("pytz", "_UTC") || is("pytz", "UTC")) return fixed(tree, 0, zone);
  if (is("pytz", "FixedOffset") || is("pytz", "_FixedOffset")) {
    std::int64_t minutes = 0;
    return is_integer(tree, first, minutes) && minutes > -1440 && minutes < 1440 &&
           fixed(tree, static_cast<double>(minutes) * 60, zone);
  }
  if (zoneinfo(tree, callable)) return named(tree, first, zone);
  // pytz._p(name[, offset, daylight saving, abbreviation])
  if (!is("pytz", "_p") || !named(tree, first, zone)) return false;
  std::int64_t offset = 0;
  if (is_integer(tree, argument(tree, id, 1), offset)) {
    if (offset <= -86400 || offset >= 86400) return false;
    zone.offset = static_cast<double>(offset);
    zone.by_name = false;
  }
  return true;
}

}  // namespace mmappickle::python
