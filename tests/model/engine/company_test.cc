// The same picture in any company: rows of random settings that join, pause and
// leave a batch at random steps, against the same rows alone.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "tests/golden/value_or_throw.h"
#include "tests/model/engine/engine_test_util.h"

namespace ella {
namespace {

struct Precision {
  const char* name;
  const char* dtype;
  bool batch_invariant;
};

class CompanyTest
    : public testing::TestWithParam<std::tuple<GoldenSet, Precision>> {
 protected:
  static constexpr int kRows = 12;

  const Precision& precision() const { return std::get<1>(GetParam()); }

  EngineOptions Options() const {
    EngineOptions options = Float32Options(std::get<0>(GetParam()).model);
    options.dtype = precision().dtype;
    options.batch_invariant = precision().batch_invariant;
    return options;
  }

  size_t Below(size_t bound) { return random_() % bound; }

  GoldenCase RandomCase(const std::vector<GoldenCase>& cases) {
    GoldenCase golden;
    GenerationParams& params = golden.params;
    params.conditioning = static_cast<Conditioning>(Below(3));
    params.fixed_negative =
        params.conditioning == Conditioning::kElla && Below(3) == 0;
    params.negative_prompt = Below(2) == 0 ? "" : "blurry, low quality";
    params.width = 48;
    params.height = 40;
    params.steps = 2 + static_cast<int>(Below(8));
    params.sampler = engine_->info().samplers[Below(7)];
    params.guidance_scale =
        Below(4) == 0 ? 1 : 2 + static_cast<float>(Below(9));
    golden.prompts = {cases[Below(cases.size())].prompts[0]};
    golden.seeds = {static_cast<uint32_t>(Below(1000))};
    golden.name = absl::StrCat(params.sampler, " ", params.steps, " steps, ",
                               params.guidance_scale, ", seed ",
                               golden.seeds[0], ": ", golden.prompts[0]);
    return golden;
  }

  // Takes all rows to their ends in company, but for those that are given up.
  void RunInCompany(const std::vector<GoldenCase>& cases) {
    std::vector<Row*> active;
    size_t next = 0;
    while (next < cases.size() || !active.empty()) {
      for (size_t joining = Below(4); joining > 0 && next < cases.size();
           --joining) {
        rows_.push_back(StartRow(engine_.get(), cases[next++], 0));
        active.push_back(rows_.back().get());
      }
      std::shuffle(active.begin(), active.end(), random_);
      if (active.empty()) continue;
      const std::vector<Row*> batch(active.begin(),
                                    active.begin() + 1 + Below(active.size()));
      for (const absl::Status& status : engine_->Step(batch)) {
        ASSERT_TRUE(status.ok()) << status;
      }
      if (Below(20) == 0) active.pop_back();
      std::erase_if(active, [](const Row* row) { return row->done(); });
    }
  }

  void ExpectSame(const RgbImage& company, const RgbImage& alone) const {
    if (precision().batch_invariant) {
      EXPECT_EQ(company.pixels, alone.pixels);
    } else if (precision().dtype == std::string("float32")) {
      ExpectSameImage(company, alone);
    } else {
      EXPECT_GE(Psnr(company, alone), 40);
    }
  }

  std::mt19937 random_{20240607};
  const std::unique_ptr<Engine> engine_ = MakeEngine(Options());
  std::vector<std::unique_ptr<Row>> rows_;
};

INSTANTIATE_TEST_SUITE_P(
    Golden, CompanyTest,
    testing::Combine(
        testing::ValuesIn(GoldenSets()),
        testing::Values(Precision{"Float32", "float32", false},
                        Precision{"Bfloat16", "bfloat16", false},
                        Precision{"Float32Invariant", "float32", true},
                        Precision{"Bfloat16Invariant", "bfloat16", true})),
    [](const auto& info) {
      return std::get<0>(info.param).name + std::get<1>(info.param).name;
    });

TEST_P(CompanyTest, ARowIsTheRowAlone) {
  const std::vector<GoldenCase> known = GoldenCases(std::get<0>(GetParam()));
  std::vector<GoldenCase> cases;
  for (int i = 0; i < kRows; ++i) cases.push_back(RandomCase(known));
  RunInCompany(cases);
  ASSERT_EQ(rows_.size(), cases.size());

  std::vector<Row*> done;
  std::vector<const GoldenCase*> done_cases;
  for (size_t i = 0; i < rows_.size(); ++i) {
    if (!rows_[i]->done()) continue;
    done.push_back(rows_[i].get());
    done_cases.push_back(&cases[i]);
  }
  EXPECT_GE(done.size(), kRows / 2u);
  const auto images = FinishDecoding(engine_->StartDecode(done), done.size());
  // One that finds nothing in its caches.
  EngineOptions options = Options();
  options.text_cache_mb = options.connector_cache_mb = 0;
  const std::unique_ptr<Engine> other = MakeEngine(options);
  for (size_t i = 0; i < done.size(); ++i) {
    SCOPED_TRACE(done_cases[i]->name);
    const std::unique_ptr<Row> alone = StartRow(other.get(), *done_cases[i], 0);
    RunToEnd(other.get(), {alone.get()});
    EXPECT_EQ(alone->connector_cache_hits(), 0);
    ExpectSame(ValueOrThrow(images[i]), DecodeRow(other.get(), alone.get()));
  }
}

}  // namespace
}  // namespace ella
