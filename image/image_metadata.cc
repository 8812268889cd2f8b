#include "image/image_metadata.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace ella {
namespace {

// The fewest digits that read back as the same float; StrCat keeps only six.
std::string Shortest(float value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  return std::string(buffer, end);
}

// What the web UIs call `parameters`.
std::string WebUiParameters(const ImageMetadata& metadata) {
  const GenerationParams& params = metadata.params;
  std::string text = absl::StrCat(params.prompt, "\n");
  if (!params.negative_prompt.empty()) {
    absl::StrAppend(&text, "Negative prompt: ", params.negative_prompt, "\n");
  }
  absl::StrAppend(&text, "Steps: ", params.steps, ", Sampler: ", params.sampler,
                  ", CFG scale: ", Shortest(params.guidance_scale),
                  ", Seed: ", params.seed);
  absl::StrAppend(&text, ", Size: ", params.width, "x", params.height,
                  ", Model hash: ", metadata.model_fingerprint.substr(0, 10),
                  ", Model: ", params.model, ", Version: ", metadata.version);
  return text;
}

// Reads fields by key and keeps the first thing that was wrong.
class FieldReader {
 public:
  explicit FieldReader(const std::vector<PngText>& texts) : texts_(texts) {}

  std::string String(absl::string_view key) {
    for (const PngText& text : texts_) {
      if (text.key == key) return text.value;
    }
    Fail(absl::StrCat("the PNG has no text chunk ", key));
    return "";
  }

  uint32_t Unsigned(absl::string_view key,
                    uint32_t max = std::numeric_limits<uint32_t>::max()) {
    const std::string value = String(key);
    uint32_t number = 0;
    if (!absl::SimpleAtoi(value, &number) || number > max) {
      Wrong(key, value, "a whole number");
    }
    return number;
  }

  int Int(absl::string_view key) {
    return static_cast<int>(Unsigned(key, std::numeric_limits<int>::max()));
  }

  float Float(absl::string_view key) {
    const std::string value = String(key);
    float number = 0;
    if (!absl::SimpleAtof(value, &number)) Wrong(key, value, "a number");
    return number;
  }

  bool Bool(absl::string_view key) {
    const std::string value = String(key);
    if (value != "true" && value != "false") {
      Wrong(key, value, "true or false");
    }
    return value == "true";
  }

  Conditioning ConditioningOf(absl::string_view key) {
    absl::StatusOr<Conditioning> conditioning =
        ConditioningFromName(String(key));
    if (conditioning.ok()) return *conditioning;
    Fail(absl::StrCat("PNG text chunk ", conditioning.status().message()));
    return Conditioning::kElla;
  }

  const absl::Status& status() const { return status_; }

 private:
  void Wrong(absl::string_view key, absl::string_view value,
             absl::string_view wanted) {
    Fail(absl::StrCat("PNG text chunk ", key, " must be ", wanted, ", was \"",
                      value, "\""));
  }

  void Fail(absl::string_view message) {
    status_.Update(absl::InvalidArgumentError(message));
  }

  const std::vector<PngText>& texts_;
  absl::Status status_;
};

}  // namespace

std::vector<PngText> MetadataToTexts(const ImageMetadata& metadata) {
  const GenerationParams& params = metadata.params;
  return {
      {"prompt", params.prompt},
      {"negative_prompt", params.negative_prompt},
      {"seed", absl::StrCat(params.seed)},
      {"steps", absl::StrCat(params.steps)},
      {"guidance_scale", Shortest(params.guidance_scale)},
      {"sampler", params.sampler},
      {"width", absl::StrCat(params.width)},
      {"height", absl::StrCat(params.height)},
      {"conditioning", ConditioningName(params.conditioning)},
      {"fixed_negative", params.fixed_negative ? "true" : "false"},
      {"model", params.model},
      {"model_fingerprint", metadata.model_fingerprint},
      {"version", metadata.version},
      {"parameters", WebUiParameters(metadata)},
  };
}

absl::StatusOr<ImageMetadata> MetadataFromTexts(
    const std::vector<PngText>& texts) {
  FieldReader fields(texts);
  ImageMetadata metadata;
  GenerationParams& params = metadata.params;
  params.prompt = fields.String("prompt");
  params.negative_prompt = fields.String("negative_prompt");
  params.seed = fields.Unsigned("seed");
  params.steps = fields.Int("steps");
  params.guidance_scale = fields.Float("guidance_scale");
  params.sampler = fields.String("sampler");
  params.width = fields.Int("width");
  params.height = fields.Int("height");
  params.conditioning = fields.ConditioningOf("conditioning");
  params.fixed_negative = fields.Bool("fixed_negative");
  params.model = fields.String("model");
  metadata.model_fingerprint = fields.String("model_fingerprint");
  metadata.version = fields.String("version");
  if (!fields.status().ok()) return fields.status();
  return metadata;
}

std::string ConditioningName(Conditioning conditioning) {
  switch (conditioning) {
    case Conditioning::kElla:
      return "ella";
    case Conditioning::kEllaFixed:
      return "ella-fixed";
    case Conditioning::kClip:
      break;
  }
  return "clip";
}

absl::StatusOr<Conditioning> ConditioningFromName(const std::string& name) {
  for (const Conditioning conditioning :
       {Conditioning::kElla, Conditioning::kEllaFixed, Conditioning::kClip}) {
    if (name == ConditioningName(conditioning)) return conditioning;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "conditioning must be ella, ella-fixed or clip, was \"", name, "\""));
}

}  // namespace ella
