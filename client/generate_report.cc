#include "client/generate_report.h"

#include "client/durations.h"
#include "client/output_files.h"

namespace ella {
namespace {

nlohmann::json ToJson(const v1::TokenCount& tokens) {
  return {{"given", tokens.given()}, {"used", tokens.used()}};
}

nlohmann::json ToJson(const v1::Done& done) {
  return {{"queue", Seconds(done.queue_time())},
          {"text", Seconds(done.text_time())},
          {"denoise", Seconds(done.denoise_time())},
          {"decode", Seconds(done.decode_time())},
          {"png", Seconds(done.png_time())}};
}

}  // namespace

GenerateReport::GenerateReport(const GenerateOptions& options,
                               ProgressLine* progress, std::ostream& out)
    : options_(options), progress_(progress), out_(out) {
  json_["images"] = nlohmann::json::array();
  json_["previews"] = nlohmann::json::array();
}

absl::Status GenerateReport::Take(const v1::GenerateResponse& event) {
  progress_->Show(event);
  switch (event.event_case()) {
    case v1::GenerateResponse::kQueued:
      json_["request_id"] = event.queued().request_id();
      return absl::OkStatus();
    case v1::GenerateResponse::kStarted: {
      // A former try may have left some.
      json_["previews"] = nlohmann::json::array();
      nlohmann::json& tokens = json_["tokens"];
      tokens["prompt"] = ToJson(event.started().prompt_tokens());
      if (event.started().has_negative_prompt_tokens()) {
        tokens["negative_prompt"] =
            ToJson(event.started().negative_prompt_tokens());
      }
      return absl::OkStatus();
    }
    case v1::GenerateResponse::kPreview: {
      if (!options_.preview_dir) return absl::OkStatus();
      const v1::Preview& preview = event.preview();
      const std::string path = PreviewPath(
          *options_.preview_dir, preview.step(), preview.image_index());
      json_["previews"].push_back({{"index", preview.image_index()},
                                   {"step", preview.step()},
                                   {"file", path}});
      return Write(path, preview.image());
    }
    case v1::GenerateResponse::kImage: {
      const v1::GeneratedImage& image = event.image();
      const std::string path = ImagePath(options_.output, image.image_index());
      absl::Status status = Write(path, image.image());
      if (status.ok()) {
        json_["images"].push_back({{"index", image.image_index()},
                                   {"seed", image.seed()},
                                   {"file", path},
                                   {"width", image.image().width()},
                                   {"height", image.image().height()}});
      }
      return status;
    }
    case v1::GenerateResponse::kDone:
      json_["timings"] = ToJson(event.done());
      json_["text_cache_hits"] = event.done().text_cache_hits();
      json_["connector_cache_hits"] = event.done().connector_cache_hits();
      json_["mean_batch_rows"] = event.done().mean_batch_rows();
      return absl::OkStatus();
    default:
      return absl::OkStatus();
  }
}

absl::Status GenerateReport::Write(const std::string& path,
                                   const v1::Image& image) {
  absl::Status status = WriteFile(path, image.data());
  if (status.ok() && !options_.json) {
    progress_->Clear();
    out_ << path << std::endl;
  }
  return status;
}

}  // namespace ella
