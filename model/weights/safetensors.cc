#include "model/weights/safetensors.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/weights/safetensors_header.h"

namespace ella {
namespace {

constexpr size_t kLengthBytes = 8;
constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the format's own limit

// What else a file with an impossible header length may be.
absl::string_view ForeignFormatHint(absl::string_view file) {
  if (absl::StartsWith(file, "version https://git-lfs")) {
    return "; this is a git-lfs pointer, not the weights: run `git lfs pull`";
  }
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(file), "<")) {
    return "; this is a web page, not the weights: look at it in an editor and "
           "download the weights again";
  }
  if (absl::StartsWith(file, "PK\x03\x04")) {
    return "; this is a PyTorch file under another name: convert it";
  }
  return "; this is no safetensors file";
}

absl::StatusOr<absl::string_view> HeaderOf(absl::string_view file) {
  if (file.size() < kLengthBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected at least 8 bytes, found ", file.size(),
                     " (partial download?)"));
  }
  uint64_t length = 0;
  for (size_t i = kLengthBytes; i-- > 0;) {
    length = length << 8 | static_cast<uint8_t>(file[i]);
  }
  if (length > kMaxHeaderBytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("header length is at most ", kMaxHeaderBytes,
                     " bytes, was ", length, ForeignFormatHint(file)));
  }
  if (length > file.size() - kLengthBytes) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the header ends past the end of the file: expected at least ",
        kLengthBytes + length, " bytes, found ", file.size(),
        " (partial download?)"));
  }
  const absl::string_view header = file.substr(kLengthBytes, length);
  if (!absl::StartsWith(header, "{")) {
    return absl::InvalidArgumentError("the header is not a JSON object");
  }
  return header;
}

using NamedEntry = std::pair<const std::string, TensorEntry>;

// The tensors must cover the data_size bytes without gap or overlap.
absl::Status CheckLayout(const SafetensorsHeader& header, size_t header_end,
                         size_t data_size) {
  std::vector<const NamedEntry*> entries;
  for (const NamedEntry& entry : header.tensors) entries.push_back(&entry);
  std::sort(entries.begin(), entries.end(),
            [](const NamedEntry* a, const NamedEntry* b) {
              return std::pair(a->second.begin, a->second.end) <
                     std::pair(b->second.begin, b->second.end);
            });
  int64_t end = 0;
  const NamedEntry* previous = nullptr;
  for (const NamedEntry* entry : entries) {
    const int64_t begin = entry->second.begin;
    if (begin < end) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensors ", QuotedName(previous->first), " and ",
                       QuotedName(entry->first), " overlap"));
    }
    if (begin > end) {
      return absl::InvalidArgumentError(
          absl::StrCat("tensor ", QuotedName(entry->first), " begins at byte ",
                       begin, " of the data, after a gap of ", begin - end));
    }
    end = entry->second.end;
    previous = entry;
  }
  const uint64_t expected = static_cast<uint64_t>(end) + header_end;
  const uint64_t found = data_size + header_end;
  if (expected > found) {
    return absl::InvalidArgumentError(
        absl::StrCat("tensor ", QuotedName(previous->first),
                     " ends past the end of the file: expected ", expected,
                     " bytes, found ", found, " (partial download?)"));
  }
  if (expected < found) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected ", expected, " bytes, found ", found,
        ": the tensors leave the last ", found - expected, " unused"));
  }
  return absl::OkStatus();
}

absl::StatusOr<SafetensorsContents> ParseContents(
    absl::Span<const uint8_t> file) {
  absl::StatusOr<absl::string_view> json = HeaderOf(absl::string_view(
      reinterpret_cast<const char*>(file.data()), file.size()));
  if (!json.ok()) return json.status();
  absl::StatusOr<SafetensorsHeader> header = ParseSafetensorsHeader(*json);
  if (!header.ok()) return header.status();
  const size_t header_end = kLengthBytes + json->size();
  const absl::Span<const uint8_t> data = file.subspan(header_end);
  absl::Status layout = CheckLayout(*header, header_end, data.size());
  if (!layout.ok()) return layout;

  SafetensorsContents contents;
  for (auto& [name, entry] : header->tensors) {
    contents.tensors.emplace_hint(
        contents.tensors.end(), name,
        TensorView{entry.dtype, std::move(entry.shape),
                   data.subspan(entry.begin, entry.end - entry.begin)});
  }
  contents.metadata = std::move(header->metadata);
  return contents;
}

}  // namespace

const char* DtypeName(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF64:
      return "F64";
    case Dtype::kF32:
      return "F32";
    case Dtype::kF16:
      return "F16";
    case Dtype::kBF16:
      return "BF16";
    case Dtype::kI64:
      return "I64";
    case Dtype::kI32:
      return "I32";
    case Dtype::kI16:
      return "I16";
    case Dtype::kI8:
      return "I8";
    case Dtype::kU8:
      return "U8";
    case Dtype::kBool:
      return "BOOL";
  }
  return "?";
}

int DtypeSize(Dtype dtype) {
  switch (dtype) {
    case Dtype::kF64:
    case Dtype::kI64:
      return 8;
    case Dtype::kF32:
    case Dtype::kI32:
      return 4;
    case Dtype::kF16:
    case Dtype::kBF16:
    case Dtype::kI16:
      return 2;
    case Dtype::kI8:
    case Dtype::kU8:
    case Dtype::kBool:
      return 1;
  }
  return 0;
}

absl::StatusOr<SafetensorsContents> ParseSafetensors(
    absl::Span<const uint8_t> file, const std::string& path) {
  absl::StatusOr<SafetensorsContents> contents = ParseContents(file);
  if (contents.ok()) return contents;
  return absl::Status(contents.status().code(),
                      absl::StrCat(path, ": ", contents.status().message()));
}

absl::StatusOr<std::unique_ptr<SafetensorsFile>> SafetensorsFile::Open(
    const std::string& path) {
  absl::StatusOr<MappedFile> file = MappedFile::Open(path);
  if (!file.ok()) return file.status();
  absl::StatusOr<SafetensorsContents> contents =
      ParseSafetensors(file->bytes(), path);
  if (!contents.ok()) return contents.status();
  std::unique_ptr<SafetensorsFile> opened(new SafetensorsFile());
  opened->path_ = path;
  opened->file_ = *std::move(file);
  opened->contents_ = *std::move(contents);
  return opened;
}

}  // namespace ella
