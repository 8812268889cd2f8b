// The reactors of the two generating calls. Each deletes itself when gRPC is
// done with it.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "absl/time/time.h"
#include "ella/v1/text_to_image.pb.h"
#include "grpcpp/support/server_callback.h"
#include "server/rpc/outbox.h"
#include "server/rpc/response_channel.h"
#include "server/rpc/stall_timer.h"

namespace ella {

using CancelFlag = std::shared_ptr<std::atomic<bool>>;

// One Generate stream. Others hold its channel, never itself.
class StreamWriter final
    : public grpc::ServerWriteReactor<v1::GenerateResponse>,
      private MessageWriter {
 public:
  // The call is cancelled where its client takes longer to read one message.
  StreamWriter(grpc::CallbackServerContext* context, size_t max_unsent_bytes,
               absl::Duration stall_time);

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
  StallTimer write_timer_;
};

// One GenerateImages call: gathers the images into its response.
class ImagesWriter final : public grpc::ServerUnaryReactor {
 public:
  // The call is cancelled where its client takes longer to read the response.
  ImagesWriter(grpc::CallbackServerContext* context,
               v1::GenerateImagesResponse* response, absl::Duration stall_time);

  std::shared_ptr<ResponseChannel> channel() const { return channel_; }
  CancelFlag cancelled() const { return cancelled_; }

  void OnCancel() override;
  void OnDone() override;

 private:
  const CancelFlag cancelled_;
  StallTimer write_timer_;
  const std::shared_ptr<ResponseChannel> channel_;
};

}  // namespace ella
