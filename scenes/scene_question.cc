#include "scenes/scene_question.h"

#include <algorithm>
#include <array>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace ella {
namespace {

using Kind = SceneQuestion::Kind;

// One wording serves both writing and reading.
struct Wording {
  Kind kind;
  std::string_view text;
};
constexpr std::array kWordings = {
    Wording{Kind::kShape, "Is there a {shape}?"},
    Wording{Kind::kColor, "Is the {shape} {color}?"},
    Wording{Kind::kOneOfColor, "Is one of the {shapes} {color}?"},
    Wording{Kind::kAllColor, "Are the {shapes} {color}?"},
    Wording{Kind::kSize, "Is the {color} {shape} {size}?"},
    Wording{Kind::kAllSize, "Are the {color} {shapes} {size}?"},
    Wording{Kind::kPlace, "Is the {color} {shape} {place} of the picture?"},
    Wording{Kind::kRelation,
            "Is the {color} {shape} {relation} the {color2} {shape2}?"},
    Wording{Kind::kCount, "Are there exactly {count} {color} {shapes}?"},
    Wording{Kind::kTotal, "Is the number of shapes {count}?"},
    Wording{Kind::kBackground, "Is the background {background}?"}};
constexpr std::array kCounts = {1, 2, 3, 4};

// Takes what stands before `end` off the text, and `end` too; all of the text
// where it doesn't have `end`.
std::string_view TakeUntil(char end, std::string_view& text) {
  const std::string_view taken = text.substr(0, text.find(end));
  text.remove_prefix(std::min(text.size(), taken.size() + 1));
  return taken;
}

// Takes the name of one of the values off the text. No name that a wording has
// in one place is the beginning of another.
template <typename Value, size_t kCount, typename Name>
bool Take(const std::array<Value, kCount>& values, Name name, Value& value,
          std::string_view& text) {
  for (const Value& candidate : values) {
    const std::string word = name(candidate);
    if (!text.starts_with(word)) continue;
    value = candidate;
    text.remove_prefix(word.size());
    return true;
  }
  return false;
}

// Calls `visit` with the values, their names and the field that the slot of a
// wording stands for.
template <typename Question, typename Visit>
auto VisitSlot(std::string_view slot, Question& it, const Visit& visit) {
  if (slot == "shape") return visit(kShapes, ShapeName, it.shape);
  if (slot == "shapes") return visit(kShapes, ShapePlural, it.shape);
  if (slot == "shape2") return visit(kShapes, ShapeName, it.second_shape);
  if (slot == "color") return visit(kColors, ColorName, it.color);
  if (slot == "color2") return visit(kColors, ColorName, it.second_color);
  if (slot == "size") return visit(kSizes, SizeName, it.size);
  if (slot == "place") return visit(kPlaces, PlaceName, it.place);
  if (slot == "relation") return visit(kRelations, RelationName, it.relation);
  if (slot == "count") return visit(kCounts, CountName, it.count);
  return visit(kBackgrounds, BackgroundName, it.background);
}

bool Matches(std::string_view wording, std::string_view text,
             SceneQuestion& question) {
  while (!wording.empty()) {
    const std::string_view literal = TakeUntil('{', wording);
    if (!text.starts_with(literal)) return false;
    text.remove_prefix(literal.size());
    if (wording.empty()) break;
    const bool taken =
        VisitSlot(TakeUntil('}', wording), question,
                  [&text](const auto& values, const auto& name, auto& value) {
                    return Take(values, name, value, text);
                  });
    if (!taken) return false;
  }
  return text.empty();
}

}  // namespace

std::string QuestionText(const SceneQuestion& question) {
  std::string text;
  for (const Wording& candidate : kWordings) {
    if (candidate.kind != question.kind) continue;
    std::string_view wording = candidate.text;
    while (!wording.empty()) {
      text += TakeUntil('{', wording);
      if (wording.empty()) break;
      text += VisitSlot(TakeUntil('}', wording), question,
                        [](const auto&, const auto& name, const auto& value) {
                          return name(value);
                        });
    }
  }
  return text;
}

absl::StatusOr<SceneQuestion> ParseQuestion(std::string_view text) {
  for (const Wording& wording : kWordings) {
    SceneQuestion question;
    question.kind = wording.kind;
    if (Matches(wording.text, text, question)) return question;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("not a question about the demo world: ",
                   absl::string_view(text.data(), text.size())));
}

}  // namespace ella
