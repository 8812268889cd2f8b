#include "server/config/flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "server/config/connection_flags.h"
#include "server/config/identity_flags.h"
#include "server/config/log_flags.h"
#include "server/config/model_flags.h"

namespace ella {
namespace {

constexpr char kModelFlag[] = "--model";

// Flags whose values are spread over several options.
struct Unbound {
  std::vector<std::string> models;
  EngineOptions engine;
  std::string batching = "step";
  int request_window_ms = 0;
  int warm_up_seconds = 0;
};

std::string EnvironmentName(absl::string_view flag) {
  return absl::StrCat("ELLA_", absl::AsciiStrToUpper(absl::StrReplaceAll(
                                   flag.substr(2), {{"-", "_"}})));
}

void AddBatchFlags(BatchOptions* batch, Unbound* unbound, CLI::App* app) {
  app->add_option("--batching", unbound->batching,
                  "step: requests join and leave between any two steps; "
                  "request: a batch forms and runs to its end; off: one "
                  "request at a time")
      ->check(CLI::IsMember(std::vector<std::string>{"step", "request", "off"})
                  .description(""))
      ->type_name("MODE");
  app->add_option("--max-batch-rows", batch->max_batch_rows,
                  "Most UNet rows of one step; a guided image takes two")
      ->type_name("ROWS");
  unbound->request_window_ms =
      static_cast<int>(absl::ToInt64Milliseconds(batch->request_window));
  app->add_option("--request-window-ms", unbound->request_window_ms,
                  "With --batching request, how long the first one of a batch "
                  "waits for others")
      ->type_name("MILLISECONDS");
  unbound->warm_up_seconds =
      static_cast<int>(absl::ToInt64Seconds(batch->warm_up_time));
  app->add_option("--warm-up-seconds", unbound->warm_up_seconds,
                  "How long the warm-up of a model may go on to larger "
                  "batches; 0: no warm-up, and no forecast of waits")
      ->type_name("SECONDS");
}

void AddServingFlags(ServerOptions* options, CLI::App* app) {
  ListenOptions& listen = options->listen;
  RequestLimits& limits = options->limits;
  app->add_option("--listen", listen.grpc,
                  "gRPC address; port 0 picks a free one")
      ->type_name("HOST:PORT");
  app->add_option("--http-listen", listen.http,
                  "HTTP address of /metrics, /healthz, /readyz and /startupz")
      ->type_name("HOST:PORT");
  app->add_flag("--insecure", listen.insecure,
                "Let gRPC listen beyond loopback without TLS, or open to "
                "anyone (default: off)");
  app->add_option("--max-queue", options->queue.max_queue,
                  "Requests that may wait; further ones are refused")
      ->type_name("REQUESTS");
  app->add_option("--max-pixels", limits.max_pixels,
                  "Largest width times height of an image")
      ->type_name("PIXELS");
  app->add_option("--max-steps", limits.max_steps,
                  "Most denoising steps of a request")
      ->type_name("STEPS");
  app->add_option("--max-prompt-tokens", limits.max_prompt_tokens,
                  "Most T5 tokens of a prompt at its own length")
      ->type_name("TOKENS");
  app->add_option("--max-prompt-bytes", limits.max_prompt_bytes,
                  "Most bytes of a prompt, and of a negative prompt")
      ->type_name("BYTES");
  app->add_option("--drain-seconds", options->drain_seconds,
                  "How long running requests may go on after SIGTERM")
      ->type_name("SECONDS");
}

void AddModelFlags(Unbound* unbound, CLI::App* app) {
  app->add_option(kModelFlag, unbound->models,
                  "Model directory, under a name (without one: `default`); "
                  "also NAME=sd15:DIR,t5:DIR,ella:FILE. Repeat it for more "
                  "models; in the environment, put ; between them (default: "
                  "the demo model, as `demo`)")
      ->type_name("[NAME=]DIR")
      ->allow_extra_args(false)
      ->default_str("");
  EngineOptions& engine = unbound->engine;
  app->add_option("--device", engine.device, "auto, cpu, cuda or cuda:N")
      ->type_name("DEVICE");
  app->add_option("--dtype", engine.dtype,
                  "auto, float32, bfloat16 or float16; auto is float16 on "
                  "CUDA, bfloat16 on a CPU that is fast at it, else float32")
      ->type_name("DTYPE");
  app->add_option("--t5-dtype", engine.t5_dtype,
                  "What T5's weights are rounded to: float32, float16 or "
                  "bfloat16; ELLA was trained on float16")
      ->type_name("DTYPE");
  app->add_option("--threads", engine.threads,
                  "CPU threads of the model; 0: one a core")
      ->type_name("THREADS");
  app->add_option("--text-cache-mb", engine.text_cache_mb,
                  "Memory for encoded texts that may come again; 0: none is "
                  "kept beyond its use")
      ->type_name("MIB");
  app->add_option("--connector-cache-mb", engine.connector_cache_mb,
                  "Memory for connector outputs by text and timestep; 0: none "
                  "is kept")
      ->type_name("MIB");
  app->add_flag("--batch-invariant", engine.batch_invariant,
                "Give each image the bytes that it has alone, whoever it is "
                "batched with; slower (default: off)");
}

// NAME=WHAT, or WHAT for the name `default`. A name has no slash, so that a
// path may hold an equals sign.
EngineOptions SplitModel(absl::string_view text, EngineOptions engine) {
  size_t equals = text.find('=');
  if (equals != 0 && equals != absl::string_view::npos &&
      text.substr(0, equals).find_first_of("/:") == absl::string_view::npos) {
    engine.name = std::string(text.substr(0, equals));
    text.remove_prefix(equals + 1);
  }
  engine.model = std::string(text);
  return engine;
}

bool IsGiven(absl::string_view flag,
             const std::vector<std::string>& arguments) {
  return std::any_of(
      arguments.begin(), arguments.end(), [&](absl::string_view argument) {
        return argument == flag ||
               absl::StartsWith(argument, absl::StrCat(flag, "="));
      });
}

// CLI11 reads the file before the environment and would let the file win, so
// the environment is turned into arguments.
std::vector<std::string> EnvironmentArguments(
    const CLI::App& app, const std::vector<std::string>& given,
    const Environment& environment) {
  std::vector<std::string> arguments;
  for (const CLI::Option* option : app.get_options()) {
    const std::string flag = absl::StrCat("--", option->get_lnames().front());
    const char* value = option->get_envname().empty()
                            ? nullptr
                            : environment(option->get_envname().c_str());
    if (value == nullptr || *value == '\0' || IsGiven(flag, given)) continue;
    if (flag == kModelFlag) {
      for (absl::string_view model : absl::StrSplit(value, ';')) {
        arguments.push_back(absl::StrCat(flag, "=", model));
      }
    } else {
      arguments.push_back(absl::StrCat(flag, "=", value));
    }
  }
  return arguments;
}

}  // namespace

absl::StatusOr<Flags> ParseFlags(const std::vector<std::string>& arguments,
                                 const Environment& environment) {
  Flags flags;
  Unbound unbound;
  CLI::App app("Serves ELLA-SD1.5 text-to-image over gRPC.", "ella-server");
  try {
    app.option_defaults()->always_capture_default();
    AddModelFlags(&unbound, &app);
    AddServingFlags(&flags.options, &app);
    AddBatchFlags(&flags.options.batch, &unbound, &app);
    AddConnectionFlags(&flags.options.connection, &app);
    AddIdentityFlags(&flags.options.identity, &app);
    AddLogFlags(&flags.options.log, &app);
    AddModelStoreFlags(&flags.options.model_store, &app);
    app.set_config("--config", "", "File of flags, one `name = value` a line")
        ->type_name("FILE");
    app.allow_config_extras(CLI::config_extras_mode::error);
    for (CLI::Option* option : app.get_options()) {
      const std::string flag = absl::StrCat("--", option->get_lnames().front());
      if (flag != "--help") option->envname(EnvironmentName(flag));
    }
    app.set_version_flag("--version", ELLA_VERSION);

    std::vector<std::string> all =
        EnvironmentArguments(app, arguments, environment);
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::reverse(all.begin(), all.end());  // the order that CLI11 pops
    app.parse(all);
  } catch (const CLI::CallForHelp&) {
    flags.information = app.help();
    return flags;
  } catch (const CLI::CallForVersion&) {
    flags.information = absl::StrCat(ELLA_VERSION, "\n");
    return flags;
  } catch (const std::exception& e) {
    return absl::InvalidArgumentError(e.what());
  }
  flags.options.batch.batching =
      unbound.batching == "step"      ? Batching::kStep
      : unbound.batching == "request" ? Batching::kRequest
                                      : Batching::kOff;
  flags.options.batch.request_window =
      absl::Milliseconds(unbound.request_window_ms);
  flags.options.batch.warm_up_time = absl::Seconds(unbound.warm_up_seconds);
  if (unbound.models.empty()) unbound.models.push_back("demo=" ELLA_DEMO_MODEL);
  for (const std::string& model : unbound.models) {
    flags.options.models.push_back(SplitModel(model, unbound.engine));
  }
  if (absl::Status s = flags.options.Validate(); !s.ok()) return s;
  return flags;
}

}  // namespace ella
