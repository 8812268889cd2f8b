// CSV files with a header (RFC 4180), read by libcsv.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace ella {

struct CsvRow {
  int line = 0;  // where it ends, from 1
  std::vector<std::string> fields;
};

// The named columns of each row, in that order; the file may have others. It is
// UTF-8, with or without a byte order mark; fields may be quoted, and hold
// commas, quotes and newlines then. InvalidArgument names the line or the
// missing column.
absl::StatusOr<std::vector<CsvRow>> ReadCsv(
    std::string_view text, const std::vector<std::string>& columns);

// With its end of line.
std::string CsvLine(const std::vector<std::string>& fields);

}  // namespace ella
