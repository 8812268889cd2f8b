#include "client/bench_options.h"

#include <cmath>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/bench/prompts.h"
#include "client/bench/wire_names.h"
#include "client/common_options.h"
#include "client/server_access_options.h"

namespace ella {
namespace {

// A flag whose text `parse` takes; an error is bad usage.
template <typename Value>
CLI::Option* Add(CLI::App* app, const std::string& name,
                 const std::string& type, const std::string& help,
                 absl::StatusOr<Value> (*parse)(const std::string&),
                 std::function<void(Value)> set) {
  return app
      ->add_option_function<std::string>(
          name,
          [name, parse, set](const std::string& text) {
            absl::StatusOr<Value> value = parse(text);
            if (!value.ok()) {
              throw CLI::ValidationError(name,
                                         std::string(value.status().message()));
            }
            set(*std::move(value));
          },
          help)
      ->type_name(type);
}

absl::Status NotA(const std::string& text, const char* what) {
  return absl::InvalidArgumentError(
      absl::StrCat("\"", text, "\" is not ", what));
}

absl::StatusOr<double> Positive(const std::string& text) {
  double value = 0;
  if (!absl::SimpleAtod(text, &value) || !std::isfinite(value) || value <= 0) {
    return NotA(text, "a number above 0");
  }
  return value;
}

absl::StatusOr<double> NotNegative(const std::string& text) {
  double value = 0;
  if (!absl::SimpleAtod(text, &value) || !std::isfinite(value) || value < 0) {
    return NotA(text, "a number of at least 0");
  }
  return value;
}

absl::StatusOr<double> Share(const std::string& text) {
  double value = 0;
  if (!absl::SimpleAtod(text, &value) || !(value >= 0 && value <= 1)) {
    return NotA(text, "a share of 0 to 1");
  }
  return value;
}

template <typename Integer>
absl::StatusOr<Integer> Count(const std::string& text) {
  Integer value = 0;
  if (!absl::SimpleAtoi(text, &value) || value == 0) {
    return NotA(text, "a whole number above 0");
  }
  return value;
}

absl::StatusOr<uint64_t> Seed(const std::string& text) {
  uint64_t value = 0;
  if (!absl::SimpleAtoi(text, &value)) return NotA(text, "a whole number");
  return value;
}

struct Repeat {
  PromptRepeat repeat = PromptRepeat::kZipf;
  double zipf_exponent = 0;
};

absl::StatusOr<Repeat> ParseRepeat(const std::string& text) {
  if (text == "uniform") return Repeat{PromptRepeat::kUniform};
  if (text == "once") return Repeat{PromptRepeat::kOnce};
  if (text.rfind("zipf:", 0) == 0) {
    const absl::StatusOr<double> exponent = NotNegative(text.substr(5));
    if (exponent.ok()) return Repeat{PromptRepeat::kZipf, *exponent};
  }
  return NotA(text, "uniform, once or zipf:S with S of at least 0");
}

absl::StatusOr<Mixture<std::string>> ParseConditionings(
    const std::string& text) {
  absl::StatusOr<Mixture<std::string>> mixture = ParseNameMixture(text);
  if (!mixture.ok()) return mixture;
  for (const auto& part : mixture->parts) {
    if (!ConditioningOfName(part.low)) {
      return NotA(part.low, "ella, ella-fixed or clip");
    }
  }
  return mixture;
}

void AddLoad(CLI::App* app, BenchOptions* options) {
  PlanOptions* plan = &options->plan;
  CLI::Option* rate = Add<double>(
      app, "--rate", "R",
      "Open loop: requests a second, as a Poisson process. Latency counts from "
      "the moment a request was due",
      Positive, [plan](double value) { plan->rate = value; });
  CLI::Option* concurrency = Add<uint32_t>(
      app, "--concurrency", "N",
      "Closed loop: so many callers, each of whom sends its next request when "
      "the last one has ended (1, without --rate)",
      Count<uint32_t>,
      [options](uint32_t value) { options->concurrency = value; });
  CLI::Option* replay =
      app->add_option("--replay", options->replay,
                      "Open loop: the requests of this file, see --plan")
          ->type_name("FILE");
  rate->excludes(concurrency);
  replay->excludes(rate)->excludes(concurrency);
  Add<double>(app, "--warmup", "S",
              "Seconds ahead of the measured time, whose requests are sent but "
              "not counted (0)",
              NotNegative,
              [options](double value) { options->warmup_s = value; });
  Add<double>(app, "--duration", "S",
              "Seconds to measure; then no request begins (30, without "
              "--requests or --replay)",
              Positive,
              [options](double value) { options->duration_s = value; });
  Add<uint64_t>(app, "--requests", "N",
                "Begin no more requests than this, besides those of the "
                "warm-up (no limit)",
                Count<uint64_t>,
                [options](uint64_t value) { options->requests = value; });
  Add<uint64_t>(app, "--seed", "N",
                "What arrivals and mixtures are drawn from (0)", Seed,
                [plan](uint64_t value) { plan->seed = value; });
  app->add_option("--plan", options->write_plan,
                  "Write the requests of --rate here as JSON lines, and send "
                  "none")
      ->type_name("FILE")
      ->needs(rate);
}

void AddPrompts(CLI::App* app, BenchOptions* options) {
  PlanOptions* plan = &options->plan;
  plan->prompts = BuiltInPrompts();
  Add<std::vector<std::string>>(
      app, "--prompts", "FILE|FOLDER",
      "A file with a prompt a line, or a folder with one in each *.txt (a few "
      "of our own)",
      ReadPrompts,
      [plan](std::vector<std::string> prompts) { plan->prompts = prompts; });
  Add<Repeat>(app, "--repeat", "HOW",
              "uniform: any prompt, as likely as the others; once: each, in "
              "order, and then the end; zipf:S: the k-th as likely as 1/k^S "
              "(uniform)",
              ParseRepeat, [plan](Repeat repeat) {
                plan->repeat = repeat.repeat;
                plan->zipf_exponent = repeat.zipf_exponent;
              });
}

void AddMixtures(CLI::App* app, BenchOptions* options) {
  PlanOptions* plan = &options->plan;
  Add<Mixture<uint32_t>>(
      app, "--steps", "MIX", "Denoising steps, such as 5,10,50 or 5:3,50:1",
      ParseIntegerMixture,
      [plan](Mixture<uint32_t> mixture) { plan->steps = mixture; });
  Add<Mixture<PictureSize>>(
      app, "--sizes", "MIX", "Pixels, such as 512x512:3,512x768",
      ParseSizeMixture,
      [plan](Mixture<PictureSize> mixture) { plan->sizes = mixture; });
  Add<Mixture<float>>(
      app, "--guidance", "MIX", "Guidance scales, such as 1,5-10:3",
      ParseNumberMixture,
      [plan](Mixture<float> mixture) { plan->guidance = mixture; });
  Add<Mixture<std::string>>(
      app, "--conditioning", "MIX", "Of ella, ella-fixed and clip",
      ParseConditionings,
      [plan](Mixture<std::string> mixture) { plan->conditionings = mixture; });
  Add<Mixture<std::string>>(
      app, "--samplers", "MIX", "Of those that `ella models` names",
      ParseNameMixture,
      [plan](Mixture<std::string> mixture) { plan->samplers = mixture; });
  Add<Mixture<uint32_t>>(
      app, "--images", "MIX", "Images of one request", ParseIntegerMixture,
      [plan](Mixture<uint32_t> mixture) { plan->images = mixture; });
}

void AddManners(CLI::App* app, BenchOptions* options) {
  PlanOptions* plan = &options->plan;
  app->add_option("--model", options->model,
                  "One of `ella models` (the server's first)")
      ->type_name("NAME");
  CLI::Option* every = Add<uint32_t>(
      app, "--preview-every", "N", "A preview every so many steps (none)",
      Count<uint32_t>,
      [options](uint32_t value) { options->preview_every = value; });
  app->add_option("--preview-kind", options->preview_kind,
                  "rgb or vae (the server's: rgb)")
      ->check(CLI::IsMember({"rgb", "vae"}))
      ->needs(every);
  Add<double>(app, "--cancel-share", "X",
              "Share of the requests that their client ends at a random "
              "moment, half by Cancel, half by dropping the call (0)",
              Share, [plan](double value) { plan->cancel_share = value; });
  Add<double>(app, "--deaf-share", "X",
              "Share of the streams that read nothing until all others have "
              "ended; only their outcomes are counted (0)",
              Share, [plan](double value) { plan->deaf_share = value; });
  AddTimeoutOption(app, &options->timeout_s);
  app->add_flag("--retry,!--no-retry", options->retry,
                "Try a refused request again as `ella generate` does, or count "
                "it and go on (--no-retry)");
  Add<uint32_t>(app, "--channels", "N",
                "Connections that the requests share (4)", Count<uint32_t>,
                [options](uint32_t value) { options->channels = value; });
}

}  // namespace

void AddBenchOptions(CLI::App* app, BenchOptions* options) {
  app->footer(
      "MIX is a list of values with commas between them, each with an optional "
      ":WEIGHT;\nnumbers also as ranges, 5-50. What has no MIX is left to the "
      "server.\nDefaults are in brackets.");
  AddServerOptions(app, &options->server);
  AddLoad(app, options);
  AddPrompts(app, options);
  AddMixtures(app, options);
  AddManners(app, options);
  Add<double>(app, "--good-within", "S",
              "Seconds within which a completed request counts for the goodput "
              "(60)",
              Positive,
              [options](double value) { options->good_within_s = value; });
  app->add_flag("--json", options->json,
                "Print one JSON object, and nothing else");
}

}  // namespace ella
