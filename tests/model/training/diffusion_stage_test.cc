// The stages on the demo model's networks: what is trained, and what is not.
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "model/training/clip_stage.h"
#include "model/training/demo_model.h"
#include "model/training/ella_stage.h"
#include "model/training/scene_data.h"
#include "model/training/text_encoder_stage.h"
#include "model/training/token_batch.h"
#include "model/training/unet_stage.h"
#include "model/training/vae_stage.h"
#include "model/writing/folder_writer.h"
#include "scenes/scene.h"
#include "tests/golden/value_or_throw.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

constexpr Part kParts[] = {
    Part::kVae,         Part::kUnet,   Part::kClip,
    Part::kT5,          Part::kElla,   Part::kTeacher,
    Part::kTeacherHead, Part::kT5Head, Part::kGroundingProbes};

class TrainingStageTest : public testing::Test {
 protected:
  TrainingStageTest() : data_(64) {
    const DemoModel demo = ValueOrThrow(MakeDemoModel(64, 1));
    FolderWriter writer(folder_.path());
    writer.Skeleton(demo.sizes, demo.clip, demo.spiece_model);
    parts_.emplace(ValueOrThrow(LoadConfigs(folder_.path(), demo.sizes)),
                   LoadOptions{});
    for (const Part part : kParts) {
      parts_->Set(part,
                  InitialParameters(PartShapes(part, demo.sizes), 1, at::kCPU));
    }
    FillZeros();
    clip_ =
        ValueOrThrow(ClipTokenizer::Load(folder_.path() + "/sd15/tokenizer"));
    t5_ = ValueOrThrow(T5Tokenizer::Load(folder_.path() + "/flan-t5"));
    diffusion_ = {
        .data = &data_,
        .schedule = ValueOrThrow(LoadNoiseSchedule(
            folder_.path() + "/sd15/scheduler/scheduler_config.json"))};
  }

  // A zero where a residual branch ends hides what is before it.
  void FillZeros() {
    at::manual_seed(1);
    for (const Part part : kParts) {
      for (const auto& [name, parameter] : parts_->Get(part)) {
        if (parameter.dim() > 1 && parameter.abs().max().item<float>() == 0) {
          parameter.normal_(0, 0.02);
        }
      }
    }
  }

  void ExpectGradientsReachWhatIsTrained(Stage* stage) {
    const std::vector<Part> trained = stage->parts();
    for (const Part part : trained) {
      for (const auto& [name, parameter] : parts_->Get(part)) {
        parameter.requires_grad_();
      }
    }
    at::Tensor loss = ValueOrThrow(stage->Loss(StepRandom(1, 0), 4));
    loss.backward();
    for (const Part part : kParts) {
      const bool trains =
          std::find(trained.begin(), trained.end(), part) != trained.end();
      for (const auto& [name, parameter] : parts_->Get(part)) {
        const bool reached = parameter.grad().defined() &&
                             parameter.grad().abs().max().item<float>() > 0;
        EXPECT_EQ(reached, trains) << PartName(part) << " " << name;
      }
    }
  }

  const TempFolder folder_;
  SceneData data_;
  std::optional<NetworkParts> parts_;
  std::unique_ptr<ClipTokenizer> clip_;
  std::unique_ptr<T5Tokenizer> t5_;
  DiffusionData diffusion_;
};

TEST_F(TrainingStageTest, TheVaeTrainsAlone) {
  VaeStage stage(&*parts_, &data_, 32, /*keep_latents=*/false);
  ExpectGradientsReachWhatIsTrained(&stage);
}

TEST_F(TrainingStageTest, LatentsThatAreKeptTrainTheDecoderAlone) {
  for (const auto& [name, parameter] : parts_->Get(Part::kVae)) {
    parameter.requires_grad_();
  }
  VaeStage stage(&*parts_, &data_, 32, /*keep_latents=*/true);
  ValueOrThrow(stage.Loss(StepRandom(1, 0), 4)).backward();
  for (const auto& [name, parameter] : parts_->Get(Part::kVae)) {
    const bool decodes =
        name.starts_with("decoder.") || name.starts_with("post_quant_conv.");
    EXPECT_EQ(parameter.grad().defined(), decodes) << name;
  }
}

TEST_F(TrainingStageTest, TheTeacherTrainsWithItsHead) {
  TeacherStage teacher(&*parts_, &data_, clip_.get());
  ExpectGradientsReachWhatIsTrained(&teacher);
}

TEST_F(TrainingStageTest, SoDoesT5) {
  T5Stage t5(&*parts_, &data_, t5_.get());
  ExpectGradientsReachWhatIsTrained(&t5);
}

TEST_F(TrainingStageTest, TheUnetTrainsWithItsTeacher) {
  UnetStage stage(&*parts_, diffusion_, clip_.get(), 0.25, 0.25);
  ExpectGradientsReachWhatIsTrained(&stage);
}

TEST_F(TrainingStageTest, ClipTrainsAloneOnWhatTheTeacherTells) {
  ClipStage stage(&*parts_, diffusion_, clip_.get());
  ExpectGradientsReachWhatIsTrained(&stage);
}

TEST_F(TrainingStageTest, EllaTrainsTheConnectorThroughTheUnet) {
  EllaStage stage(&*parts_, diffusion_, t5_.get());
  ExpectGradientsReachWhatIsTrained(&stage);
}

