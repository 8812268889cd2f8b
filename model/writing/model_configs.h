// The JSON files that stand beside the weights in a model directory.
#pragma once

#include <string>

#include "model/writing/model_sizes.h"

namespace ella {

std::string UnetConfigJson(const UnetSizes& sizes);
std::string VaeConfigJson(const VaeSizes& sizes);
std::string ClipConfigJson(const ClipSizes& sizes);
std::string T5ConfigJson(const T5Sizes& sizes);
std::string EllaConfigJson(const EllaSizes& sizes);
// The same for models of all sizes.
std::string PipelineConfigJson();  // model_index.json
std::string SchedulerConfigJson();
std::string ClipTokenizerConfigJson();
std::string T5TokenizerConfigJson();

}  // namespace ella
