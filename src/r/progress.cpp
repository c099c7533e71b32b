#include "r/progress.h"

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "r/call.h"
#include "r/unwind.h"

namespace mmappickle {

namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kBetween{100};
std::chrono::milliseconds quiet{1000};

// Of the call that runs.
struct Work {
  bool is_polled = false;
  bool is_shown = false;
  Clock::time_point due;  // when to show it next
  double fraction = -1;
};
Work work;

}  // namespace

void note_progress(double fraction) { work.fraction = fraction < 1 ? fraction : 1; }

void set_quiet(double seconds) {
  quiet = std::chrono::milliseconds(static_cast<std::int64_t>(1000 * seconds));
}

void begin_progress() { work = Work(); }

// The second counts from the first poll: what never polls is never long.
void show_progress() {
  const Clock::time_point now = Clock::now();
  if (!work.is_polled) {
    work.is_polled = true;
    work.due = now + quiet;
  }
  if (now < work.due) return;
  work.due = now + std::min(kBetween, quiet);
  protect([] {
    SEXP fraction = PROTECT(Rf_ScalarReal(work.fraction < 0 ? NA_REAL : work.fraction));
    SEXP is_first = PROTECT(Rf_ScalarLogical(!work.is_shown));
    work.is_shown = true;
    call_own("show_progress", {fraction, is_first});
    UNPROTECT(2);
    return R_NilValue;
  });
}

}  // namespace mmappickle
