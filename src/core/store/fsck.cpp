#include "fsck.h"

#include <algorithm>

#include "check.h"
#include "context.h"
#include "hold.h"
#include "replace.h"
#include "rewrite.h"

namespace mmappickle::store {

namespace {

bool all_zeros(Bytes bytes) {
  return std::all_of(bytes.data, bytes.data + bytes.size,
                     [](std::uint8_t byte) { return byte == 0; });
}

std::string free_name(const std::string& path, os::Seam& seam) {
  for (int n = 1;; ++n) {
    const std::string name = path + ".lost" + (n == 1 ? "" : "-" + std::to_string(n));
    bool exists = false;
    os::status_of(name, exists, seam);
    if (!exists) return name;
  }
}

// The name of the new file; empty if there is nothing to be kept.
std::string write_lost(const std::string& path, const os::File& from, Bytes bytes,
                       const Checked& checked, const Options& options, os::Seam& seam) {
  numpy::Recipe recipe;
  std::vector<std::pair<std::string, pickle::Id>> parts;
  for (const Range& range : checked.lost) {
    const Bytes part = bytes.slice(range.first, range.second);
    if (all_zeros(part)) continue;
    parts.emplace_back(std::to_string(range.first), recipe.tree.bytes(part));
  }
  if (parts.empty()) return {};
  std::string name = free_name(os::resolve(path, seam), seam);
  new_file(name, from, seam, [&](os::File& file) {
    Rewriter out(file, 0, options.poll);
    ValueWriter writer(recipe);
    for (const auto& part : parts) {
      recipe.value = part.second;
      out.put(part.first, recipe, writer);
    }
    out.finish();
    file.sync();
  });
  return name;
}

void repair(const std::string& path, os::File& file,
            std::shared_ptr<os::Mapping>& mapping, Bytes bytes, Checked& checked,
            const Options& options, os::Seam& seam) {
  Report& report = checked.report;
  report.lost = write_lost(path, file, bytes, checked, options, seam);
  const std::int32_t number = next_number(commit_number(bytes));
  try {
    replace_file(path, seam, [&](os::File& to) {
      Rewriter out(to, number, options.poll);
      for (const Frame& frame : checked.whole) out.copy(&file, bytes, frame);
      out.finish();
      mapping.reset();  // Windows replaces no file that is mapped
    });
  } catch (...) {
    if (!report.lost.empty()) remove_quietly(report.lost, seam);
    throw;
  }
  report.repaired = true;
  retire(file, next_number(number));
}

}  // namespace

Report fsck(const std::string& path, bool repairing, const Options& options,
            os::Seam& seam, bool force) {
  return in_context(path, {}, [&] {
    Held held = hold(path, repairing, options, seam);
    const std::uint64_t size = held.file.status().size;
    std::shared_ptr<os::Mapping> mapping = os::Mapping::of(held.file, size);
    const Bytes bytes(mapping->data(), size);
    Checked checked = check(bytes, options.poll);
    if (mapping->damaged()) {
      throw Error(ErrorKind::stale, "the file was cut while it was read", "Try again.");
    }
    if (repairing && checked.needs_repair) {
      check_alone(held.file.status(), force);
      repair(path, held.file, mapping, bytes, checked, options, seam);
    }
    return checked.report;
  });
}

}  // namespace mmappickle::store
