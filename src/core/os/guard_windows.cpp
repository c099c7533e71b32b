#ifdef _WIN32

#include "guard.h"

namespace mmappickle::os {

void Guard::install() {}
void Guard::remove() {}
int Guard::enter(Mapping&) { return -1; }
void Guard::leave(int) {}

}  // namespace mmappickle::os

#endif
