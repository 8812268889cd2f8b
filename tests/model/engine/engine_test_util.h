// An engine on a golden set, and rows of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/api/engine.h"
#include "tests/golden/golden_sets.h"

namespace ella {

// On the CPU in float32, T5 too.
EngineOptions Float32Options(const std::string& model);

// Throws where it can't be made.
std::unique_ptr<Engine> MakeEngine(const EngineOptions& options);

// Encodes and starts image `index` of the case.
std::unique_ptr<Row> StartRow(Engine* engine, const GoldenCase& golden,
                              size_t index);

// Takes rows, which may differ in their number of steps, to their ends; rows of
// equal keys step together.
void RunToEnd(Engine* engine, const std::vector<Row*>& rows);

RgbImage DecodeRow(Engine* engine, Row* row);

// In dB; 100 for equal images.
double Psnr(const RgbImage& a, const RgbImage& b);

}  // namespace ella
