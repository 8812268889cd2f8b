// What the demo model's VAE leaves of a scene is still that scene.
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "model/training/network_parts.h"
#include "model/training/pixels.h"
#include "model/weights/checkpoint.h"
#include "scenes/scene_generator.h"
#include "scenes/scene_judge.h"
#include "scenes/scene_renderer.h"
#include "tests/golden/value_or_throw.h"

namespace ella {
namespace {

constexpr int kSide = 64;
constexpr int kScenes = 100;

RgbImage ToImage(const at::Tensor& picture) {
  constexpr int kGutter = 2;
  const RgbImage sheet = ToSheet(picture.unsqueeze(0), 1);
  RgbImage image{.width = kSide, .height = kSide, .pixels = {}};
  for (int y = kGutter; y < kGutter + kSide; ++y) {
    const auto row = sheet.pixels.begin() + 3 * (y * sheet.width + kGutter);
    image.pixels.insert(image.pixels.end(), row, row + 3 * kSide);
  }
  return image;
}

TEST(DemoVaeTest, ObjectsAreKnownAfterIt) {
  const std::string model = ELLA_DEMO_MODEL;
  NetworkParts parts(ValueOrThrow(LoadConfigs(model, {})), LoadOptions{});
  const Checkpoint file =
      ValueOrThrow(Checkpoint::OpenFile(model + "/" + PartFile(Part::kVae)));
  parts.Set(Part::kVae, ValueOrThrow(LoadParameters(file, {})));
  const c10::NoGradGuard no_grad;
  std::mt19937_64 random(5);
  std::vector<Scene> scenes;
  std::vector<at::Tensor> pictures;
  for (int i = 0; i < kScenes; ++i) {
    scenes.push_back(RandomScene(Split::kTraining, random));
    pictures.push_back(ToTensor(Render(scenes.back(), kSide)));
  }
  const at::Tensor after = parts.MakeVaeDecoder()->forward(
      parts.MakeVaeEncoder()->forward(at::stack(pictures)).mean);

  int objects = 0;
  int known = 0;
  for (int i = 0; i < kScenes; ++i) {
    const SceneObservation seen = Observe(ToImage(after[i]));
    EXPECT_EQ(seen.background, scenes[i].background);
    for (const SceneObject& object : scenes[i].objects) {
      ++objects;
      known += std::any_of(seen.objects.begin(), seen.objects.end(),
                           [&object](const SceneObject& it) {
                             return Alike(it, object) &&
                                    std::hypot(it.x - object.x,
                                               it.y - object.y) < 0.03f;
                           });
    }
  }
  EXPECT_GE(known, 0.98 * objects);
}

}  // namespace
}  // namespace ella
