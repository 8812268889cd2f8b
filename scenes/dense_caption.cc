#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "scenes/caption_phrases.h"
#include "scenes/scene_captions.h"

namespace ella {
namespace {

constexpr size_t kMaxSentences = 7;
constexpr int kMaxWords = 90;

// Without capital and full stop.
struct Sentence {
  std::string text;
  int only_thing = -1;  // the one thing that it names, if it names just one
};

// Composes one wording.
class DenseWriter {
 public:
  DenseWriter(const SceneFacts& facts, Chooser& chooser)
      : facts_(facts), chooser_(chooser) {}

  std::vector<std::string> Write() {
    for (int i = 0; i < static_cast<int>(facts_.things.size()); ++i) {
      Introduce(i);
    }
    for (const RelationFact& fact : later_) Relate(fact);
    std::vector<std::string> texts = Joined();
    if (facts_.background) {
      const bool first = chooser_.Chance(0.7);
      texts.insert(first ? texts.begin() : texts.end(), Whole());
    }
    return texts;
  }

 private:
  static std::string Verb(const Thing& thing, Chooser& chooser) {
    const bool many = thing.count > 1;
    switch (chooser.Below(4)) {
      case 0:
        return many ? "sit" : "sits";
      case 1:
        return many ? "lie" : "lies";
      default:
        return many ? "are" : "is";
    }
  }

  void Say(std::string text, int only_thing) {
    sentences_.push_back({std::move(text), only_thing});
  }

  // The thing for the first time, with one of its relations if there is one to
  // a thing named before, and the other relations now or later.
  void Introduce(int index) {
    const Thing& thing = facts_.things[index];
    std::vector<RelationFact> relations;
    for (const RelationFact& fact : facts_.relations) {
      if (fact.first == index && fact.second < index) {
        relations.push_back(fact);
      } else if (fact.second == index && fact.first < index) {
        relations.push_back({index, Opposite(fact.relation), fact.first});
      }
    }
    const bool size_apart = chooser_.Chance(0.2);
    const std::string noun =
        size_apart ? NounPhraseWithoutSize(thing) : NounPhrase(thing, chooser_);
    if (thing.place) {
      SayWhere(thing, noun, PlacePhrase(*thing.place, chooser_), index);
    } else if (!relations.empty()) {
      const RelationFact fact = relations.back();
      relations.pop_back();
      const std::string relation = RelationPhrase(fact.relation, chooser_);
      const std::string other = Reference(facts_, fact.second, chooser_);
      SayWhere(thing, noun, absl::StrCat(relation, " ", other), -1);
    } else {
      SayThat(thing, noun, index);
    }
    if (size_apart) SaySize(thing, index);
    for (const RelationFact& fact : relations) {
      if (chooser_.Chance(0.5)) {
        Relate(fact);
      } else {
        later_.push_back(fact);
      }
    }
  }

  void SayWhere(const Thing& thing, const std::string& noun,
                const std::string& where, int only_thing) {
    const std::string there = thing.count > 1 ? "there are " : "there is ";
    switch (chooser_.Below(4)) {
      case 0:
        return Say(absl::StrCat(there, noun, " ", where), only_thing);
      case 1:
        return Say(absl::StrCat(where, " ", there, noun), only_thing);
      default:
        return Say(absl::StrCat(noun, " ", Verb(thing, chooser_), " ", where),
                   only_thing);
    }
  }

  void SayThat(const Thing& thing, const std::string& noun, int only_thing) {
    switch (chooser_.Below(3)) {
      case 0:
        return Say(
            absl::StrCat(thing.count > 1 ? "there are " : "there is ", noun),
            only_thing);
      case 1:
        return Say(absl::StrCat("the picture shows ", noun), only_thing);
      default:
        return Say(absl::StrCat(noun, " can be seen"), only_thing);
    }
  }

  void SaySize(const Thing& thing, int index) {
    if (!thing.size) return;
    Sentence& last = sentences_.back();
    const std::string size = SizeWord(*thing.size, chooser_);
    const std::string be = thing.count > 1 ? " are " : " is ";
    const std::string it = thing.count > 1 ? "they" : "it";
    if (last.only_thing != index) {
      Say(absl::StrCat(Reference(facts_, index, chooser_), be, size), index);
    } else if (chooser_.Chance(0.5)) {
      absl::StrAppend(&last.text, ", and ", it, be, size);
    } else {
      Say(absl::StrCat(it, be, size), index);
    }
  }

