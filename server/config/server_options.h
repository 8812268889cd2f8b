// Every setting of the server, grouped by concern. Flags fill it; nothing else
// reads flags or the environment.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "model/api/types.h"
#include "server/config/connection_options.h"
#include "server/config/identity_options.h"
#include "server/config/log_options.h"
#include "server/config/model_options.h"

namespace ella {

struct ListenOptions {
  // HOST:PORT; port 0 picks a free one.
  std::string grpc = "127.0.0.1:8001";
  std::string http = "127.0.0.1:8002";
  // Lets gRPC listen beyond loopback without encryption, or open to anyone.
  bool insecure = false;
};

// What one request may ask for. Larger values let one request hold the device,
// and its memory, for longer.
struct RequestLimits {
  int64_t max_pixels = 1048576;  // width times height
  int max_steps = 1000;
  int max_images = 8;
  int max_prompt_tokens = 512;  // of a prompt at its own length
  // Of each of the two prompts, as those that are cut have no other limit.
  int max_prompt_bytes = 32768;
  float max_guidance_scale = 100;
};

struct QueueOptions {
  // Requests that may wait, besides those that run. More means longer waits
  // before a refusal, not more images.
  int max_queue = 64;
};

enum class Batching {
  kStep,     // requests join and leave between any two steps
  kRequest,  // a batch of requests forms and keeps its size to its end
  kOff,      // one request at a time
};

struct BatchOptions {
  Batching batching = Batching::kStep;
  // Most UNet rows of one step; a guided image takes two. Warm-up finds how
  // many are worth it and fit the memory; this caps that. More rows make a step
  // longer, so previews and cancels come later.
  int max_batch_rows = 16;
  // With kRequest, how long the first one waits for others. Longer makes
  // batches fuller, and every lone request later.
  absl::Duration request_window = absl::Milliseconds(20);
  // How long a model's warm-up may go on to larger batches. Less makes the
  // server ready sooner, with a smaller limit of rows where steps are slow. 0:
  // no warm-up; nothing is known of waits, and max_batch_rows is the limit.
  absl::Duration warm_up_time = absl::Seconds(20);
};

struct OutputOptions {
  // Threads that write PNGs; more take processor time from a CPU model.
  int png_threads = 2;
  // Previews that may wait for a PNG thread; further ones are dropped.
  int max_waiting_previews = 16;
  // Bytes that may wait for one slow reader before its previews are dropped.
  size_t max_unsent_bytes = 4 << 20;
};

struct ServerOptions {
  std::vector<EngineOptions> models;  // the first is the default
  ListenOptions listen;
  RequestLimits limits;
  QueueOptions queue;
  BatchOptions batch;
  OutputOptions output;
  ConnectionOptions connection;
  IdentityOptions identity;
  LogOptions log;
  ModelOptions model_store;
  // How long running requests may go on after SIGTERM.
  int drain_seconds = 30;

  // InvalidArgument naming the flag and the value.
  absl::Status Validate() const;
};

}  // namespace ella
