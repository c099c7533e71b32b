// The one exception type of the core, and the warnings that an operation leaves behind.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace mmappickle {

// What went wrong, in the terms of the user's condition classes
// (`mmappickle_error_<kind>`).
enum class ErrorKind {
  key,          // missing, too long, no string
  readonly,     // a write through a read-only handle
  format,       // not a pickle, not an mmapdict, damaged
  value,        // cannot be stored, does not fit the dtype
  unsupported,  // a type that this version does not store
  index,        // a subscript out of range, or of the wrong rank
  closed,       // a handle that was closed
  stale,        // the file under a view was replaced or cut
  busy,         // others have the file open, or a lock did not come in time
  io,           // the operating system refused
  limit,        // larger than R or the format can hold
};
const char* name(ErrorKind kind);  // "key", "readonly", ...

constexpr std::uint64_t kNoOffset = UINT64_MAX;

// `message` says what is wrong and where, `hint` what to do about it; both are phrases or
// whole sentences without a final line break. `offset` is a place in the file.
class Error : public std::exception {
 public:
  Error(ErrorKind kind, std::string message, std::string hint = {},
        std::uint64_t offset = kNoOffset)
      : kind(kind), message(std::move(message)), hint(std::move(hint)), offset(offset) {}
  const char* what() const noexcept override { return message.c_str(); }

  ErrorKind kind;
  std::string message;
  std::string hint;
  std::uint64_t offset;
  std::string path;   // filled in by the store
  std::string key;    // likewise
  std::string cause;  // for io: errno's name, "ENOSPC"
};

// Thrown by the poll function of a wait or a long copy to end it: the user pressed
// Ctrl-C. No Error: the caller hands control back to R's own interrupt.
struct Interrupted {};

enum class WarningKind {
  precision,
  inert,
  dropped,
  metadata,
  lock,
  repaired,
  trailing,
  upgrade
};
const char* name(WarningKind kind);

struct Warning {
  WarningKind kind;
  std::string message;
};
using Warnings = std::vector<Warning>;

}  // namespace mmappickle
