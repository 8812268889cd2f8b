// Loads a model as the server does and prints how long its parts take.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "bench/step_timing.h"
#include "model/api/engine.h"

namespace ella {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  EngineOptions engine;
  std::vector<std::string> sizes = {"512x512"};  // WxH
  std::vector<int> rows = {2};
  TimingOptions timing;
  bool json = false;
};

// Mapped files that were read count as well.
int64_t PeakResidentBytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * int64_t{1024};
}

Json ToJson(const Durations& durations) {
  return {{"median_s", durations.median()},
          {"min_s", durations.min()},
          {"max_s", durations.max()},
          {"calls", durations.size()}};
}

bool ParseSize(const std::string& text, int* width, int* height) {
  const std::vector<std::string> sides = absl::StrSplit(text, 'x');
  return sides.size() == 2 && absl::SimpleAtoi(sides[0], width) &&
         absl::SimpleAtoi(sides[1], height);
}

absl::StatusOr<Json> MeasureSize(Engine* engine, const Options& options,
                                 const std::string& size) {
  int width = 0, height = 0;
  if (!ParseSize(size, &width, &height)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--size must be WxH, was ", size));
  }
  Json report = {{"size", size}, {"steps", Json::array()}};
  for (const int rows : options.rows) {
    const absl::StatusOr<StepTiming> timing =
        TimeStep(engine, width, height, rows, options.timing);
    if (!timing.ok()) return timing.status();
    Json step = ToJson(timing->step);
    step["rows"] = rows;
    report["steps"].push_back(step);
  }
  if (options.timing.decodes > 0) {
    const absl::StatusOr<DecodeTiming> timing =
        TimeDecode(engine, width, height, options.timing);
    if (!timing.ok()) return timing.status();
    report["decode"] = ToJson(timing->decode);
  }
  return report;
}

absl::StatusOr<Json> Measure(const Options& options) {
  EngineOptions engine_options = options.engine;
  engine_options.text_cache_mb = 0;  // so that each call encodes
  const auto start = std::chrono::steady_clock::now();
  const absl::StatusOr<std::unique_ptr<Engine>> engine =
      CreateEngine(engine_options);
  if (!engine.ok()) return engine.status();
  Json report = {{"device", (*engine)->info().device},
                 {"dtype", (*engine)->info().dtype},
                 {"t5_dtype", (*engine)->info().t5_dtype},
                 {"load_s", std::chrono::duration<double>(
                                std::chrono::steady_clock::now() - start)
                                .count()},
                 {"load_peak_bytes", PeakResidentBytes()}};
  const absl::StatusOr<EncodeTiming> encode =
      TimeEncode(engine->get(), options.timing);
  if (!encode.ok()) return encode.status();
  report["encode"] = ToJson(encode->encode);
  report["encode"]["tokens"] = encode->tokens;
  for (const std::string& size : options.sizes) {
    absl::StatusOr<Json> measured = MeasureSize(engine->get(), options, size);
    if (!measured.ok()) return measured.status();
    report["sizes"].push_back(*std::move(measured));
  }
  report["peak_bytes"] = PeakResidentBytes();
  return report;
}

std::string Text(const Json& durations) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(3)
      << durations["median_s"].get<double>() << " s (median of "
      << durations["calls"] << ", " << durations["min_s"].get<double>()
      << " to " << durations["max_s"].get<double>() << ")";
  return out.str();
}

double GiB(const Json& bytes) {
  return bytes.get<double>() / (int64_t{1} << 30);
}

void Print(const Json& report) {
  std::cout << std::fixed << std::setprecision(2) << "device   "
            << report["device"].get<std::string>() << ", "
            << report["dtype"].get<std::string>() << "; T5 "
            << report["t5_dtype"].get<std::string>() << "\nload     "
            << report["load_s"].get<double>() << " s, at most "
            << GiB(report["load_peak_bytes"]) << " GiB resident\nencode   "
            << Text(report["encode"]) << ", " << report["encode"]["tokens"]
            << " tokens\n";
  for (const Json& size : report["sizes"]) {
    const std::string name = size["size"];
    for (const Json& step : size["steps"]) {
      std::cout << "step     " << Text(step) << ", " << name << ", "
                << step["rows"] << " UNet rows\n";
    }
    if (size.contains("decode")) {
      std::cout << "decode   " << Text(size["decode"]) << ", " << name << "\n";
    }
  }
  std::cout << "memory   at most " << GiB(report["peak_bytes"])
            << " GiB resident\n";
}

void AddOptions(CLI::App* app, Options* options) {
  EngineOptions& engine = options->engine;
  TimingOptions& timing = options->timing;
  app->add_option("--model", engine.model, "DIR, or sd15:DIR,t5:DIR,ella:FILE")
      ->required();
  app->add_option("--device", engine.device, "auto, cpu, cuda or cuda:N")
      ->capture_default_str();
  app->add_option("--dtype", engine.dtype, "auto, float32, bfloat16 or float16")
      ->capture_default_str();
  app->add_option("--t5-dtype", engine.t5_dtype, "float32, float16 or bfloat16")
      ->capture_default_str();
  app->add_option("--threads", engine.threads, "Threads on a CPU; 0: all cores")
      ->capture_default_str();
  app->add_option("--size", options->sizes, "Sizes in pixels")
      ->type_name("WxH,...")
      ->delimiter(',')
      ->capture_default_str();
  app->add_option("--rows", options->rows,
                  "Batches in UNet rows; an image with guidance is two")
      ->type_name("N,...")
      ->delimiter(',')
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  app->add_option("--steps", timing.steps, "Steps to time for each")
      ->check(CLI::Range(1, 900))
      ->capture_default_str();
  app->add_option("--warmup", timing.warmup, "Steps before those")
      ->check(CLI::Range(0, 100))
      ->capture_default_str();
  app->add_option("--decodes", timing.decodes, "Decodes to time for each size")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app->add_flag("--json", options->json, "Print one JSON object");
}

}  // namespace
}  // namespace ella

int main(int argc, char** argv) {
  CLI::App app("Times load, text encoding, denoising steps and decoding.");
  ella::Options options;
  ella::AddOptions(&app, &options);
  CLI11_PARSE(app, argc, argv);
  const absl::StatusOr<ella::Json> report = ella::Measure(options);
  if (!report.ok()) {
    std::cerr << "step_time: " << report.status().message() << "\n";
    return 1;
  }
  if (options.json) {
    std::cout << report->dump(2) << "\n";
  } else {
    ella::Print(*report);
  }
  return 0;
}
