#pragma once

#include "ella/v1/text_to_image.pb.h"
#include "model/api/types.h"
#include "server/config/server_options.h"

namespace ella {

// What ListModels tells of one model.
v1::Model ModelMessage(const ModelInfo& info, const RequestLimits& limits);

}  // namespace ella
