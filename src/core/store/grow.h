// Arrays that grow: FORMAT vignette, "Growing arrays".
#pragma once

#include <functional>

#include "../numpy/portable.h"
#include "store.h"

namespace mmappickle::store {

// The array that is all of an entry's value. False if there is none, or one of objects.
bool find_array(Loaded& loaded, numpy::Array& array);

// Of an array that grows: bytes that its data have more than its rows take; and for how
// many rows more there is room.
std::uint64_t room_of(Loaded& loaded);
std::uint64_t rows_of_room(Loaded& loaded);

// The entry's array, with its R metadata, as one that grows and has room for so many rows
// more. It must lie in memory, have a first axis, and no objects.
void make_growing(Loaded& loaded, const numpy::SourceOf& source_of, std::uint64_t rows,
                  numpy::StoredValue& stored_value);

// Whether that array of the entry, which look() gave, can take `rows` more as it is.
bool has_room(const Loaded& loaded, const numpy::Array& array, std::uint64_t rows);

// So many rows, when there have to be `rows`: half of them again, but at least what
// saves small arrays from being copied at each append.
std::uint64_t generous_room(std::uint64_t rows, std::uint64_t row_size);

// Makes the array of the entry one that has room for `rows` more rows, if it is none yet:
// one commit, after which it has the rows and the metadata that it had. Gives its slot.
// Error of kind limit if there would be 2^31 or more; of kind value for an array that
// cannot grow. What it was before is emptied then: Writing::empty_dead().
Index::Slot make_room(Writing& writing, std::string_view key, std::uint64_t rows,
                      const std::function<bool(const Range&)>& in_use = {});

// Before the array of an entry that grows is stored again, with other R metadata: it goes
// on growing, with the room that it has. Others stay as they are.
void keep_growing(const Writing& writing, std::string_view key,
                  numpy::StoredValue& stored_value);

}  // namespace mmappickle::store
