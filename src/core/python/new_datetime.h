// Python's datetime.date, datetime.datetime and datetime.timedelta, as their own
// __reduce__() has them.
#pragma once

#include "../pickle/tree.h"

namespace mmappickle::python {

// Days since 1970, any part of one: of the years that datetime.date has, 1 to 9999.
bool is_date(double days);
pickle::Id new_date(pickle::Tree& tree, double days);

// To the nearest microsecond.
pickle::Id new_timedelta(pickle::Tree& tree, double seconds);

// Seconds since 1970, and those by which the local clock is ahead of UTC. The zone has no
// name: one that Python does not know would keep it from loading the value.
pickle::Id new_datetime(pickle::Tree& tree, double seconds, double offset);
// Without a zone, as the clock in UTC shows it.
pickle::Id new_naive_datetime(pickle::Tree& tree, double seconds);

}  // namespace mmappickle::python
