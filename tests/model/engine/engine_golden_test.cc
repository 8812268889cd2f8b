// Whole pipelines against the reference, and rows in company against rows
// alone.
#include <gtest/gtest.h>

#include "model/engine/ella_row.h"
#include "tests/golden/golden_file.h"
#include "tests/model/engine/engine_test_util.h"

namespace ella {
namespace {

class EngineGoldenTest : public testing::TestWithParam<GoldenSet> {
 protected:
  EngineGoldenTest() : engine_(MakeEngine(Float32Options(GetParam().model))) {}

  absl::StatusOr<RgbImage> Preview(const Row& row, PreviewKind kind,
                                   int max_side) {
    return FinishDecoding(engine_->StartPreview(row, kind, max_side))[0];
  }

  const std::unique_ptr<Engine> engine_;
};

INSTANTIATE_TEST_SUITE_P(Golden, EngineGoldenTest,
                         testing::ValuesIn(GoldenSets()),
                         [](const auto& info) { return info.param.name; });

TEST_P(EngineGoldenTest, PicturesEqualTheReference) {
  const std::vector<GoldenCase> cases = GoldenCases(GetParam());
  EXPECT_GE(cases.size(), 10u);
  for (const GoldenCase& golden : cases) {
    SCOPED_TRACE(golden.name);
    const GoldenFile expected(
        GetParam().Expected("e2e/" + golden.name + ".safetensors"));
    std::vector<std::unique_ptr<Row>> rows;
    std::vector<Row*> together;
    for (size_t i = 0; i < golden.prompts.size(); ++i) {
      rows.push_back(StartRow(engine_.get(), golden, i));
      together.push_back(rows.back().get());
      ExpectClose(static_cast<const EllaRow&>(*rows[i]).latents().squeeze(0),
                  expected.Get("init_latents")[i], 1e-6);
    }
    RunToEnd(engine_.get(), together);
    for (size_t i = 0; i < rows.size(); ++i) {
      ExpectClose(static_cast<const EllaRow&>(*rows[i]).latents().squeeze(0),
                  expected.Get("latents")[-1][i], 1e-3);
      ExpectSameImage(DecodeRow(engine_.get(), rows[i].get()),
                      GoldenImage(GetParam(), golden.name, i));
    }
  }
}

// Rows of different prompts, lengths, conditioning, samplers, steps, guidance
// and seeds share every UNet call that they can.
TEST_P(EngineGoldenTest, ARowInCompanyIsTheRowAlone) {
  std::vector<GoldenCase> cases;
  for (GoldenCase& golden : GoldenCases(GetParam())) {
    golden.params.width = 64;
    golden.params.height = 40;
    cases.push_back(std::move(golden));
  }
  std::vector<std::unique_ptr<Row>> rows;
  std::vector<Row*> together;
  for (const GoldenCase& golden : cases) {
    rows.push_back(StartRow(engine_.get(), golden, 0));
    together.push_back(rows.back().get());
  }
  RunToEnd(engine_.get(), together);
  const auto images =
      FinishDecoding(engine_->StartDecode(together), together.size());
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].name);
    const std::unique_ptr<Row> alone = StartRow(engine_.get(), cases[i], 0);
    RunToEnd(engine_.get(), {alone.get()});
    ASSERT_TRUE(images[i].ok()) << images[i].status();
    ExpectSameImage(*images[i], DecodeRow(engine_.get(), alone.get()));
  }
}

TEST_P(EngineGoldenTest, TheFirstNoiseOfACompanyIsThatOfEachAlone) {
  std::vector<GoldenCase> cases = GoldenCases(GetParam());
  std::vector<std::unique_ptr<Row>> rows;
  std::vector<Row*> together;
  for (GoldenCase& golden : cases) {
    golden.params.width = golden.params.height = 64;
    rows.push_back(StartRow(engine_.get(), golden, 0));
    together.push_back(rows.back().get());
  }
  for (const auto& status : engine_->Step(together)) {
    ASSERT_TRUE(status.ok()) << status;
  }
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].name);
    const std::unique_ptr<Row> alone = StartRow(engine_.get(), cases[i], 0);
    ASSERT_TRUE(engine_->Step({alone.get()})[0].ok());
    ExpectClose(static_cast<const EllaRow&>(*rows[i]).latents(),
                static_cast<const EllaRow&>(*alone).latents(), 3e-5);
  }
}

TEST_P(EngineGoldenTest, PreviewsComeInBothKindsAndLimitedSizes) {
  GoldenCase golden = GoldenCases(GetParam())[0];
  golden.params.width = 96;
  golden.params.height = 64;
  const std::unique_ptr<Row> row = StartRow(engine_.get(), golden, 0);
  EXPECT_EQ(Preview(*row, PreviewKind::kRgb, 0).status().code(),
            absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(engine_->Step({row.get()})[0].ok());
  const int scale = engine_->info().latent_scale;
  const auto rgb = Preview(*row, PreviewKind::kRgb, 0);
  ASSERT_TRUE(rgb.ok()) << rgb.status();
  EXPECT_EQ(rgb->width, 96 / scale);
  EXPECT_EQ(rgb->height, 64 / scale);
  const auto vae = Preview(*row, PreviewKind::kVae, 0);
  ASSERT_TRUE(vae.ok()) << vae.status();
  EXPECT_EQ(vae->width, 96);
  const auto small = Preview(*row, PreviewKind::kVae, 48);
  ASSERT_TRUE(small.ok()) << small.status();
  EXPECT_EQ(small->width, 48);
  EXPECT_EQ(small->height, 32);
}

// At the end the sampler's prediction of the picture is the picture.
TEST_P(EngineGoldenTest, TheLastVaePreviewIsThePicture) {
  const GoldenCase golden = GoldenCases(GetParam())[0];
  ASSERT_EQ(golden.params.sampler, "dpmpp_2m");
  const std::unique_ptr<Row> row = StartRow(engine_.get(), golden, 0);
  RunToEnd(engine_.get(), {row.get()});
  const auto preview = Preview(*row, PreviewKind::kVae, 0);
  ASSERT_TRUE(preview.ok()) << preview.status();
  ExpectSameImage(*preview, DecodeRow(engine_.get(), row.get()));
}

TEST_P(EngineGoldenTest, StartNamesWhatIsWrong) {
  const GoldenCase golden = GoldenCases(GetParam())[0];
  const std::unique_ptr<Row> row = StartRow(engine_.get(), golden, 0);
  RowParams params;
  params.width = 63;
  params.height = 64;
  params.steps = 5;
  params.sampler = "dpmpp_2m";
  params.prompt = *engine_->Encode({Text{"a cat"}})[0];
  EXPECT_EQ(engine_->Start(params).status().code(),
            absl::StatusCode::kInvalidArgument);
  params.width = 64;
  EXPECT_TRUE(engine_->Start(params).ok());
  params.guidance_scale = 2;  // but no negative prompt
  EXPECT_EQ(engine_->Start(params).status().code(),
            absl::StatusCode::kInvalidArgument);
  params.guidance_scale = 1;
  params.sampler = "plms";
  const absl::Status unknown = engine_->Start(params).status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(unknown.message().find("euler_ancestral"), std::string::npos);
}

}  // namespace
}  // namespace ella
