// Gives the space of dead entries back by rewriting the live ones to a new file.
#pragma once

#include "store.h"

namespace mmappickle::store {

// Writes a new file beside the old one, syncs, renames it over, leaves the old one
// unusable for handles that still have it (see FORMAT, "Vacuum"). Live entries are copied
// with their paddings made anew, sparse parts stay sparse, mode and owner are kept.
// Symbolic links are followed; a file with several hard links is an Error of kind io.
// Error of kind busy where other processes have the file open, unless `force`. Reports
// progress in [0, 1]. On any error the old file is as it was and the new one is removed.
//
// Where that would give the same bytes, nothing is done.
//
// With `upgrade` arrays become portable, in whatever form they are, and wherever. What
// cannot be read is copied as it is; the keys of such entries are returned.
//
// The room of growing arrays is given back, too, unless `keep_room`.
std::vector<std::string> vacuum(Store& store, bool force, bool upgrade,
                                const std::function<void(double)>& progress,
                                bool keep_room = false);

}  // namespace mmappickle::store
