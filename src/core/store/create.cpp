#include "create.h"

#include "layout.h"
#include "locked_file.h"
#include "new_file.h"

namespace mmappickle::store {

namespace {

bool present(const std::string& path, os::Status& status, os::SystemCalls& system) {
  bool exists = false;
  status = os::status_of(path, exists, system);
  return exists;
}

// False if somebody else was quicker.
bool make(const std::string& path, const Options& options, os::SystemCalls& system) {
  const std::string target = os::resolve(path, system);
  NewFile made(target, system, os::Wait{options.lock_timeout, options.poll});
  made.write({}, options.durable, [](Appender& out) { out.put(Bytes(empty_file())); });
  return made.place(target);
}

void fill(const std::string& path, const Options& options, os::SystemCalls& system) {
  LockedFile locked = open_locked(path, true, options, system);
  os::File& file = locked.file;
  if (file.status().size > 0) return;
  try {
    file.write_at(0, Bytes(empty_file()));
    if (options.durable) file.sync();
  } catch (...) {
    try {
      file.truncate(0);
    } catch (const Error&) {
    }
    throw;
  }
}

}  // namespace

void create(const std::string& path, const Options& options, os::SystemCalls& system) {
  os::Status status;
  while (!present(path, status, system)) {
    try {
      if (make(path, options, system)) return;
    } catch (Error& error) {
      error.path = path;
      throw;
    }
  }
  if (status.regular && status.size == 0) fill(path, options, system);
}

}  // namespace mmappickle::store
