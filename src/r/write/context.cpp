#include "r/write/context.h"

#include "r/interrupt.h"

namespace mmappickle::write {

namespace {

Memory& give_memory(numpy::StoredValue& stored_value) {
  auto memory = std::make_shared<Memory>();
  stored_value.owner = memory;
  return *memory;
}

}  // namespace

Context::Context(const Flags& flags, Warnings& warnings, const Where& where)
    : flags(flags),
      warnings(warnings),
      stored_value(poll_interrupt),
      memory(give_memory(stored_value)),
      tree(stored_value.tree),
      metadata(tree),
      where_(where) {}

numpy::StoredValue Context::finish() {
  if (!watches_.empty()) {
    stored_value.confirm = [watches = std::move(watches_)] {
      for (const auto& watch : watches) require_current(watch.get());
    };
  }
  return std::move(stored_value);
}

std::string Context::subject() const {
  std::string path = where_.path();
  return path == "the value" ? "The value" : path;
}

void Context::refuse(ErrorKind kind, const std::string& why,
                     const std::string& hint) const {
  throw Error(kind, "Cannot store " + where_.path() + ": " + why + ".", hint);
}

}  // namespace mmappickle::write
