#include "tests/model/engine/engine_test_util.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/golden/value_or_throw.h"

namespace ella {

EngineOptions Float32Options(const std::string& model) {
  EngineOptions options;
  options.name = "golden";
  options.model = model;
  options.device = "cpu";
  options.dtype = "float32";
  options.t5_dtype = "float32";
  return options;
}

std::unique_ptr<Engine> MakeEngine(const EngineOptions& options) {
  return ValueOrThrow(CreateEngine(options));
}

std::unique_ptr<Row> StartRow(Engine* engine, const GoldenCase& golden,
                              size_t index) {
  GenerationParams params = golden.params;
  params.prompt = golden.prompts[index];
  std::vector<Text> texts = {PromptText(params)};
  if (params.guided()) texts.push_back(NegativeText(params));
  auto encodings = engine->Encode(texts);
  RowParams row;
  row.width = params.width;
  row.height = params.height;
  row.steps = params.steps;
  row.seed = golden.seeds[index];
  row.guidance_scale = params.guidance_scale;
  row.sampler = params.sampler;
  row.prompt = ValueOrThrow(encodings[0]);
  if (params.guided()) row.negative = ValueOrThrow(encodings[1]);
  return ValueOrThrow(engine->Start(row));
}

void RunToEnd(Engine* engine, const std::vector<Row*>& rows) {
  while (true) {
    std::vector<Row*> active;
    for (Row* row : rows) {
      if (!row->done()) active.push_back(row);
    }
    if (active.empty()) return;
    for (const absl::Status& status : engine->Step(active)) {
      if (!status.ok()) throw std::runtime_error(status.ToString());
    }
  }
}

RgbImage DecodeRow(Engine* engine, Row* row) {
  return ValueOrThrow(FinishDecoding(engine->StartDecode({row}))[0]);
}

double Psnr(const RgbImage& a, const RgbImage& b) {
  EXPECT_EQ(a.pixels.size(), b.pixels.size());
  double squares = 0;
  for (size_t i = 0; i < a.pixels.size(); ++i) {
    const double difference = a.pixels[i] - b.pixels[i];
    squares += difference * difference;
  }
  const double mean = squares / static_cast<double>(a.pixels.size());
  return mean == 0 ? 100 : 10 * std::log10(255 * 255 / mean);
}

}  // namespace ella
