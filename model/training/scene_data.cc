#include "model/training/scene_data.h"

#include <algorithm>
#include <optional>
#include <random>

#include "model/training/pixels.h"
#include "scenes/chooser.h"
#include "scenes/scene_captions.h"
#include "scenes/scene_facts.h"
#include "scenes/scene_generator.h"
#include "scenes/scene_layout.h"
#include "scenes/scene_renderer.h"

namespace ella {
namespace {

// A word's meaning is learnt from scenes with little else, a relation's from
// two objects or three.
CountShares CountSharesOf(CaptionKind kind) {
  switch (kind) {
    case CaptionKind::kLone:
      return {1, 0, 0};
    case CaptionKind::kShort:
      return kFewObjects;
    case CaptionKind::kRelated:
      return {0, 0.55, 0.35};
    case CaptionKind::kPlaced:
    case CaptionKind::kDense:
      break;
  }
  return kManyObjects;
}

// A caption for a lone object mostly says where it is.
SceneFacts FactsFor(CaptionKind kind, const Scene& scene, Chooser& chooser) {
  constexpr double kLonePlace = 0.9;
  constexpr double kPlacedDetail = 0.5;
  constexpr double kRelatedPlace = 0.15;
  switch (kind) {
    case CaptionKind::kLone:
      return ChooseShortFacts(scene, chooser, kLonePlace);
    case CaptionKind::kShort:
      return ChooseShortFacts(scene, chooser);
    case CaptionKind::kPlaced:
      return ChoosePlacedFacts(scene, chooser, kPlacedDetail);
    case CaptionKind::kRelated:
      return ChooseDenseFacts(scene, chooser, kRelatedPlace);
    case CaptionKind::kDense:
      break;
  }
  return ChooseDenseFacts(scene, chooser);
}

std::string CaptionOf(CaptionKind kind, const SceneFacts& facts,
                      Chooser& chooser) {
  switch (kind) {
    case CaptionKind::kLone:
    case CaptionKind::kShort:
      return ShortCaption(facts, chooser);
    case CaptionKind::kPlaced:
      return PlacedCaption(facts, chooser);
    case CaptionKind::kDense:
    case CaptionKind::kRelated:
      break;
  }
  return DenseCaption(facts, chooser);
}

// The scene's objects of one shape.
Scene OfShape(const Scene& scene, Shape shape) {
  Scene part = scene;
  std::erase_if(part.objects, [shape](const SceneObject& object) {
    return object.shape != shape;
  });
  return part;
}

// [4], see ShapeBatch.
at::Tensor ToldBackground(const std::optional<Background>& background) {
  if (!background) return at::zeros(4);
  const Rgb rgb = BackgroundRgb(*background);
  const RgbImage pixel = {
      .width = 1, .height = 1, .pixels = {rgb.begin(), rgb.end()}};
  return at::cat({ToTensor(pixel).flatten(), at::ones(1)});
}

}  // namespace

ShapeBatch SceneData::DrawShapes(uint64_t seed, int64_t batch,
                                 CaptionKind kind) const {
  std::mt19937_64 random(seed);
  Chooser chooser(random);
  ShapeBatch drawn;
  std::vector<at::Tensor> images;
  std::vector<int64_t> placed;
  std::vector<at::Tensor> backgrounds;
  for (int64_t i = 0; i < batch; ++i) {
    const Scene scene =
        RandomScene(Split::kTraining, random, CountSharesOf(kind));
    const SceneFacts facts = FactsFor(kind, scene, chooser);
    const SceneFacts told = RelationsAsPlaces(facts);
    const Scene as_told = AsTold(scene, told);
    for (const Shape shape : kShapes) {
      images.push_back(ToTensor(Render(OfShape(as_told, shape), side_)));
      placed.push_back(std::all_of(
          told.things.begin(), told.things.end(), [shape](const Thing& thing) {
            return thing.shape != shape || thing.place.has_value();
          }));
    }
    backgrounds.push_back(ToldBackground(facts.background));
    drawn.captions.push_back(CaptionOf(kind, facts, chooser));
  }
  drawn.backgrounds = at::stack(backgrounds);
  drawn.images = at::stack(images).view(
      {batch, static_cast<int64_t>(kShapes.size()), 3, side_, side_});
  drawn.placed = at::tensor(placed).view({batch, -1}).to(at::kBool);
  return drawn;
}

absl::StatusOr<TrainingBatch> SceneData::Draw(uint64_t seed, int64_t batch,
                                              CaptionKind kind) {
  std::mt19937_64 random(seed);
  Chooser chooser(random);
  TrainingBatch drawn;
  std::vector<at::Tensor> images;
  for (int64_t i = 0; i < batch; ++i) {
    const Scene scene =
        RandomScene(Split::kTraining, random, CountSharesOf(kind));
    images.push_back(ToTensor(Render(scene, side_)));
    const SceneFacts facts = FactsFor(kind, scene, chooser);
    drawn.captions.push_back(CaptionOf(kind, facts, chooser));
    drawn.plain_captions.push_back(PlainCaption(facts));
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
