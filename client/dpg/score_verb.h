// `ella dpg score`.
#pragma once

#include "client/verbs.h"

namespace ella {

Verb AddDpgScoreVerb(CLI::App* dpg);

}  // namespace ella
