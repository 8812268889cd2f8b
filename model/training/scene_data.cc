#include "model/training/scene_data.h"

#include <random>

#include "model/training/pixels.h"
#include "scenes/chooser.h"
#include "scenes/scene_captions.h"
#include "scenes/scene_facts.h"
#include "scenes/scene_generator.h"
#include "scenes/scene_renderer.h"

namespace ella {
namespace {

// A word's meaning is learnt from scenes with little else.
CountShares CountSharesOf(CaptionKind kind) {
  switch (kind) {
    case CaptionKind::kLone:
      return {1, 0, 0};
    case CaptionKind::kShort:
      return kFewObjects;
    case CaptionKind::kDense:
      break;
  }
  return kManyObjects;
}

// One that is for a lone object mostly says where it is.
std::string CaptionOf(CaptionKind kind, const Scene& scene,
                      std::mt19937_64& random) {
  constexpr double kLonePlace = 0.9;
  if (kind == CaptionKind::kDense) return DenseCaption(scene, random);
  if (kind == CaptionKind::kShort) return ShortCaption(scene, random);
  Chooser chooser(random);
  return ShortCaption(ChooseShortFacts(scene, chooser, kLonePlace), chooser);
}

}  // namespace

absl::StatusOr<TrainingBatch> SceneData::Draw(uint64_t seed, int64_t batch,
                                              CaptionKind kind) {
  std::mt19937_64 random(seed);
  TrainingBatch drawn;
  std::vector<at::Tensor> images;
  for (int64_t i = 0; i < batch; ++i) {
    const Scene scene =
        RandomScene(Split::kTraining, random, CountSharesOf(kind));
    images.push_back(ToTensor(Render(scene, side_)));
    drawn.captions.push_back(CaptionOf(kind, scene, random));
  }
  drawn.images = at::stack(images);
  return drawn;
}

std::vector<std::string> SceneSentences(uint64_t seed, int count) {
  std::mt19937_64 random(seed);
  std::vector<std::string> sentences;
  for (int i = 0; i < count; ++i) {
    const Scene scene = RandomScene(Split::kTraining, random);
    sentences.push_back(ShortCaption(scene, random));
    sentences.push_back(DenseCaption(scene, random));
  }
  return sentences;
}

}  // namespace ella
