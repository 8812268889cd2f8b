#include "scenes/scene_judge.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "scenes/chooser.h"
#include "scenes/scene_generator.h"
#include "scenes/scene_propositions.h"
#include "scenes/scene_renderer.h"

namespace ella {
namespace {

// Each pixel becomes the mean of the three by three around it, the middle ones
// counting more.
RgbImage Blur(const RgbImage& image) {
  RgbImage blurred = image;
  const int side = image.width;
  for (int y = 0; y < side; ++y) {
    for (int x = 0; x < side; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        int sum = 0;
        for (int dy = -1; dy <= 1; ++dy) {
          for (int dx = -1; dx <= 1; ++dx) {
            const int row = std::clamp(y + dy, 0, side - 1);
            const int column = std::clamp(x + dx, 0, side - 1);
            sum += (2 - std::abs(dx)) * (2 - std::abs(dy)) *
                   image.pixels[3 * (row * side + column) + channel];
          }
        }
        blurred.pixels[3 * (y * side + x) + channel] =
            static_cast<uint8_t>(sum / 16);
      }
    }
  }
  return blurred;
}

// Up to `tint` levels off in each channel of the whole picture, and up to
// `noise` more in each value.
RgbImage Disturb(RgbImage image, double tint, double noise, Chooser& chooser) {
  const double shift[] = {chooser.Uniform(-tint, tint),
                          chooser.Uniform(-tint, tint),
                          chooser.Uniform(-tint, tint)};
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<uint8_t>(std::clamp(
        image.pixels[i] + shift[i % 3] + chooser.Uniform(-noise, noise), 0.0,
        255.0));
  }
  return image;
}

// The part of the answers that agree with the truth: to the questions about the
// scene itself, which are all true, and to those about another.
struct Agreement {
  double own = 0;
  double other = 0;
};

template <typename Change>
Agreement Judge(int scenes, int side, uint64_t seed, const Change& change) {
  std::mt19937_64 random(seed);
  Chooser chooser(random);
  double right[2] = {};
  double asked[2] = {};
  std::vector<Proposition> others;
  for (int i = 0; i < scenes; ++i) {
    const Scene scene =
        RandomScene(i % 2 == 0 ? Split::kTraining : Split::kHeldOut, random);
    const SceneObservation truth = {scene.background, scene.objects, 0};
    const SceneObservation seen = Observe(change(Render(scene, side), chooser));
    std::vector<Proposition> own =
        Propositions(ChooseDenseFacts(scene, chooser));
    for (const auto* questions : {&own, &others}) {
      for (const Proposition& it : *questions) {
        const auto answer = Answer(seen, QuestionText(it.question));
        EXPECT_TRUE(answer.ok());
        const bool agrees =
            answer.ok() && *answer == Answer(truth, it.question);
        right[questions == &others] += agrees;
        ++asked[questions == &others];
      }
    }
    others = std::move(own);
  }
  return {right[0] / asked[0], right[1] / asked[1]};
}

RgbImage Same(RgbImage image, Chooser&) { return image; }

TEST(SceneJudgeTest, AgreesOnRenderedScenes) {
  const Agreement agreement = Judge(2000, 64, 1, Same);
  EXPECT_GE(agreement.own, 0.99);
  EXPECT_GE(agreement.other, 0.99);
}

TEST(SceneJudgeTest, AgreesOnBlurredAndNoisyScenes) {
  const Agreement agreement =
      Judge(2000, 64, 2, [](RgbImage image, Chooser& chooser) {
        return Disturb(Blur(Blur(image)), 10, 10, chooser);
      });
  EXPECT_GE(agreement.own, 0.99);
  EXPECT_GE(agreement.other, 0.99);
}

TEST(SceneJudgeTest, AgreesAtOtherSides) {
  for (const int side : {32, 50, 96, 128, 200, 512}) {
    SCOPED_TRACE(side);
    const Agreement agreement = Judge(side > 128 ? 50 : 300, side, 3, Same);
    EXPECT_GE(agreement.own, 0.99);
    EXPECT_GE(agreement.other, 0.99);
  }
}

Scene ThreeObjects() {
  return {Background::kPink,
          {{Shape::kRing, Color::kOrange, Size::kLarge, 0.25f, 0.25f},
           {Shape::kCross, Color::kWhite, Size::kSmall, 0.75f, 0.3f},
           {Shape::kStar, Color::kPurple, Size::kLarge, 0.6f, 0.7f}}};
}

TEST(SceneJudgeTest, FindsEveryObjectWhereItIs) {
  const Scene scene = ThreeObjects();
  const SceneObservation seen = Observe(Render(scene, 64));
  EXPECT_EQ(seen.background, scene.background);
  EXPECT_EQ(seen.unclear, 0);
  ASSERT_EQ(seen.objects.size(), scene.objects.size());
  for (const SceneObject& object : scene.objects) {
    const auto found = std::find_if(
        seen.objects.begin(), seen.objects.end(),
        [&object](const SceneObject& it) { return Alike(it, object); });
    ASSERT_NE(found, seen.objects.end()) << ShapeName(object.shape);
    EXPECT_NEAR(found->x, object.x, 0.5 / 64);
    EXPECT_NEAR(found->y, object.y, 0.5 / 64);
  }
}

void Fill(RgbImage& image, int left, int top, int width, int height,
          const Rgb& color) {
  for (int y = top; y < top + height; ++y) {
    for (int x = left; x < left + width; ++x) {
      std::copy(color.begin(), color.end(),
                &image.pixels[3 * (y * image.width + x)]);
    }
  }
}

TEST(SceneJudgeTest, ABlotIsAnUnclearObject) {
  RgbImage image = Render(ThreeObjects(), 64);
  Fill(image, 2, 50, 30, 4, ColorRgb(Color::kBlue));
  const SceneObservation seen = Observe(image);
  EXPECT_EQ(seen.objects.size(), 3);
  EXPECT_EQ(seen.unclear, 1);
}

TEST(SceneJudgeTest, ObjectsOfTwoColorsMayTouch) {
  Scene scene;
  scene.background = Background::kBlack;
  RgbImage image = Render(scene, 64);
  Fill(image, 10, 20, 15, 15, ColorRgb(Color::kRed));
  Fill(image, 25, 20, 15, 15, ColorRgb(Color::kGreen));
  const SceneObservation seen = Observe(image);
  EXPECT_TRUE(
      *Answer(seen, "Is the red square to the left of the green square?"));
  EXPECT_TRUE(*Answer(seen, "Is the number of shapes two?"));
}

TEST(SceneJudgeTest, NothingIsSeenWithoutABackground) {
  Scene scene;
  RgbImage image = Render(scene, 64);
  Fill(image, 0, 0, 64, 64, ColorRgb(Color::kWhite));
  const SceneObservation seen = Observe(image);
  EXPECT_EQ(seen.background, std::nullopt);
  EXPECT_TRUE(seen.objects.empty());
}

TEST(SceneJudgeTest, AnEmptyBackgroundHasNoObjects) {
  for (const Background background : kBackgrounds) {
    Scene scene;
    scene.background = background;
    std::mt19937_64 random(1);
    Chooser chooser(random);
    const SceneObservation seen =
        Observe(Disturb(Render(scene, 64), 10, 10, chooser));
    EXPECT_EQ(seen.background, background);
    EXPECT_TRUE(seen.objects.empty());
    EXPECT_EQ(seen.unclear, 0);
  }
}

}  // namespace
}  // namespace ella
