// NumPy's array files, written.
#pragma once

#include <functional>
#include <string>

#include "../numpy/stored_value.h"
#include "../os/system_calls.h"

namespace mmappickle::store {

// The value, which must be an array that is not masked, as a .npy file in the place of
// `path`: on any error what was there stays. Its R metadata are left out. Error of kind
// value for any other.
void write_npy(const std::string& path, const numpy::StoredValue& stored_value,
               const std::function<void()>& poll,
               os::SystemCalls& system = os::real_system_calls());

}  // namespace mmappickle::store
