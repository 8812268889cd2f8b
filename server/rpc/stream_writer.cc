#include "server/rpc/stream_writer.h"

#include <algorithm>
#include <utility>

#include "grpcpp/server_context.h"
#include "server/rpc/grpc_status.h"

namespace ella {
namespace {

// Used by one thread at a time. Done with the reactor once closed.
class ImagesChannel final : public ResponseChannel {
 public:
  ImagesChannel(grpc::ServerUnaryReactor* reactor,
                v1::GenerateImagesResponse* response, StallTimer* write_timer)
      : reactor_(reactor), response_(response), write_timer_(write_timer) {}

  bool Send(v1::GenerateResponse message) override {
    if (message.has_queued()) {
      response_->set_request_id(message.queued().request_id());
    } else if (message.has_image()) {
      *response_->add_images() = std::move(*message.mutable_image());
    } else if (message.has_done()) {
      *response_->mutable_done() = std::move(*message.mutable_done());
    }
    return true;
  }

  void Close(const absl::Status& status) override {
    // Images come as their PNGs get ready.
    std::sort(response_->mutable_images()->begin(),
              response_->mutable_images()->end(),
              [](const v1::GeneratedImage& a, const v1::GeneratedImage& b) {
                return a.image_index() < b.image_index();
              });
    write_timer_->Start();
    reactor_->Finish(ToGrpcStatus(status));
  }

 private:
  grpc::ServerUnaryReactor* const reactor_;
  v1::GenerateImagesResponse* const response_;
  StallTimer* const write_timer_;
};

}  // namespace

StreamWriter::StreamWriter(grpc::CallbackServerContext* context,
                           size_t max_unsent_bytes, absl::Duration stall_time)
    : cancelled_(std::make_shared<std::atomic<bool>>(false)),
      outbox_(std::make_shared<Outbox>(static_cast<MessageWriter*>(this),
                                       max_unsent_bytes)),
      write_timer_(stall_time, [context] { context->TryCancel(); }) {}

void StreamWriter::OnWriteDone(bool ok) {
  write_timer_.Stop();
  outbox_->OnWriteDone(ok);
}
void StreamWriter::OnCancel() { *cancelled_ = true; }
void StreamWriter::OnDone() { delete this; }

void StreamWriter::Write(const v1::GenerateResponse& message) {
  write_timer_.Start();
  StartWrite(&message);
}

void StreamWriter::Finish(const absl::Status& status) {
  grpc::ServerWriteReactor<v1::GenerateResponse>::Finish(ToGrpcStatus(status));
}

ImagesWriter::ImagesWriter(grpc::CallbackServerContext* context,
                           v1::GenerateImagesResponse* response,
                           absl::Duration stall_time)
    : cancelled_(std::make_shared<std::atomic<bool>>(false)),
      write_timer_(stall_time, [context] { context->TryCancel(); }),
      channel_(std::make_shared<ImagesChannel>(this, response, &write_timer_)) {
}

void ImagesWriter::OnCancel() { *cancelled_ = true; }
void ImagesWriter::OnDone() { delete this; }

}  // namespace ella
