// What a picture was made of, as text chunks of its PNG.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "image/png_codec.h"
#include "model/api/types.h"

namespace ella {

// Enough to draw the picture again: no time, request id or timing, so equal
// requests give equal bytes.
struct ImageMetadata {
  // num_images is 1 and seed is this picture's own.
  GenerationParams params;
  std::string model_fingerprint;
  std::string version;  // of the server
};

// One chunk a field (prompt, negative_prompt, seed, ...), and one `parameters`
// chunk in the habit of the web UIs.
std::vector<PngText> MetadataToTexts(const ImageMetadata& metadata);

// InvalidArgument naming the chunk that is missing or wrong.
absl::StatusOr<ImageMetadata> MetadataFromTexts(
    const std::vector<PngText>& texts);

// "ella", "ella-fixed", "clip": how people and files spell them.
std::string ConditioningName(Conditioning conditioning);
absl::StatusOr<Conditioning> ConditioningFromName(const std::string& name);

}  // namespace ella
