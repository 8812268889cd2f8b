#include "client/bench/plan_file.h"

#include <cmath>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "client/bench/wire_names.h"
#include "nlohmann/json.hpp"

namespace ella {
namespace {

using Json = nlohmann::ordered_json;

// Throws nlohmann's errors on values of other kinds.
absl::StatusOr<LoadRequest> FromJson(const Json& json) {
  LoadRequest planned;
  planned.at_s = json.at("at").get<double>();
  v1::GenerateRequest& request = planned.request;
  request.set_prompt(json.at("prompt").get<std::string>());
  request.set_seed(json.at("seed").get<uint32_t>());
  for (const auto& [key, value] : json.items()) {
    if (key == "at" || key == "prompt" || key == "seed") continue;
    if (key == "steps") {
      request.set_steps(value.get<uint32_t>());
    } else if (key == "guidance") {
      request.set_guidance_scale(value.get<float>());
    } else if (key == "width") {
      request.set_width(value.get<uint32_t>());
    } else if (key == "height") {
      request.set_height(value.get<uint32_t>());
    } else if (key == "sampler") {
      request.set_sampler(value.get<std::string>());
    } else if (key == "images") {
      request.set_num_images(value.get<uint32_t>());
    } else if (key == "deaf") {
      planned.deaf = value.get<bool>();
    } else if (key == "conditioning") {
      const auto conditioning = ConditioningOfName(value.get<std::string>());
      if (!conditioning) {
        return absl::InvalidArgumentError(
            absl::StrCat("conditioning ", value.dump(), " is not known"));
      }
      request.set_conditioning(*conditioning);
    } else if (key == "cancel") {
      const std::string by = value.at("by").get<std::string>();
      if (by != "rpc" && by != "drop") {
        return absl::InvalidArgumentError(
            absl::StrCat("cancel by \"", by, "\" is neither rpc nor drop"));
      }
      planned.cancel_by = by == "rpc" ? CancelBy::kRpc : CancelBy::kDroppedCall;
      planned.cancel_at = value.at("at").get<double>();
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", key, "\" is not known"));
    }
  }
  return planned;
}

absl::StatusOr<LoadRequest> ParseLine(const std::string& line) {
  try {
    return FromJson(Json::parse(line));
  } catch (const Json::exception& error) {
    return absl::InvalidArgumentError(error.what());
  }
}

}  // namespace

std::string PlanLine(const LoadRequest& planned) {
  const v1::GenerateRequest& request = planned.request;
  Json json = {{"at", planned.at_s},
               {"prompt", request.prompt()},
               {"seed", request.seed()}};
  if (request.has_steps()) json["steps"] = request.steps();
  if (request.has_guidance_scale()) {
    json["guidance"] = request.guidance_scale();
  }
  if (request.has_width()) json["width"] = request.width();
  if (request.has_height()) json["height"] = request.height();
  if (!request.sampler().empty()) json["sampler"] = request.sampler();
  if (request.conditioning() != v1::CONDITIONING_UNSPECIFIED) {
    json["conditioning"] = NameOf(request.conditioning());
  }
  if (request.has_num_images()) json["images"] = request.num_images();
  if (planned.cancel_by != CancelBy::kNothing) {
    json["cancel"] = {
        {"by", planned.cancel_by == CancelBy::kRpc ? "rpc" : "drop"},
        {"at", planned.cancel_at}};
  }
  if (planned.deaf) json["deaf"] = true;
  return absl::StrCat(json.dump(), "\n");
}

absl::StatusOr<std::vector<LoadRequest>> ReadPlan(std::istream& input) {
  std::vector<LoadRequest> plan;
  std::string line;
  for (int number = 1; std::getline(input, line); ++number) {
    if (line.empty()) continue;
    absl::StatusOr<LoadRequest> planned = ParseLine(line);
    const double former_s = plan.empty() ? 0 : plan.back().at_s;
    if (planned.ok() && !(planned->at_s >= former_s)) {
      planned = absl::InvalidArgumentError("\"at\" falls");
    }
    if (!planned.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", number, ": ", planned.status().message()));
    }
    plan.push_back(*std::move(planned));
  }
  return plan;
}

}  // namespace ella
