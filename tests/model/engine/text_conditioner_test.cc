// Encodings through the engine: found or made, alone or in company.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "model/engine/ella_row.h"
#include "tests/golden/value_or_throw.h"
#include "tests/model/engine/engine_test_util.h"

namespace ella {
namespace {

struct Types {
  const char* name;
  const char* dtype;
  const char* t5_dtype;
};

class TextConditionerTest
    : public testing::TestWithParam<std::tuple<GoldenSet, Types>> {
 protected:
  std::unique_ptr<Engine> Make(int text_cache_mb = 256) const {
    EngineOptions options = Float32Options(std::get<0>(GetParam()).model);
    options.dtype = std::get<1>(GetParam()).dtype;
    options.t5_dtype = std::get<1>(GetParam()).t5_dtype;
    options.text_cache_mb = text_cache_mb;
    return MakeEngine(options);
  }

  static EncodingPtr EncodeAlone(Engine* engine, const Text& text) {
    return ValueOrThrow(engine->Encode({text})[0]);
  }

  static std::vector<Text> Texts() {
    std::string words;
    std::vector<Text> texts;
    for (const char* next : {"", "a fox", " and a red bicycle", " in the rain",
                             " beside the window of a glass house"}) {
      words += next;
      for (const TokenMode mode :
           {TokenMode::kT5Flexible, TokenMode::kT5Fixed, TokenMode::kClip}) {
        texts.push_back({words, mode});
      }
    }
    return texts;
  }
};

INSTANTIATE_TEST_SUITE_P(
    Golden, TextConditionerTest,
    testing::Combine(testing::ValuesIn(GoldenSets()),
                     testing::Values(Types{"Float32", "float32", "float32"},
                                     Types{"Float16Weights", "float32",
                                           "float16"},
                                     Types{"Bfloat16", "bfloat16", "float16"})),
    [](const auto& info) {
      return std::get<0>(info.param).name + std::get<1>(info.param).name;
    });

const at::Tensor& Features(const EncodingPtr& encoding) {
  return static_cast<const EllaEncoding&>(*encoding).features();
}

TEST_P(TextConditionerTest, HitMissAloneAndMissInCompanyAreTheSameBytes) {
  const std::vector<Text> texts = Texts();
  const auto alone_engine = Make(/*text_cache_mb=*/0);
  std::vector<at::Tensor> alone;
  for (const Text& text : texts) {
    alone.push_back(Features(EncodeAlone(alone_engine.get(), text)));
  }
  EXPECT_EQ(alone_engine->stats().text_cache.hits, 0);
  std::mt19937 random(11);
  std::vector<size_t> order(texts.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (int round = 0; round < 3; ++round) {
    const auto engine = Make();
    std::shuffle(order.begin(), order.end(), random);
    // The second half meets texts that are there, and new ones.
    for (const size_t begin : {size_t{0}, order.size() / 3}) {
      std::vector<Text> company;
      for (size_t i = begin; i < begin + order.size() * 2 / 3; ++i) {
        company.push_back(texts[order[i]]);
      }
      const auto encodings = engine->Encode(company);
      for (size_t i = 0; i < company.size(); ++i) {
        EXPECT_TRUE(at::equal(Features(ValueOrThrow(encodings[i])),
                              alone[order[begin + i]]))
            << company[i].text;
      }
    }
    for (size_t i = 0; i < texts.size(); ++i) {
      const EncodingPtr found = engine->FindEncoding(texts[i]);
      ASSERT_NE(found, nullptr);
      EXPECT_TRUE(at::equal(Features(found), alone[i]));
    }
    const CacheStats stats = engine->stats().text_cache;
    EXPECT_EQ(stats.misses, 15);
    EXPECT_EQ(stats.hits, 5 + 15);
    EXPECT_EQ(stats.entries, 15);
  }
}

TEST_P(TextConditionerTest, EqualTextsAreEncodedOnce) {
  const auto engine = Make();
  const Text text = {"a fox", TokenMode::kT5Flexible};
  EXPECT_EQ(engine->FindEncoding(text), nullptr);
  const auto encodings =
      engine->Encode({text, {"a cat", TokenMode::kT5Flexible}, text});
  EXPECT_EQ(*encodings[0], *encodings[2]);
  EXPECT_NE(*encodings[0], *encodings[1]);
  EXPECT_EQ(engine->FindEncoding(text), *encodings[0]);
  EXPECT_EQ(engine->stats().text_cache.misses, 2);
  EXPECT_GT(engine->stats().text_cache.bytes, 0);
}

TEST_P(TextConditionerTest, ModesAndCutTextsAreToldApart) {
  const auto engine = Make();
  std::string many;
  for (int i = 0; i < 200; ++i) absl::StrAppend(&many, "fox ");
  const EncodingPtr cut =
      EncodeAlone(engine.get(), {many, TokenMode::kT5Fixed});
  const EncodingPtr longer =
      EncodeAlone(engine.get(), {many + many, TokenMode::kT5Fixed});
  EXPECT_GT(longer->tokens().given, cut->tokens().given);
  EXPECT_TRUE(at::equal(Features(cut), Features(longer)));
  EXPECT_EQ(engine->FindEncoding({many, TokenMode::kClip}), nullptr);
}

TEST_P(TextConditionerTest, WithoutACacheEncodingsLiveWhileInUse) {
  const auto engine = Make(/*text_cache_mb=*/0);
  const Text text = {"a fox", TokenMode::kT5Flexible};
  EncodingPtr used = EncodeAlone(engine.get(), text);
  EXPECT_EQ(engine->FindEncoding(text), used);
  used = nullptr;
  EXPECT_EQ(engine->FindEncoding(text), nullptr);
  EXPECT_EQ(engine->stats().text_cache.entries, 0);
}

TEST_P(TextConditionerTest, ABadSizeIsRefused) {
  EngineOptions options = Float32Options(std::get<0>(GetParam()).model);
  options.connector_cache_mb = -1;
  EXPECT_EQ(CreateEngine(options).status().code(),
            absl::StatusCode::kInvalidArgument);
}

// The second row of equal settings finds all connector outputs.
TEST_P(TextConditionerTest, RowsTellTheirConnectorHits) {
  const auto engine = Make();
  GoldenCase golden = GoldenCases(std::get<0>(GetParam()))[0];
  golden.params.guidance_scale = 5;
  golden.params.negative_prompt = "a cat";
  golden.params.steps = 11;
  golden.params.sampler = "euler";
  for (const int hits : {0, 22}) {
    const auto row = StartRow(engine.get(), golden, 0);
    RunToEnd(engine.get(), {row.get()});
    EXPECT_EQ(row->connector_cache_hits(), hits);
    EXPECT_EQ(engine->stats().connector_cache.misses, 22);
    EXPECT_EQ(engine->stats().connector_cache.hits, hits);
  }
  EXPECT_GT(engine->stats().connector_seconds, 0);
  EXPECT_GT(engine->stats().memory.used_bytes, 0);
}

}  // namespace
}  // namespace ella
