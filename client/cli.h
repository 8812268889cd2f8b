// The `ella` command.
#pragma once

#include "client/verbs.h"

namespace ella {

// Returns an ExitCode. Blocks SIGINT and SIGTERM while a verb waits for the
// server, so that they cancel its work there.
int RunElla(int argc, const char* const* argv, const Streams& streams);

}  // namespace ella
