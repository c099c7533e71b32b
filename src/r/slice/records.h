// Rows of structured arrays of rank 1.
#pragma once

#include "r/slice/array_entry.h"
#include "r/slice/values.h"

namespace mmappickle {

// Some rows, read from the file, packed in memory.
class RecordRows {
 public:
  RecordRows(const numpy::Stored& stored, const numpy::Axis& rows,
             const numpy::Tick& tick);
  const numpy::Array& array() const { return array_; }

 private:
  numpy::Array array_;
  std::vector<std::uint8_t> items_, masks_;
};

// Writes the columns of `values` into these rows (or, without `write`, checks alone). All
// is checked before a byte is written: Error of kind value where a column is missing, or
// does not fit.
void write_rows(const ArrayOf& records, const numpy::Axis& rows,
                const SliceValues& values, const numpy::WriteRuns& write);

}  // namespace mmappickle
