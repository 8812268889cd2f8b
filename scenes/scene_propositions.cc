#include "scenes/scene_propositions.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace ella {
namespace {

using Kind = SceneQuestion::Kind;

class GraphBuilder {
 public:
  explicit GraphBuilder(const SceneFacts& facts) : facts_(facts) {}

  std::vector<Proposition> Build() {
    if (facts_.background) AskBackground();
    if (facts_.total) AskTotal();
    for (const Thing& thing : facts_.things) AskShape(thing.shape);
    for (const Thing& thing : facts_.things) AskAbout(thing);
    for (const RelationFact& fact : facts_.relations) AskRelation(fact);
    return std::move(propositions_);
  }

 private:
  static std::string Name(const Thing& thing) {
    return absl::StrCat(ColorName(thing.color), " ", ShapeName(thing.shape));
  }

  // Returns the id.
  int Add(std::vector<int> parents, std::string broad, std::string detailed,
          std::string subject, const SceneQuestion& question) {
    Proposition proposition;
    proposition.id = static_cast<int>(propositions_.size()) + 1;
    proposition.parents = std::move(parents);
    proposition.broad = std::move(broad);
    proposition.detailed = std::move(detailed);
    proposition.subject = std::move(subject);
    proposition.question = question;
    propositions_.push_back(std::move(proposition));
    return propositions_.back().id;
  }

  static SceneQuestion About(const Thing& thing, Kind kind) {
    SceneQuestion question;
    question.kind = kind;
    question.shape = thing.shape;
    question.color = thing.color;
    return question;
  }

  void AskBackground() {
    SceneQuestion question;
    question.kind = Kind::kBackground;
    question.background = *facts_.background;
    Add({}, "global", "",
        absl::StrCat(BackgroundName(*facts_.background), " background"),
        question);
  }

  void AskTotal() {
    SceneQuestion question;
    question.kind = Kind::kTotal;
    question.count = *facts_.total;
    Add({}, "other", "count", absl::StrCat("shapes, ", *facts_.total),
        question);
  }

  void AskShape(Shape shape) {
    if (shape_ids_.contains(shape)) return;
    SceneQuestion question;
    question.kind = Kind::kShape;
    question.shape = shape;
    shape_ids_[shape] = Add({}, "entity", "whole", ShapeName(shape), question);
  }

  void AskAbout(const Thing& thing) {
    const bool only =
        1 == std::count_if(facts_.things.begin(), facts_.things.end(),
                           [&thing](const Thing& other) {
                             return other.shape == thing.shape;
                           });
    const bool many = thing.count > 1;
    const int id =
        Add({shape_ids_[thing.shape]}, "attribute", "color",
            absl::StrCat(ShapeName(thing.shape), ", ", ColorName(thing.color)),
            About(thing, !only  ? Kind::kOneOfColor
                         : many ? Kind::kAllColor
                                : Kind::kColor));
    color_ids_.push_back(id);
    if (thing.size) {
      SceneQuestion question =
          About(thing, many ? Kind::kAllSize : Kind::kSize);
      question.size = *thing.size;
      Add({id}, "attribute", "size",
          absl::StrCat(Name(thing), ", ", SizeName(*thing.size)), question);
    }
    if (many) {
      SceneQuestion question = About(thing, Kind::kCount);
      question.count = thing.count;
      Add({id}, "other", "count", absl::StrCat(Name(thing), ", ", thing.count),
          question);
    }
    if (thing.place) {
      SceneQuestion question = About(thing, Kind::kPlace);
      question.place = *thing.place;
      Add({id}, "relation", "spatial",
          absl::StrCat(Name(thing), ", picture, ", PlaceName(*thing.place)),
          question);
    }
  }

  void AskRelation(const RelationFact& fact) {
    const Thing& first = facts_.things[fact.first];
    const Thing& second = facts_.things[fact.second];
    SceneQuestion question = About(first, Kind::kRelation);
    question.relation = fact.relation;
    question.second_shape = second.shape;
    question.second_color = second.color;
    Add({color_ids_[fact.first], color_ids_[fact.second]}, "relation",
        "spatial",
        absl::StrCat(Name(first), ", ", Name(second), ", ",
                     RelationName(fact.relation)),
        question);
  }

  const SceneFacts& facts_;
  std::vector<Proposition> propositions_;
  std::map<Shape, int> shape_ids_;
  std::vector<int> color_ids_;  // by thing
};

// As RFC 4180 has it.
std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
}

}  // namespace

std::vector<Proposition> Propositions(const SceneFacts& facts) {
  return GraphBuilder(facts).Build();
}

std::string PropositionsCsvHeader() {
  return "item_id,text,keywords,proposition_id,dependency,category_broad,"
         "category_detailed,tuple,question_natural_language\n";
}

std::string PropositionsCsv(const std::string& item_id, const std::string& text,
                            const SceneFacts& facts) {
  std::vector<std::string> keywords;
  for (const Thing& thing : facts.things) {
    keywords.push_back(ShapeName(thing.shape));
  }
  std::string csv;
  for (const Proposition& it : Propositions(facts)) {
    const std::string tuple =
        absl::StrCat(it.broad, " - ", it.detailed,
                     it.detailed.empty() ? "(" : " (", it.subject, ")");
    const std::string parents =
        it.parents.empty() ? "0" : absl::StrJoin(it.parents, ",");
    const std::vector<std::string> fields = {
        item_id,
        CsvField(text),
        CsvField(absl::StrJoin(keywords, ", ")),
        std::to_string(it.id),
        CsvField(parents),
        it.broad,
        it.detailed,
        CsvField(tuple),
        QuestionText(it.question)};
    absl::StrAppend(&csv, absl::StrJoin(fields, ","), "\n");
  }
  return csv;
}

}  // namespace ella
