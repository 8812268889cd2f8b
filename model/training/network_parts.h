// The networks of a model folder that is being trained, each made of its
// parameters when it is needed.
#pragma once

#include <ATen/ATen.h>

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "model/ella/semantic_connector.h"
#include "model/text/clip_text_encoder.h"
#include "model/text/t5_encoder.h"
#include "model/training/parameter_set.h"
#include "model/unet/unet.h"
#include "model/vae/vae_decoder.h"
#include "model/vae/vae_encoder.h"
#include "model/writing/model_sizes.h"

namespace ella {

enum class Part {
  kVae,
  kUnet,
  kClip,
  kT5,
  kElla,
  kTeacher,      // reads plain captions; like CLIP
  kTeacherHead,  // of the text encoders' own stages; not in a model folder
  kT5Head,
  kGroundingProbes,  // of the UNet's stage; neither
};

const char* PartName(Part part);
// Where its weights lie in a model folder; empty for what is not there.
const char* PartFile(Part part);

struct NetworkConfigs {
  VaeConfig vae;
  UNetConfig unet;
  ClipConfig clip;
  T5Config t5;
  ConnectorConfig ella;
};

ConnectorConfig ConnectorConfigOf(const EllaSizes& sizes);

// From the configurations in a model folder, as serving reads them; the
// connector's from the sizes, as serving reads its off the weights.
absl::StatusOr<NetworkConfigs> LoadConfigs(const std::string& folder,
                                           const ModelSizes& sizes);

std::vector<TensorShape> PartShapes(Part part, const ModelSizes& sizes);

// The parameters of all parts, and networks of them. One thread.
class NetworkParts {
 public:
  NetworkParts(NetworkConfigs configs, const LoadOptions& options)
      : configs_(std::move(configs)), options_(options) {}

  const NetworkConfigs& configs() const { return configs_; }
  void SetScalingFactor(double factor) { configs_.vae.scaling_factor = factor; }
  const LoadOptions& options() const { return options_; }

  void Set(Part part, ParameterSet parameters) {
    parts_[part] = std::move(parameters);
  }
  const ParameterSet& Get(Part part) const { return parts_.at(part); }

  std::unique_ptr<VaeEncoder> MakeVaeEncoder() const;
  std::unique_ptr<VaeDecoder> MakeVaeDecoder() const;
  std::unique_ptr<UNet> MakeUnet() const;
  std::unique_ptr<ClipTextEncoder> MakeClip() const;
  std::unique_ptr<ClipTextEncoder> MakeTeacher() const;
  std::unique_ptr<T5Encoder> MakeT5() const;
  std::unique_ptr<SemanticConnector> MakeConnector() const;

 private:
  NetworkConfigs configs_;
  LoadOptions options_;
  std::map<Part, ParameterSet> parts_;
};

}  // namespace ella
