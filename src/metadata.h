// The R metadata that rides behind a value (format vignette, "R metadata"): a tree along
// the value, of dicts with up to three members.
#pragma once

namespace mmappickle {

// SHORT_BINUNICODE kMetadataMark, BININT1 1, dict, TUPLE3, POP. The mark and the version
// are the reader's (core/pickle); the members are:
//
// "type": what to call the value in R, where the plain rules would say something else:
// "logical", "integer", "character", "raw", "list" ...
constexpr const char* kMetaType = "type";
// "attributes": a list of [name, value] or [name, value, metadata of the value].
constexpr const char* kMetaAttributes = "attributes";
// "children": a dict from the position of an item (from 0; of a dict's values in order)
// to its metadata.
constexpr const char* kMetaChildren = "children";

}  // namespace mmappickle
