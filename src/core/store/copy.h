// Entries on their way to another key, or to other R metadata, from file to file: their
// bytes are not looked at, but for what has to be another.
#pragma once

#include <memory>

#include "../os/file.h"
#include "entry_form.h"
#include "layout.h"

namespace mmappickle::store {

struct CopiedEntry {
  NewEntry entry;
  std::shared_ptr<const void> owner;  // to be kept until the output was written
};

// The entry of `file`, whose bytes are `bytes`, under another key: live, with what has to
// stand before it. An array in the Python library's own form becomes a portable one. File
// and bytes must live as long as the output. Error of kind format if it cannot be read.
CopiedEntry write_copy(Output& output, std::string_view key, const os::File& file,
                       const Image& bytes, const Frame& frame);

// The same for a portable array entry, under its own key with `metadata`'s R metadata,
// and room behind these for others in the same page.
CopiedEntry write_copy(Output& output, const numpy::StoredValue& metadata,
                       const os::File& file, const Image& bytes, const Frame& frame);

// What stands where the R metadata of that entry stand, to be written over them at once:
// inside one page, and of the same length. False where that cannot be.
bool write_over(Output& output, const numpy::StoredValue& metadata, const Image& bytes,
                const Frame& frame);

// True if the stored value is the entry's array, maybe with other R metadata: of the same
// dtype, shape and order, in the portable form.
bool is_same_array(const numpy::StoredValue& stored_value, const Image& bytes,
                   const Frame& frame);

}  // namespace mmappickle::store
