#include "fsck.h"

#include <algorithm>

#include "../base/utf8.h"
#include "check.h"
#include "context.h"
#include "locked_file.h"
#include "new_file.h"
#include "replace.h"
#include "rewrite.h"

namespace mmappickle::store {

namespace {

bool all_zeros(Bytes bytes) {
  return std::all_of(bytes.data, bytes.data + bytes.size,
                     [](std::uint8_t byte) { return byte == 0; });
}

// The n-th name for what is put aside. Where file systems end (255 bytes) the file's own
// name is cut, between two characters of UTF-8.
std::string lost_name(const std::string& target, int n) {
  constexpr std::size_t kLongest = 255;
  const std::string end = ".lost" + (n == 1 ? "" : "-" + std::to_string(n));
  std::size_t size = std::min(target.size(), os::leaf_of(target) + kLongest - end.size());
  while (size < target.size() && is_utf8_inside(static_cast<std::uint8_t>(target[size])))
    --size;
  return target.substr(0, size) + end;
}

// What is put aside, and its name; null if there is nothing to be kept.
std::unique_ptr<NewFile> write_lost(const std::string& target, const os::File& from,
                                    Bytes bytes, const Checked& checked,
                                    const Options& options, os::SystemCalls& system,
                                    std::string& name) {
  numpy::StoredValue stored_value;
  std::vector<std::pair<std::string, pickle::Id>> parts;
  for (const Range& range : checked.lost) {
    const Bytes part = bytes.slice(range.first, range.second);
    if (all_zeros(part)) continue;
    parts.emplace_back(std::to_string(range.first), stored_value.tree.bytes(part));
  }
  if (parts.empty()) return nullptr;
  auto lost = std::make_unique<NewFile>(target, system);
  lost->resemble(from);
  lost->write(options.poll, true, [&](Appender& to) {
    Rewriter out(to, 0);
    ValueWriter writer(stored_value);
    for (const auto& part : parts) {
      stored_value.value = part.second;
      out.put(part.first, stored_value, writer);
    }
    out.finish();
  });
  int n = 1;
  while (!lost->place(name = lost_name(target, n))) ++n;
  return lost;
}

void repair(const std::string& path, LockedFile& held,
            std::shared_ptr<os::Mapping>& mapping, Bytes bytes, Checked& checked,
            const Options& options, os::SystemCalls& system) {
  std::string name;
  const std::unique_ptr<NewFile> lost = write_lost(os::resolve(path, system), held.file,
                                                   bytes, checked, options, system, name);
  const std::int32_t number = next_number(commit_number(bytes));
  try {
    const auto put = [&](Appender& to) {
      Rewriter out(to, number);
      for (const Frame& frame : checked.whole) out.copy(&held.file, bytes, frame);
      out.finish();
      mapping.reset();  // Windows replaces no file that is mapped
    };
    replace_file(path, system, options.poll, put, [&] { held.let_go(); });
  } catch (...) {
    if (lost) lost->remove();
    throw;
  }
  if (lost) checked.report.lost = name;
  checked.report.repaired = true;
  invalidate(held.file, next_number(number));
}

}  // namespace

Report fsck(const std::string& path, bool repairing, const Options& options,
            os::SystemCalls& system, bool force) {
  return in_context(path, {}, [&] {
    LockedFile held = open_locked(path, repairing, options, system);
    const std::uint64_t size = held.file.status().size;
    std::shared_ptr<os::Mapping> mapping = os::Mapping::of(held.file, size);
    const Bytes bytes(mapping->data(), size);
    Checked checked = check(bytes, options.poll);
    check_uncut(*mapping);
    if (repairing && checked.needs_repair) {
      check_alone(held.file.status(), force);
      repair(path, held, mapping, bytes, checked, options, system);
    }
    return checked.report;
  });
}

}  // namespace mmappickle::store
