// The R metadata that rides behind a value (format vignette, "R metadata"): a tree along
// the value, of dicts with these members.
#pragma once

namespace mmappickle {

// SHORT_BINUNICODE kMetadataMark, BININT1 1, dict, TUPLE3, POP. The mark and the version
// are the reader's (core/pickle); the members are:
//
// "type": what the value is in R, where the plain rules would say something else:
// "logical", "integer", "double", "character", "raw", "integer64", "list", "factor",
// "pairs" (a data frame as list of [name, column]), "dict" (a python_dict), "symbol",
// "call", "pairlist", "expression", "environment", "row.names" (the number of automatic
// ones). Of dates, times and differences: class, zone and units are those of the
// attributes alone.
constexpr const char* kMetaType = "type";
// "value": R's own vector where the Python value does not say it: a factor's codes,
// doubles that were rounded.
constexpr const char* kMetaValue = "value";
// "bytes": positions (from 0) of strings that R holds in the encoding "bytes".
constexpr const char* kMetaBytes = "bytes";
// "attributes": a list of [name, value] or [name, value, metadata of the value].
constexpr const char* kMetaAttributes = "attributes";
// "children": a dict from the position of an item (from 0; of a dict's values in order,
// then of a python_dict's keys) to its metadata.
constexpr const char* kMetaChildren = "children";

}  // namespace mmappickle
