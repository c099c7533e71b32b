#ifdef _WIN32

#include "guard.h"

namespace mmappickle::os {

void Guard::install() {}
void Guard::remove() {}
bool Guard::stands() { return false; }
GuardSlot* Guard::enter(Mapping&) { return nullptr; }
void Guard::leave(GuardSlot*) noexcept {}

}  // namespace mmappickle::os

#endif
