#include "model/text/byte_pair_encoder.h"

#include <functional>
#include <queue>
#include <tuple>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

constexpr char kEndOfWord[] = "</w>";

// Byte-level vocabularies (GPT-2's and their heirs) spell bytes that Latin-1
// can't print as the characters from U+0100 on.
std::array<std::string, 256> ByteSpellings() {
  std::array<std::string, 256> spellings;
  int next = 0x100;
  for (int byte = 0; byte < 256; ++byte) {
    const bool printable =
        (byte > 0x20 && byte < 0x7F) || (byte > 0xA0 && byte != 0xAD);
    const int character = printable ? byte : next++;
    if (character < 0x80) {
      spellings[byte] = static_cast<char>(character);
    } else {
      spellings[byte] = {static_cast<char>(0xC0 | (character >> 6)),
                         static_cast<char>(0x80 | (character & 0x3F))};
    }
  }
  return spellings;
}

constexpr int32_t kMerged = -1;
constexpr int kNone = -1;

// A part of the word.
struct Symbol {
  int32_t id = 0;  // kMerged: now part of the one before
  int previous = kNone;
  int next = kNone;
};

// A pair that may be merged: by rank, then from the left.
struct Candidate {
  int32_t rank = 0;
  int position = 0;
  int32_t id = 0;

  friend bool operator>(const Candidate& a, const Candidate& b) {
    return std::tie(a.rank, a.position) > std::tie(b.rank, b.position);
  }
};

}  // namespace

absl::StatusOr<BytePairEncoder> BytePairEncoder::Create(
    const Vocabulary& vocabulary,
    const std::vector<std::pair<std::string, std::string>>& merges,
    int32_t unknown) {
  const auto id_or = [&vocabulary](const std::string& token, int32_t other) {
    const auto found = vocabulary.find(token);
    return found == vocabulary.end() ? other : found->second;
  };
  BytePairEncoder encoder;
  const std::array<std::string, 256> spellings = ByteSpellings();
  for (int byte = 0; byte < 256; ++byte) {
    encoder.byte_ids_[byte] = id_or(spellings[byte], unknown);
    encoder.last_byte_ids_[byte] =
        id_or(absl::StrCat(spellings[byte], kEndOfWord), unknown);
  }
  int32_t rank = 0;
  for (const auto& [left, right] : merges) {
    for (const std::string& token : {left, right, absl::StrCat(left, right)}) {
      if (!vocabulary.contains(token)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "merge ", rank, " (", left, " ", right, ") needs the token ", token,
            ", which the vocabulary lacks"));
      }
    }
    encoder.merges_[{vocabulary.at(left), vocabulary.at(right)}] = {
        rank, vocabulary.at(absl::StrCat(left, right))};
    ++rank;
  }
  return encoder;
}

const BytePairEncoder::Merge* BytePairEncoder::Find(int32_t left,
                                                    int32_t right) const {
  const auto found = merges_.find({left, right});
  return found == merges_.end() ? nullptr : &found->second;
}

void BytePairEncoder::Encode(std::string_view word,
                             std::vector<int64_t>* ids) const {
  const int size = static_cast<int>(word.size());
  std::vector<Symbol> symbols(size);
  for (int i = 0; i < size; ++i) {
    const auto byte = static_cast<uint8_t>(word[i]);
    const bool last = i + 1 == size;
    symbols[i] = {last ? last_byte_ids_[byte] : byte_ids_[byte], i - 1,
                  last ? kNone : i + 1};
  }
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto propose = [&](int position) {
    if (position == kNone || symbols[position].next == kNone) return;
    const Merge* merge =
        Find(symbols[position].id, symbols[symbols[position].next].id);
    if (merge != nullptr) queue.push({merge->rank, position, merge->id});
  };
  for (int i = 0; i < size; ++i) propose(i);
  while (!queue.empty()) {
    const Candidate top = queue.top();
    queue.pop();
    Symbol& left = symbols[top.position];
    if (left.id == kMerged || left.next == kNone) continue;
    // The pair may have changed since it was proposed.
    Symbol& right = symbols[left.next];
    const Merge* merge = Find(left.id, right.id);
    if (merge == nullptr || merge->id != top.id) continue;
    left.id = top.id;
    left.next = right.next;
    right.id = kMerged;
    if (left.next != kNone) symbols[left.next].previous = top.position;
    propose(left.previous);
    propose(top.position);
  }
  for (const Symbol& symbol : symbols) {
    if (symbol.id != kMerged) ids->push_back(symbol.id);
  }
}

}  // namespace ella
