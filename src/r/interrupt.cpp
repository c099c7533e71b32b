#include "r/interrupt.h"

#include <R_ext/Utils.h>

#include "core/base/error.h"
#include "r/progress.h"
#include "r/unwind.h"

namespace mmappickle {

namespace {
void check_interrupt(void*) { R_CheckUserInterrupt(); }
}  // namespace

int Callback::depth_ = 0;
std::uint64_t Callback::calls_ = 0;

void Callback::refuse_calls() {
  ++calls_;
  if (depth_ == 0) return begin_progress();
  throw Error(ErrorKind::busy, "the package is in the midst of another call",
              "Event handlers, finalizers and the like run inside of it: call the "
              "package later.");
}

void poll_interrupt() {
  const Callback callback;
  // FALSE: the check jumped, that is, there was an interrupt.
  if (!R_ToplevelExec(check_interrupt, nullptr)) throw Interrupted();
  show_progress();
}

}  // namespace mmappickle
