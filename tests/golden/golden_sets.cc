#include "tests/golden/golden_sets.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "image/png_codec.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("no file " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<GoldenSet> GoldenSets() {
  const std::string small = absl::StrCat(ELLA_GOLDEN_DIR, "/small");
  std::vector<GoldenSet> sets = {
      {"small", small + "/model", small + "/expected"}};
  const char* more = std::getenv("ELLA_GOLDEN_SETS");
  for (absl::string_view folder :
       absl::StrSplit(more == nullptr ? "" : more, ':', absl::SkipEmpty())) {
    const fs::path root{std::string(folder)};
    const fs::path model =
        fs::exists(root / "tiny-ella") ? root / "tiny-ella" : root / "model";
    sets.push_back({absl::StrCat("extra", sets.size()), model.string(),
                    (root / "expected").string()});
  }
  return sets;
}

std::vector<GoldenCase> GoldenCases(const GoldenSet& set) {
  const nlohmann::json json =
      nlohmann::json::parse(ReadFile(set.Expected("e2e/cases.json")));
  std::vector<GoldenCase> cases;
  for (const nlohmann::json& entry : json) {
    GoldenCase golden;
    golden.name = entry["name"];
    golden.prompts = entry["prompts"];
    for (const nlohmann::json& seed : entry["seeds"]) {
      golden.seeds.push_back(static_cast<uint32_t>(seed.get<uint64_t>()));
    }
    GenerationParams& params = golden.params;
    const std::string mode = entry["mode"];
    params.conditioning = mode == "sd"           ? Conditioning::kClip
                          : mode == "ella_fixed" ? Conditioning::kEllaFixed
                                                 : Conditioning::kElla;
    params.fixed_negative = mode == "ella_flex_fixedneg";
    params.negative_prompt = entry["negative_prompt"];
    params.guidance_scale = entry["guidance_scale"];
    params.steps = entry["num_inference_steps"];
    params.height = entry["height"];
    params.width = entry["width"];
    params.sampler = entry["scheduler"];
    cases.push_back(golden);
  }
  return cases;
}

RgbImage GoldenImage(const GoldenSet& set, const std::string& name,
                     size_t index) {
  auto png = DecodePng(
      ReadFile(set.Expected(absl::StrCat("e2e/", name, ".", index, ".png"))));
  if (!png.ok()) throw std::runtime_error(png.status().ToString());
  return png->image;
}

void ExpectSameImage(const RgbImage& actual, const RgbImage& expected) {
  ASSERT_EQ(actual.width, expected.width);
  ASSERT_EQ(actual.height, expected.height);
  ASSERT_EQ(actual.pixels.size(), expected.pixels.size());
  int largest = 0;
  size_t off = 0;
  for (size_t i = 0; i < expected.pixels.size(); ++i) {
    const int difference = std::abs(actual.pixels[i] - expected.pixels[i]);
    largest = std::max(largest, difference);
    off += difference != 0;
  }
  EXPECT_LE(largest, 1);
  EXPECT_LE(off, expected.pixels.size() / 200);
}

void PrintTo(const GoldenSet& set, std::ostream* out) { *out << set.name; }

}  // namespace ella
