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
  // Connector outputs that its steps so far found in the cache.
  virtual int connector_cache_hits() const = 0;
};

// Latents on their way to pictures, in slices, so that steps of other rows can
// go between them. Belongs to the caller; has what it needs of its rows, which
// may be gone.
class Decoding {
 public:
  virtual ~Decoding() = default;
  virtual int slices_left() const = 0;
  // Runs the next slice. After an error there are none left.
  virtual absl::Status RunSlice() = 0;
  // One result a row, once no slice is left. Once.
  virtual std::vector<absl::StatusOr<RgbImage>> TakeImages() = 0;
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
// Threads: info(), CountTokens(), FindEncoding() and stats() may be called by
// anyone at any time, and don't wait for the others. Encode() belongs to one
// thread at a time, the text thread; Start, Step, StartPreview, StartDecode and
// the slices of a Decoding to one thread at a time, the denoising thread. The
// two may run beside each other.
//
// Errors: InvalidArgument for what the caller got wrong, ResourceExhausted for
// memory, Unavailable where the device is lost, Internal for the rest. No call
// throws. A failed call on several texts or rows fails only those whose status
// says so. A lost device works for nobody any more in this process.
class Engine {
 public:
  virtual ~Engine() = default;

  virtual const ModelInfo& info() const = 0;

  // How many tokens the text has, and how many the encoder would see.
  virtual absl::StatusOr<TokenCount> CountTokens(const Text& text) const = 0;

  // The text's encoding, where it is in the cache or in use; else null.
  virtual EncodingPtr FindEncoding(const Text& text) = 0;

  // Encodes all in one pass, and keeps them in the cache; one result a text.
  // Texts of equal tokens are encoded once. An encoding's bytes depend on its
  // own text alone.
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
  // The longer side is at most max_side pixels, where that is not 0. kRgb has
  // one short slice.
  virtual absl::StatusOr<std::unique_ptr<Decoding>> StartPreview(
      const Row& row, PreviewKind kind, int max_side) = 0;

  // The pictures of rows that are done, of equal keys, decoded together.
  virtual absl::StatusOr<std::unique_ptr<Decoding>> StartDecode(
      absl::Span<Row* const> rows) = 0;

  virtual EngineStats stats() const = 0;
  // Makes stats().memory.peak_bytes start again from what is in use now.
  virtual void ResetPeakMemory() = 0;
};

// Loads a model and warms it up. Takes seconds to minutes. NotFound where a
// file is missing, InvalidArgument where one is wrong, with its name.
absl::StatusOr<std::unique_ptr<Engine>> CreateEngine(
    const EngineOptions& options);

// Runs what is left of a decoding, without anything in between.
std::vector<absl::StatusOr<RgbImage>> FinishDecoding(
    absl::StatusOr<std::unique_ptr<Decoding>> decoding, size_t images = 1);

}  // namespace ella
