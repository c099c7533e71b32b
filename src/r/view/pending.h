// What views have to say but may not: neither a warning nor an error of a class of ours
// can be raised inside an ALTREP method, so it is noted until the next call into the
// package.
#pragma once

#include "r/view/view.h"

namespace mmappickle {

// What was noted since the last call: warnings for rounded integers and for strings that
// R cannot hold; an Error of kind stale for bytes that were cut off the file. R API:
// enters protect() itself.
void raise_pending();
// Of these the warnings alone; likewise.
void raise_noted();
// Remembers a mapping of what is read without any call of ours, to look after it.
void watch(const std::string& path, const std::shared_ptr<os::Mapping>& mapping);

}  // namespace mmappickle
