// Handles: what the external pointer of a mmapdict points at.
#pragma once

#include <memory>

#include "core/os/system_calls.h"
#include "core/store/follow.h"
#include "r/unwind.h"

namespace mmappickle {

// What a handle's external pointer points at.
struct Handle {
  std::unique_ptr<os::FaultySystemCalls> system;  // tests only
  std::unique_ptr<store::Store> store;
  std::unique_ptr<store::Follower> follower;  // from its first look on
  Warnings warnings;  // left by sessions, raised at the end of the call
};
SEXP handle_tag();                    // of these pointers alone. R API.
Handle* handle_behind(SEXP pointer);  // null: closed in another session, or none of ours
// Error `closed` if the handle was closed.
Handle& handle_of(SEXP pointer);
inline store::Store& store_of(SEXP pointer) { return *handle_of(pointer).store; }

}  // namespace mmappickle
