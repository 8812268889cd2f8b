#include "scenes/scene_captions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <random>
#include <set>
#include <sstream>

#include "scenes/caption_phrases.h"
#include "scenes/scene_generator.h"

namespace ella {
namespace {

using ::testing::HasSubstr;

constexpr int kScenes = 10000;

// Lower case, without commas and full stops.
std::vector<std::string> Words(const std::string& caption) {
  std::vector<std::string> words;
  std::istringstream stream(caption);
  for (std::string word; stream >> word;) {
    std::erase_if(word, [](char c) { return std::ispunct(c); });
    for (char& c : word) c = static_cast<char>(std::tolower(c));
    words.push_back(word);
  }
  return words;
}

int Sentences(const std::string& caption) {
  return static_cast<int>(std::count(caption.begin(), caption.end(), '.'));
}

bool Names(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void ExpectNamesAllObjects(const Scene& scene, const std::string& caption) {
  const std::vector<std::string> words = Words(caption);
  for (const SceneObject& object : scene.objects) {
    EXPECT_TRUE(Names(words, ShapeName(object.shape)) ||
                Names(words, ShapePlural(object.shape)))
        << caption;
    EXPECT_TRUE(Names(words, ColorName(object.color))) << caption;
  }
}

TEST(SceneCaptionsTest, ALoneObjectsPlaceIsSaidAsOftenAsWished) {
  std::mt19937_64 random(7);
  Chooser chooser(random);
  for (int i = 0; i < 200; ++i) {
    const Scene scene = RandomScene(Split::kTraining, random, {1, 0, 0});
    EXPECT_EQ(ChooseShortFacts(scene, chooser, 1).things[0].place,
              ClearPlace(scene.objects[0]));
    EXPECT_FALSE(ChooseShortFacts(scene, chooser, 0).things[0].place);
  }
}

TEST(SceneCaptionsTest, PlacedFactsTellOfEachSingleObjectWhereItIs) {
  std::mt19937_64 random(8);
  Chooser chooser(random);
  for (int i = 0; i < 200; ++i) {
    const Scene scene = RandomScene(Split::kTraining, random);
    const SceneFacts all = ChoosePlacedFacts(scene, chooser, 1);
    EXPECT_EQ(all.background, scene.background);
    for (const Thing& thing : all.things) {
      const auto object = std::find_if(
          scene.objects.begin(), scene.objects.end(),
          [&thing](const SceneObject& it) {
            return it.shape == thing.shape && it.color == thing.color;
          });
      ASSERT_NE(object, scene.objects.end());
      EXPECT_EQ(thing.size, object->size);
      EXPECT_EQ(thing.place,
                thing.count == 1 ? ClearPlace(*object) : std::nullopt);
    }
    const SceneFacts few = ChoosePlacedFacts(scene, chooser, 0);
    EXPECT_FALSE(few.background);
    EXPECT_FALSE(few.things[0].size);
    ExpectNamesAllObjects(scene, PlacedCaption(few, chooser));
    ExpectNamesAllObjects(scene, PlainCaption(all));
  }
}

TEST(SceneCaptionsTest, WithoutPlacesDenseFactsTellRelationsAlone) {
  std::mt19937_64 random(9);
  Chooser chooser(random);
  int relations = 0;
  for (int i = 0; i < 200; ++i) {
    const Scene scene = RandomScene(Split::kTraining, random, {0, 1, 0});
    const SceneFacts facts = ChooseDenseFacts(scene, chooser, 0);
    if (facts.relations.empty()) continue;
    ++relations;
    for (const Thing& thing : facts.things) EXPECT_FALSE(thing.place);
  }
  EXPECT_GT(relations, 50);
}

TEST(SceneCaptionsTest, ShortCaptionsAreShortAndNameAllObjects) {
  std::mt19937_64 random(1);
  for (int i = 0; i < kScenes; ++i) {
    const Scene scene = RandomScene(Split::kTraining, random);
    const std::string caption = ShortCaption(scene, random);
    EXPECT_LE(CountWords(caption), 18) << caption;
    EXPECT_EQ(Sentences(caption), 0) << caption;
    ExpectNamesAllObjects(scene, caption);
  }
}

TEST(SceneCaptionsTest, DenseCaptionsAreParagraphsThatNameEverything) {
  std::mt19937_64 random(2);
  for (int i = 0; i < kScenes; ++i) {
    const Scene scene = RandomScene(Split::kTraining, random);
    const std::string caption = DenseCaption(scene, random);
    EXPECT_GE(CountWords(caption), scene.objects.size() == 1 ? 15 : 25)
        << caption;
    EXPECT_LE(CountWords(caption), 90) << caption;
    EXPECT_GE(Sentences(caption), 2) << caption;
    EXPECT_LE(Sentences(caption), 7) << caption;
    EXPECT_EQ(caption.back(), '.');
    ExpectNamesAllObjects(scene, caption);
    EXPECT_THAT(Words(caption),
                ::testing::Contains(BackgroundName(scene.background)));
  }
}

TEST(SceneCaptionsTest, TheVocabularyIsSmall) {
  std::mt19937_64 random(3);
  std::set<std::string> vocabulary;
  for (int i = 0; i < kScenes; ++i) {
    const Scene scene = RandomScene(Split::kTraining, random);
    for (const std::string& caption :
         {ShortCaption(scene, random), DenseCaption(scene, random)}) {
      for (const std::string& word : Words(caption)) vocabulary.insert(word);
    }
  }
  EXPECT_LT(vocabulary.size(), 100);
  EXPECT_GE(vocabulary.size(), 80);
}

TEST(SceneCaptionsTest, OneSceneIsToldInManyWays) {
  std::mt19937_64 random(4);
  Scene scene;
  do {
    scene = RandomScene(Split::kTraining, random);
  } while (scene.objects.size() < 3);
  std::set<std::string> dense;
  std::set<std::string> brief;
  for (int i = 0; i < 200; ++i) {
    dense.insert(DenseCaption(scene, random));
    brief.insert(ShortCaption(scene, random));
  }
  EXPECT_GE(dense.size(), 199);
  EXPECT_GE(brief.size(), 50);
}

TEST(SceneCaptionsTest, EqualSeedsGiveEqualCaptions) {
  std::mt19937_64 a(5);
  std::mt19937_64 b(5);
  const Scene scene = RandomScene(Split::kTraining, a);
  EXPECT_EQ(scene, RandomScene(Split::kTraining, b));
  EXPECT_EQ(DenseCaption(scene, a), DenseCaption(scene, b));
  EXPECT_EQ(ShortCaption(scene, a), ShortCaption(scene, b));
}

TEST(SceneCaptionsTest, AlikeObjectsAreCounted) {
  std::mt19937_64 random(6);
  const SceneObject circle = {Shape::kCircle, Color::kOrange, Size::kSmall,
                              0.25f, 0.25f};
  Scene scene{Background::kGray, {circle, circle}};
  scene.objects[1].y = 0.75f;
  for (int i = 0; i < 20; ++i) {
    EXPECT_THAT(ShortCaption(scene, random), HasSubstr("orange circles"));
    EXPECT_THAT(Words(DenseCaption(scene, random)), ::testing::Contains("two"));
  }
}

TEST(CaptionPhrasesTest, ArticlesFitTheWord) {
  std::mt19937_64 random(7);
  Chooser chooser(random);
  Thing thing;
  thing.color = Color::kOrange;
  EXPECT_EQ(NounPhrase(thing, chooser), "an orange circle");
  thing.size = Size::kLarge;
  EXPECT_TRUE(NounPhrase(thing, chooser).starts_with("a "));
  thing.count = 3;
  thing.shape = Shape::kCross;
  EXPECT_EQ(NounPhraseWithoutSize(thing), "three orange crosses");
}

TEST(CaptionPhrasesTest, AReferenceFitsOneThingOnly) {
  std::mt19937_64 random(8);
  Chooser chooser(random);
  SceneFacts facts;
  facts.things = {{Shape::kCircle, Color::kRed, 1, {}, {}},
                  {Shape::kCircle, Color::kBlue, 1, {}, {}},
                  {Shape::kStar, Color::kRed, 1, {}, {}}};
  std::set<std::string> blue;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(Reference(facts, 0, chooser), "the red circle");
    blue.insert(Reference(facts, 1, chooser));
  }
  EXPECT_EQ(blue, (std::set<std::string>{"the blue circle", "the blue shape"}));
}

}  // namespace
}  // namespace ella
