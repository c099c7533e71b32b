// What Python 3 calls the globals that pickles of protocols 0 to 2 name as Python 2 did:
// copy_reg is copyreg, __builtin__.xrange is builtins.range ...
#pragma once

#include <string_view>

namespace mmappickle::pickle {

struct GlobalName {
  std::string_view module, name;
};

// As CPython's unpickler maps names, which it does below protocol 3; the names of
// modules that no Python 3 can have in every protocol. What the result says that `name`
// did not lives for ever.
GlobalName python3_name(GlobalName name, int protocol);

}  // namespace mmappickle::pickle
