#include "scenes/scene_propositions.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "scenes/scene_generator.h"
#include "scenes/scene_judge.h"

namespace ella {
namespace {

TEST(ScenePropositionsTest, CsvOfAnExample) {
  SceneFacts facts;
  facts.background = Background::kGray;
  facts.total = 4;
  facts.things = {
      {Shape::kCircle, Color::kRed, 1, Size::kLarge, Place::kTopLeft},
      {Shape::kCircle, Color::kBlue, 2, {}, {}},
      {Shape::kStar, Color::kWhite, 1, {}, {}}};
  facts.relations = {{0, Relation::kLeftOf, 2}};
  const std::string start =
      "a-1,\"so, \"\"it\"\" is\",\"circle, circle, star\",";
  EXPECT_EQ(PropositionsCsv("a-1", "so, \"it\" is", facts),
            start +
                "1,0,global,,global - (gray background),"
                "Is the background gray?\n" +
                start +
                "2,0,other,count,\"other - count (shapes, 4)\","
                "Is the number of shapes four?\n" +
                start +
                "3,0,entity,whole,entity - whole (circle),"
                "Is there a circle?\n" +
                start +
                "4,0,entity,whole,entity - whole (star),"
                "Is there a star?\n" +
                start +
                "5,3,attribute,color,\"attribute - color (circle, red)\","
                "Is one of the circles red?\n" +
                start +
                "6,5,attribute,size,"
                "\"attribute - size (red circle, large)\","
                "Is the red circle large?\n" +
                start +
                "7,5,relation,spatial,\"relation - spatial "
                "(red circle, picture, in the top left)\","
                "Is the red circle in the top left of the picture?\n" +
                start +
                "8,3,attribute,color,\"attribute - color (circle, blue)\","
                "Is one of the circles blue?\n" +
                start +
                "9,8,other,count,\"other - count (blue circle, 2)\","
                "Are there exactly two blue circles?\n" +
                start +
                "10,4,attribute,color,\"attribute - color (star, white)\","
                "Is the star white?\n" +
                start +
                "11,\"5,10\",relation,spatial,\"relation - spatial "
                "(red circle, white star, to the left of)\","
                "Is the red circle to the left of the white star?\n");
  EXPECT_EQ(PropositionsCsvHeader(),
            "item_id,text,keywords,proposition_id,dependency,category_broad,"
            "category_detailed,tuple,question_natural_language\n");
}

TEST(ScenePropositionsTest, TheSceneItselfFulfilsAllOfThem) {
  std::mt19937_64 random(1);
  Chooser chooser(random);
  for (int i = 0; i < 4000; ++i) {
    const Scene scene =
        RandomScene(i % 2 == 0 ? Split::kTraining : Split::kHeldOut, random);
    const SceneFacts facts = i % 4 < 2 ? ChooseDenseFacts(scene, chooser)
                                       : ChooseShortFacts(scene, chooser);
    const SceneObservation truth = {scene.background, scene.objects, 0};
    for (const Proposition& it : Propositions(facts)) {
      EXPECT_TRUE(Answer(truth, it.question)) << QuestionText(it.question);
    }
  }
}

TEST(ScenePropositionsTest, ParentsComeFirstAndNoQuestionTwice) {
  std::mt19937_64 random(2);
  Chooser chooser(random);
  for (int i = 0; i < 1000; ++i) {
    const SceneFacts facts =
        ChooseDenseFacts(RandomScene(Split::kHeldOut, random), chooser);
    std::set<std::string> questions;
    int id = 0;
    for (const Proposition& it : Propositions(facts)) {
      EXPECT_EQ(it.id, ++id);
      for (const int parent : it.parents) EXPECT_LT(parent, id);
      EXPECT_TRUE(questions.insert(QuestionText(it.question)).second);
    }
    EXPECT_GE(id, 4);
  }
}

}  // namespace
}  // namespace ella
