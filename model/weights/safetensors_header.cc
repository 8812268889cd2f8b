#include "model/weights/safetensors_header.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

constexpr std::array kDtypes = {
    Dtype::kF64, Dtype::kF32, Dtype::kF16, Dtype::kBF16, Dtype::kI64,
    Dtype::kI32, Dtype::kI16, Dtype::kI8,  Dtype::kU8,   Dtype::kBool};

std::optional<Dtype> DtypeFromName(absl::string_view name) {
  for (const Dtype dtype : kDtypes) {
    if (name == DtypeName(dtype)) return dtype;
  }
  return std::nullopt;
}

// Nothing where the size, or the strides of an empty tensor, overflow.
std::optional<int64_t> ByteSize(Dtype dtype,
                                const std::vector<int64_t>& shape) {
  int64_t size = DtypeSize(dtype);
  bool empty = false;
  for (const int64_t length : shape) {
    empty |= length == 0;
    if (__builtin_mul_overflow(size, std::max<int64_t>(length, 1), &size)) {
      return std::nullopt;
    }
  }
  return empty ? 0 : size;
}

// Receives the header's JSON piece by piece, so that a key that comes twice is
// noticed and nesting is refused as soon as it begins. The handlers return
// false to stop the parser.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  const absl::Status& status() const { return status_; }
  SafetensorsHeader&& TakeHeader() { return std::move(header_); }

  bool null() override { return Unexpected(); }
  bool boolean(bool) override { return Unexpected(); }
  bool number_integer(number_integer_t) override { return Unexpected(); }
  bool number_float(number_float_t, const string_t&) override {
    return Unexpected();
  }
  bool binary(binary_t&) override { return Unexpected(); }

  bool number_unsigned(number_unsigned_t value) override {
    if (where_ != Where::kShape && where_ != Where::kOffsets) {
      return Unexpected();
    }
    if (value > std::numeric_limits<int64_t>::max()) {
      return Fail(
          absl::StrCat(Field(), " holds ", value, ", which is too big"));
    }
    auto& list = where_ == Where::kShape ? entry_.shape : offsets_;
    list.push_back(static_cast<int64_t>(value));
    return true;
  }

  bool string(string_t& value) override {
    if (where_ == Where::kMetadata) {
      if (!header_.metadata.try_emplace(field_, std::move(value)).second) {
        return Fail(
            absl::StrCat("__metadata__ has ", QuotedName(field_), " twice"));
      }
      return true;
    }
    if (where_ != Where::kTensor || field_ != "dtype") return Unexpected();
    const std::optional<Dtype> dtype = DtypeFromName(value);
    if (!dtype) {
      return Fail(
          absl::StrCat(Tensor(), " has the unknown dtype ", QuotedName(value)));
    }
    entry_.dtype = *dtype;
    return true;
  }

  bool start_object(size_t) override {
    if (where_ == Where::kStart) {
      where_ = Where::kTop;
      return true;
    }
    if (where_ != Where::kTop) return Unexpected();
    if (name_ == "__metadata__") {
      if (std::exchange(has_metadata_, true)) {
        return Fail("__metadata__ comes twice");
      }
      where_ = Where::kMetadata;
      return true;
    }
    where_ = Where::kTensor;
    entry_ = TensorEntry();
    offsets_.clear();
    seen_.clear();
    return true;
  }

  bool key(string_t& value) override {
    if (where_ == Where::kTop) {
      name_ = std::move(value);
      return true;
    }
    field_ = std::move(value);
    if (where_ == Where::kMetadata) return true;
    if (field_ != "dtype" && field_ != "shape" && field_ != "data_offsets") {
      return Fail(absl::StrCat(Tensor(), " has the unknown field ",
                               QuotedName(field_)));
    }
    if (std::find(seen_.begin(), seen_.end(), field_) != seen_.end()) {
      return Fail(absl::StrCat(Field(), " comes twice"));
    }
    seen_.push_back(field_);
    return true;
  }

  bool end_object() override {
    if (where_ == Where::kTensor && !FinishTensor()) return false;
    where_ = Where::kTop;
    return true;
  }

  bool start_array(size_t) override {
    if (where_ != Where::kTensor || field_ == "dtype") return Unexpected();
    where_ = field_ == "shape" ? Where::kShape : Where::kOffsets;
    return true;
  }

  bool end_array() override {
    where_ = Where::kTensor;
    return true;
  }

  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    return Fail(absl::StrCat("the header is not JSON at its byte ", position));
  }

 private:
  enum class Where { kStart, kTop, kMetadata, kTensor, kShape, kOffsets };

  bool Fail(absl::string_view message) {
    status_ = absl::InvalidArgumentError(message);
    return false;
  }

  // A value of the wrong type for its place.
  bool Unexpected() {
    switch (where_) {
      case Where::kStart:
        return Fail("the header is not a JSON object");
      case Where::kTop:
        return Fail(absl::StrCat(Tensor(), " is not a JSON object"));
      case Where::kMetadata:
        return Fail(absl::StrCat("__metadata__ has a value for ",
                                 QuotedName(field_), " that is not a string"));
      case Where::kTensor:
        return Fail(absl::StrCat(Field(), field_ == "dtype"
                                              ? " is not a string"
                                              : " is not a list"));
      case Where::kShape:
      case Where::kOffsets:
        break;
    }
    return Fail(absl::StrCat(
        Field(), " holds something else than integers from 0 to 2^63-1"));
  }

  bool FinishTensor() {
    for (const char* field : {"dtype", "shape", "data_offsets"}) {
      if (std::find(seen_.begin(), seen_.end(), field) == seen_.end()) {
        return Fail(absl::StrCat(Tensor(), " has no ", field));
      }
    }
    if (offsets_.size() != 2 || offsets_[0] > offsets_[1]) {
      return Fail(absl::StrCat(Tensor(),
                               ": data_offsets are not two ordered integers"));
    }
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    const std::optional<int64_t> size = ByteSize(entry_.dtype, entry_.shape);
    if (!size) {
      return Fail(absl::StrCat(Tensor(), ": the size of its shape overflows"));
    }
    if (entry_.end - entry_.begin != *size) {
      return Fail(absl::StrCat(Tensor(), ": data_offsets span ",
                               entry_.end - entry_.begin,
                               " bytes, but shape and dtype need ", *size));
    }
    if (!header_.tensors.try_emplace(name_, std::move(entry_)).second) {
      return Fail(absl::StrCat(Tensor(), " comes twice"));
    }
    return true;
  }

  std::string Tensor() const {
    return absl::StrCat("tensor ", QuotedName(name_));
  }
  std::string Field() const { return absl::StrCat(Tensor(), ": ", field_); }

  Where where_ = Where::kStart;
  std::string name_;   // the latest key of the header
  std::string field_;  // the latest key inside a tensor or __metadata__
  std::vector<std::string> seen_;  // fields of the current tensor
  TensorEntry entry_;
  std::vector<int64_t> offsets_;
  bool has_metadata_ = false;
  SafetensorsHeader header_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(
    absl::string_view json) {
  // The parser would take a NUL for the end and not look further.
  const size_t nul = json.find('\0');
  if (nul != json.npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("the header is not JSON at its byte ", nul + 1));
  }
  HeaderReader reader;
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader)) {
    return reader.status();
  }
  return reader.TakeHeader();
}

std::string QuotedName(absl::string_view name) {
  constexpr size_t kMaxBytes = 200;
  if (name.size() <= kMaxBytes) {
    return absl::StrCat("'", absl::Utf8SafeCHexEscape(name), "'");
  }
  size_t cut = kMaxBytes;
  while (cut > 0 && (static_cast<uint8_t>(name[cut]) & 0xC0) == 0x80) --cut;
  return absl::StrCat("'", absl::Utf8SafeCHexEscape(name.substr(0, cut)),
                      "...'");
}

}  // namespace ella
