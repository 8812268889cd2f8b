#include "model/training/network_parts.h"

#include <utility>

#include "model/training/grounding.h"
#include "model/training/layout_head.h"
#include "model/writing/folder_writer.h"
#include "model/writing/tensor_shapes.h"

namespace ella {

const char* PartName(Part part) {
  switch (part) {
    case Part::kVae:
      return "vae";
    case Part::kUnet:
      return "unet";
    case Part::kClip:
      return "text_encoder";
    case Part::kT5:
      return "t5";
    case Part::kElla:
      return "ella";
    case Part::kTeacher:
      return "teacher";
    case Part::kTeacherHead:
      return "teacher_head";
    case Part::kT5Head:
      return "t5_head";
    case Part::kGroundingProbes:
      return "grounding_probes";
  }
  return "";
}

const char* PartFile(Part part) {
  switch (part) {
    case Part::kVae:
      return kVaeWeights;
    case Part::kUnet:
      return kUnetWeights;
    case Part::kClip:
      return kClipWeights;
    case Part::kT5:
      return kT5Weights;
    case Part::kElla:
      return kEllaWeights;
    case Part::kTeacher:
      return "teacher/model.safetensors";
    case Part::kTeacherHead:
    case Part::kT5Head:
    case Part::kGroundingProbes:
      break;
  }
  return "";
}

std::vector<TensorShape> PartShapes(Part part, const ModelSizes& sizes) {
  switch (part) {
    case Part::kVae:
      return VaeShapes(sizes.vae);
    case Part::kUnet:
      return UnetShapes(sizes.unet);
    case Part::kClip:
    case Part::kTeacher:
      return ClipShapes(sizes.clip);
    case Part::kT5:
      return T5EncoderShapes(sizes.t5);
    case Part::kElla:
      return EllaShapes(sizes.ella);
    case Part::kTeacherHead:
      return LayoutHeadShapes(sizes.clip.hidden);
    case Part::kT5Head:
      return LayoutHeadShapes(sizes.t5.d_model);
    case Part::kGroundingProbes:
      return GroundingProbeShapes(sizes.unet);
  }
  return {};
}

ConnectorConfig ConnectorConfigOf(const EllaSizes& sizes) {
  return {.text_width = sizes.input,
          .width = sizes.width,
          .num_latents = sizes.latents,
          .num_layers = sizes.layers,
          .num_heads = sizes.heads,
          .time_channels = sizes.time_channels,
          .time_width = sizes.time_embedding};
}

absl::StatusOr<NetworkConfigs> LoadConfigs(const std::string& folder,
                                           const ModelSizes& sizes) {
  absl::StatusOr<VaeConfig> vae =
      VaeConfig::Load(folder + "/sd15/vae/config.json");
  if (!vae.ok()) return vae.status();
  absl::StatusOr<UNetConfig> unet =
      UNetConfig::Load(folder + "/sd15/unet/config.json");
  if (!unet.ok()) return unet.status();
  absl::StatusOr<ClipConfig> clip =
      ClipConfig::Load(folder + "/sd15/text_encoder/config.json");
  if (!clip.ok()) return clip.status();
  absl::StatusOr<T5Config> t5 = T5Config::Load(folder + "/flan-t5/config.json");
  if (!t5.ok()) return t5.status();
  return NetworkConfigs{.vae = *std::move(vae),
                        .unet = *std::move(unet),
                        .clip = *std::move(clip),
                        .t5 = *std::move(t5),
                        .ella = ConnectorConfigOf(sizes.ella)};
}

std::unique_ptr<VaeEncoder> NetworkParts::MakeVaeEncoder() const {
  return MakeNetwork<VaeEncoder>(Get(Part::kVae), configs_.vae, options_,
                                 VaeEncoderKeyMapping());
}

std::unique_ptr<VaeDecoder> NetworkParts::MakeVaeDecoder() const {
  return MakeNetwork<VaeDecoder>(Get(Part::kVae), configs_.vae, options_,
                                 VaeDecoderKeyMapping());
}

std::unique_ptr<UNet> NetworkParts::MakeUnet() const {
  return MakeNetwork<UNet>(Get(Part::kUnet), configs_.unet, options_);
}

std::unique_ptr<ClipTextEncoder> NetworkParts::MakeClip() const {
  return MakeNetwork<ClipTextEncoder>(Get(Part::kClip), configs_.clip, options_,
                                      ClipKeyMapping());
}

std::unique_ptr<ClipTextEncoder> NetworkParts::MakeTeacher() const {
  return MakeNetwork<ClipTextEncoder>(Get(Part::kTeacher), configs_.clip,
                                      options_, ClipKeyMapping());
}

std::unique_ptr<T5Encoder> NetworkParts::MakeT5() const {
  return MakeNetwork<T5Encoder>(Get(Part::kT5), configs_.t5, options_,
                                T5KeyMapping());
}

std::unique_ptr<SemanticConnector> NetworkParts::MakeConnector() const {
  return MakeNetwork<SemanticConnector>(Get(Part::kElla), configs_.ella,
                                        options_);
}

}  // namespace ella
