#include "server/rpc/request_validation.h"

#include <algorithm>
#include <limits>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "google/rpc/error_details.pb.h"
#include "image/utf8.h"
#include "server/rpc/grpc_status.h"
#include "server/rpc/quote.h"

namespace ella {
namespace {

constexpr size_t kLongestRequestId = 128;

// Turns one request, field by field, into what it asks for and what is wrong
// with it.
class Validator {
 public:
  Validator(const v1::GenerateRequest& request, const RequestLimits& limits,
            const Engine& engine)
      : request_(request),
        limits_(limits),
        engine_(engine),
        info_(engine.info()) {}

  absl::StatusOr<ValidRequest> Validate(uint32_t drawn_seed) {
    params().model = info_.name;
    params().seed = request_.has_seed() ? request_.seed() : drawn_seed;
    CheckRequestId();
    CheckConditioning();
    CheckSize();
    params().steps = CheckCount("steps", request_.has_steps(), request_.steps(),
                                info_.default_steps, limits_.max_steps);
    params().num_images =
        CheckCount("num_images", request_.has_num_images(),
                   request_.num_images(), 1, limits_.max_images);
    CheckGuidance();
    CheckSampler();
    CheckPreview();
    if (!v1::ImageFormat_IsValid(request_.image_format())) {
      Refuse("image_format", absl::StrCat("must be IMAGE_FORMAT_PNG, was ",
                                          request_.image_format()));
    }
    // Last: the token mode hangs on the conditioning, its use on the guidance.
    CheckText("prompt", request_.prompt(), PromptText(params()).mode,
              /*used=*/true);
    CheckText("negative_prompt", request_.negative_prompt(),
              NegativeText(params()).mode, params().guided());
    params().prompt = request_.prompt();
    params().negative_prompt = request_.negative_prompt();
    if (bad_.field_violations().empty()) return valid_;
    return BadRequestStatus(bad_);
  }

 private:
  GenerationParams& params() { return valid_.params; }

  // what: such as "must be at least 1, was 0".
  void Refuse(absl::string_view field, absl::string_view what) {
    google::rpc::BadRequest::FieldViolation* violation =
        bad_.add_field_violations();
    violation->set_field(std::string(field));
    violation->set_description(absl::StrCat(field, " ", what));
  }

  void CheckRequestId() {
    const std::string& id = request_.request_id();
    if (id.size() > kLongestRequestId ||
        !std::all_of(id.begin(), id.end(), absl::ascii_isprint)) {
      Refuse("request_id",
             absl::StrCat("must be at most ", kLongestRequestId,
                          " printable ASCII characters, was ", Quote(id)));
    }
  }

  void CheckConditioning() {
    switch (request_.conditioning()) {
      case v1::CONDITIONING_UNSPECIFIED:
      case v1::CONDITIONING_ELLA:
        params().conditioning = Conditioning::kElla;
        break;
      case v1::CONDITIONING_ELLA_FIXED:
        params().conditioning = Conditioning::kEllaFixed;
        break;
      case v1::CONDITIONING_CLIP:
        params().conditioning = Conditioning::kClip;
        break;
      default:
        Refuse(
            "conditioning",
            absl::StrCat("must be CONDITIONING_ELLA, "
                         "CONDITIONING_ELLA_FIXED or CONDITIONING_CLIP, was ",
                         request_.conditioning()));
        return;
    }
    params().fixed_negative = request_.fixed_negative();
    if (params().fixed_negative &&
        params().conditioning != Conditioning::kElla) {
      Refuse("fixed_negative",
             absl::StrCat("must be false but with CONDITIONING_ELLA, was true "
                          "with ",
                          v1::Conditioning_Name(request_.conditioning())));
    }
  }

  void CheckSize() {
    const uint32_t width =
        request_.has_width() ? request_.width() : info_.default_width;
    const uint32_t height =
        request_.has_height() ? request_.height() : info_.default_height;
    CheckSide("width", width);
    CheckSide("height", height);
    const uint64_t pixels = uint64_t{width} * height;
    if (pixels > static_cast<uint64_t>(limits_.max_pixels)) {
      const std::string what =
          absl::StrCat("must make at most ", limits_.max_pixels,
                       " pixels in all, was ", width, "x", height);
      Refuse("width", what);
      Refuse("height", what);
      return;
    }
    params().width = static_cast<int>(width);
    params().height = static_cast<int>(height);
  }

