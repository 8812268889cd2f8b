// The engine on a GPU against the CPU's reference. Skipped where there is none.
#include <gtest/gtest.h>

#include "tests/model/engine/engine_test_util.h"

namespace ella {
namespace {

class GpuTest : public testing::TestWithParam<GoldenSet> {
 protected:
  // Null, with the reason printed, where there is no GPU.
  std::unique_ptr<Engine> MakeEngine(const std::string& dtype,
                                     const std::string& t5_dtype) {
    EngineOptions options;
    options.name = "golden";
    options.model = GetParam().model;
    options.device = "cuda";
    options.dtype = dtype;
    options.t5_dtype = t5_dtype;
    auto engine = CreateEngine(options);
    if (engine.ok()) return *std::move(engine);
    const std::string why(engine.status().message());
    if (why.find("device cuda can't be used") == std::string::npos) {
      throw std::runtime_error(why);
    }
    std::cout << "no GPU here: " << why << std::endl;
    return nullptr;
  }
};

INSTANTIATE_TEST_SUITE_P(Gpu, GpuTest, testing::ValuesIn(GoldenSets()),
                         [](const auto& info) { return info.param.name; });

TEST_P(GpuTest, Float32PicturesEqualTheReference) {
  const auto engine = MakeEngine("float32", "float32");
  if (engine == nullptr) GTEST_SKIP();
  for (const GoldenCase& golden : GoldenCases(GetParam())) {
    SCOPED_TRACE(golden.name);
    for (size_t i = 0; i < golden.prompts.size(); ++i) {
      const auto row = StartRow(engine.get(), golden, i);
      RunToEnd(engine.get(), {row.get()});
      ExpectSameImage(DecodeRow(engine.get(), row.get()),
                      GoldenImage(GetParam(), golden.name, i));
    }
  }
}

TEST_P(GpuTest, Float16PicturesAreNearTheReference) {
  const auto engine = MakeEngine("float16", "float16");
  if (engine == nullptr) GTEST_SKIP();
  for (const GoldenCase& golden : GoldenCases(GetParam())) {
    SCOPED_TRACE(golden.name);
    const auto row = StartRow(engine.get(), golden, 0);
    RunToEnd(engine.get(), {row.get()});
    EXPECT_GE(Psnr(DecodeRow(engine.get(), row.get()),
                   GoldenImage(GetParam(), golden.name, 0)),
              35);
  }
}

TEST_P(GpuTest, Float16RowsInCompanyAreNearTheRowsAlone) {
  const auto engine = MakeEngine("float16", "float16");
  if (engine == nullptr) GTEST_SKIP();
  std::vector<GoldenCase> cases = GoldenCases(GetParam());
  std::vector<std::unique_ptr<Row>> rows;
  std::vector<Row*> together;
  for (GoldenCase& golden : cases) {
    golden.params.width = golden.params.height = 64;
    rows.push_back(StartRow(engine.get(), golden, 0));
    together.push_back(rows.back().get());
  }
  RunToEnd(engine.get(), together);
  for (size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(cases[i].name);
    const auto alone = StartRow(engine.get(), cases[i], 0);
    RunToEnd(engine.get(), {alone.get()});
    EXPECT_GE(Psnr(DecodeRow(engine.get(), together[i]),
                   DecodeRow(engine.get(), alone.get())),
              40);
  }
}

}  // namespace
}  // namespace ella
