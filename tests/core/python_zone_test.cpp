#include "pandas_testing.h"
#include "python/zone.h"

namespace mmappickle::pandas {
namespace {

struct Zones : Builder {
  Id delta(std::int64_t days, std::int64_t seconds) {
    return call("datetime.timedelta", {integer(days), integer(seconds), integer(0)});
  }
  // "offset name", "by_name name", or "none"
  std::string read(Id id) {
    python::Zone zone;
    if (!python::read_zone(tree, id, zone)) return "none";
    const std::string name(zone.name.text());
    if (zone.by_name) return "by_name " + name;
    return std::to_string(static_cast<int>(zone.offset)) + " " + name;
  }
};

TEST_CASE("zones of datetime, zoneinfo, pytz and dateutil") {
  Zones b;
  CHECK(b.read(b.call("datetime.timezone", {b.delta(0, 0)})) == "0 ");
  CHECK(b.read(b.call("datetime.timezone", {b.delta(0, 7200)})) == "7200 Etc/GMT-2");
  CHECK(b.read(b.call("datetime.timezone", {b.delta(-1, 75600)})) == "-10800 Etc/GMT+3");
  CHECK(b.read(b.call("datetime.timezone", {b.delta(0, 5400)})) == "5400 ");
  CHECK(b.read(b.call("datetime.timezone", {b.delta(1, 0)})) == "none");
  CHECK(b.read(b.call("datetime.timezone", {b.none()})) == "none");

  const Id getattr =
      b.call("builtins.getattr", {b.global("zoneinfo.ZoneInfo"), b.text("_unpickle")});
  const auto zoneinfo = [&](Id callable, std::string_view key) {
    return b.read(
        b.tree.object(How::call, callable, b.tuple({b.text(key), b.tree.boolean(true)})));
  };
  CHECK(zoneinfo(getattr, "Asia/Tokyo") == "by_name Asia/Tokyo");
  CHECK(zoneinfo(b.tree.global("zoneinfo", "ZoneInfo._unpickle"), "UTC") == "0 ");
  CHECK(zoneinfo(getattr, "../../etc/passwd") == "none");
  CHECK(zoneinfo(getattr, "/etc/localtime") == "none");
  CHECK(zoneinfo(getattr, "") == "none");
  CHECK(zoneinfo(b.call("builtins.getattr", {b.global("os.path"), b.text("_unpickle")}),
                 "Asia/Tokyo") == "none");

  CHECK(b.read(b.call("pytz._UTC", {})) == "0 ");
  CHECK(b.read(b.call("pytz._p", {b.text("Etc/GMT+5")})) == "by_name Etc/GMT+5");
  CHECK(b.read(b.call("pytz._p", {b.text("Europe/Zurich"), b.integer(7200),
                                  b.integer(3600), b.text("CEST")})) ==
        "7200 Europe/Zurich");
  CHECK(b.read(b.call("pytz._p", {b.text("Europe/Zurich"), b.integer(86400)})) == "none");
  CHECK(b.read(b.call("pytz.FixedOffset", {b.integer(-300)})) == "-18000 Etc/GMT+5");
  CHECK(b.read(b.call("pytz.FixedOffset", {b.integer(INT64_MIN)})) == "none");

  const auto tzfile = [&](std::string_view path) {
    const Id zone = b.call("dateutil.tz.tz.tzfile", {b.none(), b.text(path)});
    b.tree.extra(zone).state = b.dict({});
    return b.read(zone);
  };
  CHECK(tzfile("/usr/share/zoneinfo/Europe/Berlin") == "by_name Europe/Berlin");
  CHECK(tzfile("Europe/Berlin") == "by_name Europe/Berlin");
  CHECK(tzfile("/etc/localtime") == "none");
  CHECK(b.read(b.instance("dateutil.tz.tz.tzoffset",
                          b.dict({{"_offset", b.delta(0, 3600)}}))) == "3600 Etc/GMT-1");
  CHECK(b.read(b.call("dateutil.tz.tz.tzutc", {})) == "0 ");
  CHECK(b.read(b.call("copyreg._reconstructor",
                      {b.global("dateutil.tz.tz.tzutc"), b.global("datetime.tzinfo"),
                       b.none()})) == "0 ");
  const auto shown = [](double offset, const char* name, bool by_name) {
    python::Zone zone;
    zone.offset = offset;
    zone.name = Bytes(std::string_view(name));
    zone.by_name = by_name;
    return python::text(zone);
  };
  CHECK(shown(0, "", false) == "UTC");
  CHECK(shown(0, "", true) == "UTC");
  CHECK(shown(3600, "Etc/GMT-1", false) == "Etc/GMT-1");
  CHECK(shown(0, "Europe/Zurich", true) == "Europe/Zurich");
  CHECK(shown(19800, "", false) == "<+0530>-05:30");
  CHECK(shown(-34200, "", false) == "<-0930>09:30");
  CHECK(shown(3601.5, "", false) == "<+010001>-01:00:01");
  CHECK(b.read(b.none()) == "none");
  CHECK(b.read(kNoId) == "none");
}

}  // namespace
}  // namespace mmappickle::pandas
