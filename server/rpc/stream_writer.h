// The reactors of the two generating calls. Each deletes itself when gRPC is
// done with it.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "ella/v1/text_to_image.pb.h"
#include "grpcpp/support/server_callback.h"
#include "server/rpc/outbox.h"
#include "server/rpc/response_channel.h"

namespace ella {

using CancelFlag = std::shared_ptr<std::atomic<bool>>;

// One Generate stream. Others hold its channel, never itself.
class StreamWriter final
    : public grpc::ServerWriteReactor<v1::GenerateResponse>,
      private MessageWriter {
 public:
  explicit StreamWriter(size_t max_unsent_bytes);

  std::shared_ptr<ResponseChannel> channel() const { return outbox_; }
  // Set when the client goes or its deadline passes.
  CancelFlag cancelled() const { return cancelled_; }

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void Write(const v1::GenerateResponse& message) override;
  void Finish(const absl::Status& status) override;

  const CancelFlag cancelled_;
  const std::shared_ptr<Outbox> outbox_;
};

// One GenerateImages call: gathers the images into its response.
class ImagesWriter final : public grpc::ServerUnaryReactor {
 public:
  explicit ImagesWriter(v1::GenerateImagesResponse* response);

  std::shared_ptr<ResponseChannel> channel() const { return channel_; }
  CancelFlag cancelled() const { return cancelled_; }

  void OnCancel() override;
  void OnDone() override;

 private:
  const CancelFlag cancelled_;
  const std::shared_ptr<ResponseChannel> channel_;
};

}  // namespace ella
