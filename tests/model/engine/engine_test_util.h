// An engine on a golden set, and rows of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/api/engine.h"
#include "tests/golden/golden_sets.h"

namespace ella {

// On the CPU in float32, T5 too. Throws where it can't be made.
std::unique_ptr<Engine> MakeFloat32Engine(const std::string& model);

// Encodes and starts image `index` of the case.
std::unique_ptr<Row> StartRow(Engine* engine, const GoldenCase& golden,
                              size_t index);

// Takes rows, which may differ in their number of steps, to their ends; rows of
// equal keys step together.
void RunToEnd(Engine* engine, const std::vector<Row*>& rows);

RgbImage DecodeRow(Engine* engine, Row* row);

}  // namespace ella
