#include <memory>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/common_options.h"
#include "client/connection.h"
#include "client/error_report.h"
#include "client/model_admin_verbs.h"
#include "client/server_access_options.h"
#include "client/verbs.h"
#include "google/protobuf/util/json_util.h"

namespace ella {
namespace {

struct ModelsOptions {
  ServerAccess server;
  double timeout_s = 10;
  bool json = false;
};

void PrintTable(const v1::ListModelsResponse& response, std::ostream& out) {
  constexpr char kRow[] = "%-16s %-12s %-9s %-9s %6s %9s %9s  %s\n";
  out << absl::StreamFormat(kRow, "MODEL", "FINGERPRINT", "DTYPE", "SIZE",
                            "STEPS", "GUIDANCE", "SAMPLER", "DEVICE");
  for (const v1::Model& model : response.models()) {
    const v1::Defaults& defaults = model.defaults();
    out << absl::StreamFormat(
        kRow, model.name(), model.fingerprint().substr(0, 12), model.dtype(),
        absl::StrCat(defaults.width(), "x", defaults.height()),
        absl::StrCat(defaults.steps()), absl::StrCat(defaults.guidance_scale()),
        defaults.sampler(), model.device());
    out << "  T5: " << model.t5_dtype() << "\n";
    out << "  samplers: " << absl::StrJoin(model.samplers(), ", ") << "\n";
    const v1::Limits& limits = model.limits();
    out << "  limits: " << limits.max_pixels() << " pixels, sides multiples of "
        << limits.size_multiple() << ", " << limits.max_steps() << " steps, "
        << limits.max_images() << " images, " << limits.max_prompt_tokens()
        << " prompt tokens, guidance " << limits.max_guidance_scale() << "\n";
  }
}

void PrintAsJson(const v1::ListModelsResponse& response, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  // Fails only on messages of unknown types, and this one holds none.
  static_cast<void>(
      google::protobuf::util::MessageToJsonString(response, &json, options));
  out << json << "\n";
}

int Run(const ModelsOptions& options, const Streams& streams) {
  const auto client = Connect(options.server, streams.err);
  const absl::StatusOr<v1::ListModelsResponse> response =
      client->ListModels(DeadlineAfter(options.timeout_s));
  if (!response.ok()) {
    PrintError(response.status(), streams.err);
    if (options.json) {
      PrintJson({{"error", ErrorToJson(response.status())}}, streams.out);
    }
    return kFailed;
  }
  if (options.json) {
    PrintAsJson(*response, streams.out);
  } else {
    PrintTable(*response, streams.out);
  }
  streams.out.flush();
  return kDone;
}

}  // namespace

Verb AddModelsVerb(CLI::App* ella) {
  CLI::App* app =
      ella->add_subcommand("models", "What is loaded, and what it takes");
  auto options = std::make_shared<ModelsOptions>();
  AddServerOptions(app, &options->server);
  AddTimeoutOption(app, &options->timeout_s);
  app->add_flag("--json", options->json, "Print one JSON object");
  return {app,
          [options, admin = AddModelAdminVerbs(app)](const Streams& streams) {
            for (const Verb& verb : admin) {
              if (verb.app->parsed()) return verb.run(streams);
            }
            return Run(*options, streams);
          }};
}

}  // namespace ella
