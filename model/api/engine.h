// The seam between the server and the models: everything that the server knows
// of torch is behind this header.
#pragma once

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/api/types.h"

namespace ella {

// An encoded text, opaque and immutable; may be shared by rows and threads.
class Encoding {
 public:
  virtual ~Encoding() = default;
  virtual TokenCount tokens() const = 0;
};
using EncodingPtr = std::shared_ptr<const Encoding>;

// One image on its way from noise to picture: latents, sampler state, random
// generator. Made by Engine::Start; belongs to the caller, who may destroy it
// on any thread, at any step, but not after its engine.
class Row {
 public:
  virtual ~Row() = default;
  virtual const BatchKey& key() const = 0;
  // UNet calls done, and in all: the steps asked for, and one more for pndm
  // with more than one step.
  virtual int step() const = 0;
  virtual int num_steps() const = 0;
  bool done() const { return step() == num_steps(); }
};

struct RowParams {
  int width = 0;   // pixels
  int height = 0;  // pixels
  int steps = 0;
  uint32_t seed = 0;
  float guidance_scale = 1;
  std::string sampler;
  EncodingPtr prompt;
  EncodingPtr negative;  // null where guidance_scale is at most 1
};

// One model on one device.
//
// Threads: info() and CountTokens() may be called by anyone at any time.
// Encode() belongs to one thread at a time, the text thread; Start, Step,
// Preview and Decode to one thread at a time, the denoising thread. The two may
// run beside each other.
//
// Errors: InvalidArgument for what the caller got wrong, ResourceExhausted for
// memory, Internal for the rest. No call throws. A failed call on several
// texts or rows fails only those whose status says so.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual const ModelInfo& info() const = 0;

  // How many tokens the text has, and how many the encoder would see.
  virtual absl::StatusOr<TokenCount> CountTokens(const Text& text) const = 0;

  // Encodes each text as if it were alone; one result a text.
  virtual std::vector<absl::StatusOr<EncodingPtr>> Encode(
      absl::Span<const Text> texts) = 0;

  // Draws the initial noise.
  virtual absl::StatusOr<std::unique_ptr<Row>> Start(
      const RowParams& params) = 0;

  // Takes each row one step on, by one UNet call for all. The rows have equal
  // keys, and none is done. One status a row. ResourceExhausted: the rows are
  // as before, and fewer at once may do. After another error a row is of no
  // more use.
  virtual std::vector<absl::Status> Step(absl::Span<Row* const> rows) = 0;

  // What the row would look like, were it to end here; its step is at least 1.
  // The longer side is at most max_side pixels, where that is not 0.
  virtual absl::StatusOr<RgbImage> Preview(const Row& row, PreviewKind kind,
                                           int max_side) = 0;

  // The pictures of rows that are done, of equal keys; one result a row.
  virtual std::vector<absl::StatusOr<RgbImage>> Decode(
      absl::Span<Row* const> rows) = 0;
};

// Loads a model and warms it up. Takes seconds to minutes. NotFound where a
// file is missing, InvalidArgument where one is wrong, with its name.
absl::StatusOr<std::unique_ptr<Engine>> CreateEngine(
    const EngineOptions& options);

}  // namespace ella
