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
    case CaptionKind::kPlaced:
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
  if (kind == CaptionKind::kPlaced) return PlacedCaption(scene, random);
  if (kind == CaptionKind::kShort) return ShortCaption(scene, random);
  Chooser chooser(random);
  return ShortCaption(ChooseShortFacts(scene, chooser, kLonePlace), chooser);
}

// The scene's objects of one shape.
Scene OfShape(const Scene& scene, Shape shape) {
  Scene part = scene;
  std::erase_if(part.objects, [shape](const SceneObject& object) {
    return object.shape != shape;
  });
  return part;
}

}  // namespace

ShapeBatch SceneData::DrawShapes(uint64_t seed, int64_t batch,
                                 CaptionKind kind) const {
  std::mt19937_64 random(seed);
  ShapeBatch drawn;
  std::vector<at::Tensor> images;
  for (int64_t i = 0; i < batch; ++i) {
    const Scene scene =
        RandomScene(Split::kTraining, random, CountSharesOf(kind));
    for (const Shape shape : kShapes) {
      images.push_back(ToTensor(Render(OfShape(scene, shape), side_)));
    }
    drawn.captions.push_back(CaptionOf(kind, scene, random));
  }
  drawn.images = at::stack(images).view(
      {batch, static_cast<int64_t>(kShapes.size()), 3, side_, side_});
  return drawn;
}

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
    drawn.plain_captions.push_back(
        kind == CaptionKind::kDense ? PlacedCaption(scene, random, /*detail=*/1)
                                    : drawn.captions.back());
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
