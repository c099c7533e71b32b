// Errors carry the path and the key they are about.
#pragma once

#include <string>
#include <string_view>

#include "../base/error.h"

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

}  // namespace mmappickle::store
