// The reference sets that the networks are held against.
#pragma once

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "model/api/types.h"

namespace ella {

// A model directory with random weights, and what the reference makes of it.
struct GoldenSet {
  std::string name;
  std::string model;     // folder
  std::string expected;  // folder

  std::string Expected(const std::string& file) const {
    return expected + "/" + file;
  }
};

// The small set of tests/golden, and the folders of ELLA_GOLDEN_SETS, separated
// by colons, each with model/ (or tiny-ella/) and expected/.
std::vector<GoldenSet> GoldenSets();

// A whole pipeline of a set: one or more images of a batch.
struct GoldenCase {
  std::string name;
  std::vector<std::string> prompts;  // one an image
  std::vector<uint32_t> seeds;       // one an image
  GenerationParams params;           // but for prompt and seed
};
std::vector<GoldenCase> GoldenCases(const GoldenSet& set);
// The reference's picture of image `index` of a case.
RgbImage GoldenImage(const GoldenSet& set, const std::string& name,
                     size_t index);

// Expects no byte off by more than 1 and at most 0.5 % of them off.
void ExpectSameImage(const RgbImage& actual, const RgbImage& expected);

// For test names.
void PrintTo(const GoldenSet& set, std::ostream* out);

}  // namespace ella