TEST_F(TrainingStageTest, TheTeacherTeachesElla) {
  EllaStage stage(&*parts_, diffusion_, t5_.get(), clip_.get());
  ExpectGradientsReachWhatIsTrained(&stage);
}

// Scenes whose captions are plain.
class PlainScenes : public TrainingData {
 public:
  absl::StatusOr<TrainingBatch> Draw(uint64_t seed, int64_t batch,
                                     CaptionKind kind) override {
    absl::StatusOr<TrainingBatch> drawn = scenes_.Draw(seed, batch, kind);
    if (drawn.ok()) drawn->captions = drawn->plain_captions;
    return drawn;
  }

 private:
  SceneData scenes_{64};
};

// Says what the teacher says, so many times louder.
class Parrot : public EllaStage {
 public:
  Parrot(NetworkParts* parts, const DiffusionData& data, const T5Tokenizer* t5,
         const ClipTokenizer* clip, float loudness)
      : EllaStage(parts, data, t5, clip), clip_(*clip), loudness_(loudness) {}

 private:
  absl::StatusOr<at::Tensor> Encode(const std::vector<std::string>& captions,
                                    const at::Tensor& /*timesteps*/,
                                    StepRandom* /*random*/) override {
    return loudness_ *
           networks().MakeTeacher()->forward(TokenizeBatch(clip_, captions));
  }

  const ClipTokenizer& clip_;
  const float loudness_;
};

TEST_F(TrainingStageTest, EllaErrsByWhatItTellsTheUnetUnlikeItsTeacher) {
  const c10::NoGradGuard no_grad;
  PlainScenes scenes;
  DiffusionData data = diffusion_;
  data.data = &scenes;
  const auto loss = [&](float loudness) {
    Parrot stage(&*parts_, data, t5_.get(), clip_.get(), loudness);
    return ValueOrThrow(stage.Loss(StepRandom(1, 0), 4)).item<float>();
  };
  EXPECT_EQ(loss(1), 0);
  EXPECT_GT(loss(2), 0.1f);
  EXPECT_NEAR(loss(0), 1, 0.2);  // biases of the UNet's are said by none
}

TEST_F(TrainingStageTest, ShapesAreThePicturesPiecesWhereNoPlaceIsTold) {
  constexpr uint64_t kSeed = 8;
  const TrainingBatch whole =
      ValueOrThrow(data_.Draw(kSeed, 1, CaptionKind::kShort));
  ASSERT_EQ(whole.plain_captions[0],
            "a small red triangle and a small white triangle on a cyan "
            "background");
  const ShapeBatch pieces = data_.DrawShapes(kSeed, 1, CaptionKind::kShort);
  ASSERT_EQ(pieces.images.sizes(), (std::vector<int64_t>{1, 6, 3, 64, 64}));
  EXPECT_EQ(pieces.captions[0], whole.captions[0]);
  // Where a piece differs from the background, it is the picture.
  const at::Tensor picture = whole.images[0];
  const at::Tensor background = picture.slice(1, 0, 1).slice(2, 0, 1);
  at::Tensor joined = background.expand_as(picture).clone();
  for (const at::Tensor& piece : pieces.images[0].unbind()) {
    joined = at::where(piece != background, piece, joined);
  }
  EXPECT_TRUE(at::equal(joined, picture));
  EXPECT_TRUE(at::equal(pieces.backgrounds[0].slice(0, 0, 3),
                        background.flatten()));
  EXPECT_EQ(pieces.backgrounds[0][3].item<float>(), 1);
}

TEST_F(TrainingStageTest, ShapesArePlacedWhereACaptionTellsAllTheirPlaces) {
  constexpr uint64_t kSeed = 6;
  const TrainingBatch whole =
      ValueOrThrow(data_.Draw(kSeed, 1, CaptionKind::kShort));
  ASSERT_EQ(
      whole.plain_captions[0],
      "an orange triangle in the bottom right, a red cross at the top and "
      "a white ring");
  const ShapeBatch pieces = data_.DrawShapes(kSeed, 1, CaptionKind::kShort);
  for (const Shape shape : kShapes) {
    EXPECT_EQ(pieces.placed[0][static_cast<int64_t>(shape)].item<bool>(),
              shape != Shape::kRing);
  }
  EXPECT_EQ(pieces.backgrounds.abs().sum().item<float>(), 0);  // none is told
}

TEST_F(TrainingStageTest, EqualStepsHaveEqualLosses) {
  UnetStage stage(&*parts_, diffusion_, clip_.get(), 0.25, 0.25);
  const c10::NoGradGuard no_grad;
  const auto loss = [&](int64_t step) {
    return ValueOrThrow(stage.Loss(StepRandom(1, step), 4)).item<float>();
  };
  const float first = loss(3);
  EXPECT_NE(loss(4), first);
  EXPECT_EQ(loss(3), first);
}

TEST_F(TrainingStageTest, TheVaesScalingFactorGivesLatentsOfVarianceOne) {
  VaeStage stage(&*parts_, &data_, 32, /*keep_latents=*/false);
  const c10::NoGradGuard no_grad;
  ASSERT_TRUE(stage.Finish().ok());
  const TrainingBatch batch =
      ValueOrThrow(data_.Draw(99, 32, CaptionKind::kShort));
  const at::Tensor latents =
      parts_->MakeVaeEncoder()->forward(batch.images).mean *
      parts_->configs().vae.scaling_factor;
  EXPECT_NEAR(latents.std().item<double>(), 1, 0.1);
}

}  // namespace
}  // namespace ella