  void Relate(RelationFact fact) {
    const int named = sentences_.back().only_thing;
    if (fact.second == named || (fact.first != named && chooser_.Chance(0.5))) {
      fact = {fact.second, Opposite(fact.relation), fact.first};
    }
    const bool pronoun = fact.first == named && chooser_.Chance(0.6);
    const std::string first =
        pronoun ? "it" : Reference(facts_, fact.first, chooser_);
    const std::string verb = Verb(facts_.things[fact.first], chooser_);
    const std::string relation = RelationPhrase(fact.relation, chooser_);
    const std::string second = Reference(facts_, fact.second, chooser_);
    Say(absl::StrCat(first, " ", verb, " ", relation, " ", second), -1);
  }

  // The sentences, some of them joined in pairs.
  std::vector<std::string> Joined() {
    const size_t room = kMaxSentences - 1;
    std::vector<std::string> texts;
    bool joined = false;
    for (size_t i = 0; i < sentences_.size(); ++i) {
      const bool crowded = texts.size() + sentences_.size() - i > room;
      if (i > 0 && !joined && chooser_.Chance(crowded ? 0.9 : 0.2)) {
        const std::string& text = sentences_[i].text;
        const bool pronoun =
            text.starts_with("it ") || text.starts_with("they ");
        absl::StrAppend(&texts.back(),
                        pronoun || chooser_.Chance(0.6) ? ", and " : ", while ",
                        text);
        joined = true;
      } else {
        texts.push_back(sentences_[i].text);
        joined = false;
      }
    }
    return texts;
  }

  // Background and number of shapes.
  std::string Whole() {
    const std::string background =
        absl::StrCat(BackgroundName(*facts_.background), " background");
    if (facts_.total) {
      const bool many = *facts_.total > 1;
      const std::string shapes =
          absl::StrCat(CountName(*facts_.total), many ? " shapes" : " shape");
      switch (chooser_.Below(3)) {
        case 0:
          return absl::StrCat(many ? "there are " : "there is ", shapes,
                              " on a ", background);
        case 1:
          return absl::StrCat(shapes, many ? " lie" : " lies", " on a ",
                              background);
        default:
          return absl::StrCat("the picture shows ", shapes, " on a ",
                              background);
      }
    }
    switch (chooser_.Below(4)) {
      case 0:
        return absl::StrCat("the background is ",
                            BackgroundName(*facts_.background));
      case 1:
        return absl::StrCat("everything lies on a plain ", background);
      case 2:
        return absl::StrCat("the whole background is ",
                            BackgroundName(*facts_.background));
      default:
        return absl::StrCat("the picture has a ", background);
    }
  }

  const SceneFacts& facts_;
  Chooser& chooser_;
  std::vector<Sentence> sentences_;
  std::vector<RelationFact> later_;
};

// Sentences that say nothing of the scene, as people's long prompts have them.
void Fill(std::vector<std::string>& texts, int min_words, Chooser& chooser) {
  std::vector<std::string> fillers = {
      "nothing else is in the picture", "the picture is simple and flat",
      "the colors are bright and clear", "all edges are clean and sharp"};
  chooser.Shuffle(fillers);
  const auto words = [&texts] { return CountWords(absl::StrJoin(texts, " ")); };
  for (const std::string& filler : fillers) {
    if (texts.size() >= kMaxSentences) return;
    if (words() >= min_words && !chooser.Chance(0.12)) return;
    texts.push_back(filler);
  }
}

std::string Paragraph(const std::vector<std::string>& texts, Chooser& chooser) {
  const bool capitals = chooser.Chance(0.75);
  std::string paragraph;
  for (std::string text : texts) {
    if (capitals) text[0] = static_cast<char>(text[0] - 'a' + 'A');
    absl::StrAppend(&paragraph, paragraph.empty() ? "" : " ", text, ".");
  }
  return paragraph;
}

}  // namespace

std::string DenseCaption(const Scene& scene, std::mt19937_64& random) {
  Chooser chooser(random);
  const SceneFacts facts = ChooseDenseFacts(scene, chooser);
  return DenseCaption(facts, chooser);
}

std::string DenseCaption(const SceneFacts& facts, Chooser& chooser) {
  const bool lone = facts.things.size() == 1 && facts.things[0].count == 1;
  // Most wordings are within the bounds.
  while (true) {
    std::vector<std::string> texts = DenseWriter(facts, chooser).Write();
    Fill(texts, lone ? 15 : 25, chooser);
    const std::string paragraph = Paragraph(texts, chooser);
    if (texts.size() <= kMaxSentences && CountWords(paragraph) <= kMaxWords) {
      return paragraph;
    }
  }
}

}  // namespace ella
