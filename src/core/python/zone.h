// Time zones as Python's libraries pickle them: datetime, zoneinfo, pytz, dateutil.
#pragma once

#include <string>

#include "../pickle/tree.h"

namespace mmappickle::python {

struct Zone {
  double offset = 0;     // seconds east of UTC
  Bytes name;            // R's name, empty for UTC
  bool by_name = false;  // the name tells all: the offset depends on the moment
};
// False for what is no time zone, or one that only its own library can tell. Whole hours
// have a name ("Etc/GMT-2" is two hours east), other offsets are UTC by name: moments are
// right, the zone is not shown. pytz writes a zone with its offset at some moment.
bool read_zone(pickle::Tree& tree, pickle::Id id, Zone& zone);
// The same of a name of the zone database, or "+01:30" (Arrow's zones).
bool read_zone(pickle::Tree& tree, Bytes name, Zone& zone);

// What R takes as a zone: its name, "UTC", or an offset as POSIX has it, "<+0530>-05:30"
// (which counts west of UTC).
std::string text(const Zone& zone);
// A zone that a text names: "Europe/Zurich".
bool read_zone_name(const pickle::Tree& tree, pickle::Id id, Zone& zone);

}  // namespace mmappickle::python
