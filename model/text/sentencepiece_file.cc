#include "model/text/sentencepiece_file.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

namespace ella {
namespace {

// Field numbers of sentencepiece_model.proto.
constexpr uint64_t kNormalizerSpec = 3;
constexpr uint64_t kSelfTestData = 4;
constexpr uint64_t kPrecompiledCharsmap = 2;

// Longest source of a normalization rule, in bytes. Sentencepiece has room for
// as many matches of one prefix.
constexpr int kMaxRuleLength = 32;

struct Field {
  uint64_t number = 0;
  std::string_view raw;      // with its tag
  std::string_view payload;  // of length-delimited fields
};

bool TakeVarint(std::string_view* bytes, uint64_t* value) {
  *value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (bytes->empty()) return false;
    const auto byte = static_cast<uint8_t>(bytes->front());
    bytes->remove_prefix(1);
    *value |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

// Takes the first field off a protobuf message that is not empty.
bool TakeField(std::string_view* message, Field* field) {
  const std::string_view start = *message;
  uint64_t tag = 0;
  uint64_t length = 0;
  if (!TakeVarint(message, &tag)) return false;
  switch (tag & 7) {
    case 0:
      if (!TakeVarint(message, &length)) return false;
      length = 0;
      break;
    case 1:
      length = 8;
      break;
    case 2:
      if (!TakeVarint(message, &length)) return false;
      break;
    case 5:
      length = 4;
      break;
    default:
      return false;
  }
  if (length > message->size()) return false;
  field->number = tag >> 3;
  field->payload = message->substr(0, length);
  message->remove_prefix(length);
  field->raw = start.substr(0, start.size() - message->size());
  return true;
}

uint32_t LoadWord(std::string_view bytes, size_t index) {
  uint32_t word = 0;
  std::memcpy(&word, bytes.data() + 4 * index, sizeof(word));
  return word;
}

// A unit of darts-clone's double array. From the node that sums up to `base`,
// byte c leads to unit base ^ c if that has the label c.
struct Unit {
  explicit Unit(uint32_t word)
      : label(word & 0x800000FF),
        offset((word >> 10) << ((word & 0x200) >> 6)) {}

  uint32_t label;
  uint32_t offset;
};

// Whether every byte string stays inside the array and ends.
bool IsSafeDoubleArray(std::string_view units) {
  const size_t count = units.size() / 4;
  std::vector<uint32_t> bases = {Unit(LoadWord(units, 0)).offset};
  for (int length = 0; !bases.empty(); ++length) {
    if (length > kMaxRuleLength) return false;
    std::vector<uint32_t> next;
    for (const uint32_t base : bases) {
      // Blocks of 256 units: if one byte stays inside, all do.
      if (base >= count) return false;
      for (uint32_t byte = 0; byte < 256; ++byte) {
        const uint32_t node = base ^ byte;
        const Unit unit(LoadWord(units, node));
        if (unit.label == byte) next.push_back(node ^ unit.offset);
      }
    }
    std::sort(next.begin(), next.end());
    next.erase(std::unique(next.begin(), next.end()), next.end());
    bases = std::move(next);
  }
  return true;
}

// The size of a double array, the double array, then the replacements.
bool IsSafeCharsmap(std::string_view charsmap) {
  if (charsmap.empty()) return true;
  if (charsmap.size() < 4) return false;
  const uint32_t size = LoadWord(charsmap, 0);
  charsmap.remove_prefix(4);
  if (size == 0 || size % 1024 != 0 || size > charsmap.size()) return false;
  return IsSafeDoubleArray(charsmap.substr(0, size));
}

}  // namespace

std::string CheckSentencePieceFile(std::string_view bytes) {
  constexpr char kNoModel[] = "is not a sentencepiece model";
  if (bytes.empty()) return "is empty";
  bool has_normalizer = false;
  while (!bytes.empty()) {
    Field field;
    if (!TakeField(&bytes, &field)) return kNoModel;
    if (field.number != kNormalizerSpec) continue;
    has_normalizer = true;
    while (!field.payload.empty()) {
      Field inner;
      if (!TakeField(&field.payload, &inner)) return kNoModel;
      if (inner.number == kPrecompiledCharsmap &&
          !IsSafeCharsmap(inner.payload)) {
        return "has a damaged precompiled_charsmap";
      }
    }
  }
  // The pieces come first: a file cut between two of them parses.
  return has_normalizer ? "" : "has no normalizer_spec: is it cut short?";
}

std::string WithoutNormalizer(std::string_view bytes) {
  std::string result;
  Field field;
  while (!bytes.empty() && TakeField(&bytes, &field)) {
    if (field.number != kSelfTestData) result.append(field.raw);
  }
  // A second normalizer_spec overrides single fields of the first:
  // precompiled_charsmap "", add_dummy_prefix and remove_extra_whitespaces
  // false.
  result.append({0x1A, 6, 0x12, 0, 0x18, 0, 0x20, 0});
  return result;
}

}  // namespace ella
