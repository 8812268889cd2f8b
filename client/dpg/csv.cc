#include "client/dpg/csv.h"

#include <csv.h>

#include <algorithm>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "image/utf8.h"

namespace ella {
namespace {

struct Reading {
  int line = 1;
  CsvRow row;
  std::vector<CsvRow> rows;
};

void OnField(void* bytes, size_t size, void* reading) {
  static_cast<Reading*>(reading)->row.fields.emplace_back(
      static_cast<const char*>(bytes), size);
}

void OnRowEnd(int, void* data) {
  Reading& reading = *static_cast<Reading*>(data);
  reading.row.line = reading.line;
  reading.rows.push_back(std::exchange(reading.row, {}));
}

// Spaces belong to their field.
int NoSpace(unsigned char) { return 0; }

absl::Status BadLine(int line, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("line ", line, ": ", std::string(what)));
}

absl::StatusOr<std::vector<CsvRow>> ReadRows(std::string_view text) {
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
    return absl::ResourceExhaustedError("no memory for a CSV file");
  }
  absl::Cleanup free = [&parser] { csv_free(&parser); };
  csv_set_space_func(&parser, NoSpace);
  Reading reading;
  // Line by line, to know where an error is.
  while (!text.empty()) {
    const size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    if (csv_parse(&parser, text.data(), size, OnField, OnRowEnd, &reading) !=
        size) {
      return BadLine(reading.line, "a quote is out of place");
    }
    text.remove_prefix(size);
    if (!text.empty()) ++reading.line;
  }
  if (csv_fini(&parser, OnField, OnRowEnd, &reading) != 0) {
    return BadLine(reading.line, "the file ends within quotes");
  }
  return std::move(reading.rows);
}

}  // namespace

absl::StatusOr<std::vector<CsvRow>> ReadCsv(
    std::string_view text, const std::vector<std::string>& columns) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (!IsValidUtf8(text)) {
    return absl::InvalidArgumentError("the file is not UTF-8");
  }
  absl::StatusOr<std::vector<CsvRow>> rows = ReadRows(text);
  if (!rows.ok()) return rows;
  if (rows->empty()) return absl::InvalidArgumentError("the file is empty");

  const std::vector<std::string> header = std::move(rows->front().fields);
  rows->erase(rows->begin());
  std::vector<size_t> places;
  for (const std::string& column : columns) {
    const auto place = std::find(header.begin(), header.end(), column);
    if (place == header.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the header has no column ", column));
    }
    places.push_back(place - header.begin());
  }
  for (CsvRow& row : *rows) {
    if (row.fields.size() != header.size()) {
      return BadLine(row.line, absl::StrCat(row.fields.size(), " fields under ",
                                            header.size(), " columns"));
    }
    std::vector<std::string> fields;
    for (const size_t place : places) fields.push_back(row.fields[place]);
    row.fields = std::move(fields);
  }
  return rows;
}

std::string CsvLine(const std::vector<std::string>& fields) {
  std::string line;
  for (const std::string& field : fields) {
    if (&field != &fields.front()) line += ',';
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      line += field;
      continue;
    }
    std::string quoted(2 * field.size() + 2, '\0');
    quoted.resize(
        csv_write(quoted.data(), quoted.size(), field.data(), field.size()));
    line += quoted;
  }
  return line + "\n";
}

}  // namespace ella