  void CheckSide(absl::string_view field, uint32_t value) {
    if (value == 0 || value % info_.latent_scale != 0) {
      Refuse(field, absl::StrCat("must be a multiple of ", info_.latent_scale,
                                 ", was ", value));
    }
  }

  int CheckCount(absl::string_view field, bool given, uint32_t value,
                 int absent, int max) {
    if (!given) value = absent;
    if (value < 1 || value > static_cast<uint32_t>(max)) {
      Refuse(field, absl::StrCat("must be 1 to ", max, ", was ", value));
      return 1;
    }
    return static_cast<int>(value);
  }

  void CheckGuidance() {
    const float guidance = request_.has_guidance_scale()
                               ? request_.guidance_scale()
                               : info_.default_guidance_scale;
    // Written so that NaN fails it.
    if (!(guidance >= 0 && guidance <= limits_.max_guidance_scale)) {
      Refuse("guidance_scale",
             absl::StrCat("must be 0 to ", limits_.max_guidance_scale, ", was ",
                          guidance));
      return;
    }
    params().guidance_scale = guidance;
  }

  void CheckSampler() {
    if (request_.sampler().empty()) return;
    const std::vector<std::string>& known = info_.samplers;
    if (std::find(known.begin(), known.end(), request_.sampler()) ==
        known.end()) {
      Refuse("sampler",
             absl::StrCat("must be one of ", absl::StrJoin(known, ", "),
                          ", was ", Quote(request_.sampler())));
      return;
    }
    params().sampler = request_.sampler();
  }

  void CheckPreview() {
    const v1::PreviewOptions& preview = request_.preview();
    valid_.preview.every_steps = preview.every_steps();
    // More than an image can have is no limit.
    valid_.preview.max_side = static_cast<int>(std::min<uint32_t>(
        preview.max_side(), std::numeric_limits<int>::max()));
    switch (preview.kind()) {
      case v1::PREVIEW_KIND_UNSPECIFIED:
      case v1::PREVIEW_KIND_RGB:
        valid_.preview.kind = PreviewKind::kRgb;
        break;
      case v1::PREVIEW_KIND_VAE:
        valid_.preview.kind = PreviewKind::kVae;
        break;
      default:
        Refuse(
            "preview.kind",
            absl::StrCat("must be PREVIEW_KIND_RGB or PREVIEW_KIND_VAE, was ",
                         preview.kind()));
    }
  }

  // The text is metadata of the image too, even where the model doesn't use it.
  void CheckText(absl::string_view field, const std::string& text,
                 TokenMode mode, bool used) {
    if (!IsValidUtf8(text)) return Refuse(field, "must be valid UTF-8");
    if (text.find('\0') != std::string::npos) {
      return Refuse(field, "must not hold a NUL character");
    }
    if (text.size() > static_cast<size_t>(limits_.max_prompt_bytes)) {
      return Refuse(field,
                    absl::StrCat("must have at most ", limits_.max_prompt_bytes,
                                 " bytes, had ", text.size()));
    }
    if (!used || mode != TokenMode::kT5Flexible) return;
    absl::StatusOr<TokenCount> count = engine_.CountTokens({text, mode});
    if (!count.ok()) {
      Refuse(field, count.status().message());
    } else if (count->given > limits_.max_prompt_tokens) {
      Refuse(field,
             absl::StrCat("must have at most ", limits_.max_prompt_tokens,
                          " tokens, had ", count->given));
    }
  }

  const v1::GenerateRequest& request_;
  const RequestLimits& limits_;
  const Engine& engine_;
  const ModelInfo& info_;
  ValidRequest valid_;
  google::rpc::BadRequest bad_;
};

}  // namespace

absl::StatusOr<ValidRequest> ValidateRequest(const v1::GenerateRequest& request,
                                             const Engine& engine,
                                             const RequestLimits& limits,
                                             uint32_t drawn_seed) {
  return Validator(request, limits, engine).Validate(drawn_seed);
}

}  // namespace ella
