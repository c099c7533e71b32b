// Errors carry the path and the key they are about; and the one that several may have to
// raise.
#pragma once

#include <string>
#include <string_view>

#include "../base/error.h"
#include "../os/map.h"

namespace mmappickle::store {

template <class Action>
auto in_context(const std::string& path, std::string_view key, Action&& action)
    -> decltype(action()) {
  try {
    return action();
  } catch (Error& error) {
    if (error.path.empty()) error.path = path;
    if (error.key.empty()) error.key = key;
    throw;
  }
}

// What was read through the map counts only if the guard put no zeros into it.
inline void check_uncut(const os::Mapping& mapping) {
  if (!mapping.damaged()) return;
  throw Error(ErrorKind::stale, "the file was cut while it was read", "Try again.");
}

}  // namespace mmappickle::store
