// What a request costs, and what it looks like to the policy.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "server/scheduling/batch_policy.h"
#include "server/scheduling/cost_tables.h"
#include "server/scheduling/task.h"
#include "server/scheduling/wait_estimate.h"

namespace ella {

int LatentPixels(const Task& task);

// UNet rows that a step of its size may take.
int RowLimitOf(const Task& task, const CostTables& costs);

// Work of one step of all its images, in latent pixels through the UNet.
double WorkOfStep(const Task& task);

// A waiting task, its texts encoded.
Candidate WaitingCandidate(const Task& task, Standing standing);

// So many of its images with so many steps, among others at full batches.
Load LoadOf(const Task& task, int images, int steps, const CostTables& costs);

// From its first step to its last picture, if it had the device alone.
absl::Duration LoneTime(const Task& task, const CostTables& costs);

// ResourceExhausted where a step of one image needs more than there is.
absl::Status CheckMemory(const Task& task, const CostTables& costs);

}  // namespace ella
