// Outputs of the connector, by encoding and timestep.
#pragma once

#include <ATen/ATen.h>

#include <atomic>
#include <cstdint>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "model/ella/semantic_connector.h"
#include "model/runtime/lru_cache.h"

namespace ella {

// Output is the same byte for byte, whether it was found or computed, and
// whatever it was computed with. One thread; stats() and seconds() any.
class ConnectorCache {
 public:
  // Timesteps that are computed in one call at most: it is what a step may wait
  // for, for each of its texts.
  static constexpr size_t kMaxAtOnce = 8;

  struct Output {
    at::Tensor features;  // [1, num_latents, width]
    bool hit = false;
  };

  // What was computed for a row's coming steps, and belongs to the row: it
  // outlasts the cache's bound.
  using Ahead = std::vector<std::pair<float, at::Tensor>>;

  // The connector outlives the cache.
  ConnectorCache(const SemanticConnector* connector, int64_t max_bytes)
      : connector_(*connector), outputs_(max_bytes) {}

  // The output of text [1, T, text_width] at the first of `timesteps`, which
  // are those of the row's steps from this one on; at least one. Where it is
  // neither in *ahead nor in the cache, it is computed together with those
  // after it that aren't either. One that is computed is a miss; one that is
  // taken from *ahead was counted before. `encoding` is the text's number.
  // Throws what torch throws, and has then changed nothing but *ahead, which
  // loses what `timesteps` don't name.
  Output Get(int64_t encoding, const at::Tensor& text,
             absl::Span<const float> timesteps, Ahead* ahead);

  CacheStats stats() const { return outputs_.stats(); }
  // Spent in the connector so far; on a GPU, in launching it.
  double seconds() const { return seconds_; }

 private:
  using Key = std::pair<int64_t, float>;  // encoding, timestep

  std::vector<float> Missing(int64_t encoding,
                             absl::Span<const float> timesteps,
                             const Ahead& ahead) const;
  void Compute(int64_t encoding, const at::Tensor& text,
               const std::vector<float>& timesteps, Ahead* ahead);

  const SemanticConnector& connector_;
  LruCache<Key, at::Tensor> outputs_;
  std::atomic<double> seconds_ = 0;
};

}  // namespace ella
