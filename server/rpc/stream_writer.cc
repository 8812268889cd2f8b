#include "server/rpc/stream_writer.h"

#include <algorithm>
#include <utility>

#include "server/rpc/grpc_status.h"

namespace ella {
namespace {

// Used by one thread at a time. Done with the reactor once closed.
class ImagesChannel final : public ResponseChannel {
 public:
  ImagesChannel(grpc::ServerUnaryReactor* reactor,
                v1::GenerateImagesResponse* response)
      : reactor_(reactor), response_(response) {}

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
    reactor_->Finish(ToGrpcStatus(status));
  }

 private:
  grpc::ServerUnaryReactor* const reactor_;
  v1::GenerateImagesResponse* const response_;
};

}  // namespace

StreamWriter::StreamWriter(size_t max_unsent_bytes)
    : cancelled_(std::make_shared<std::atomic<bool>>(false)),
      outbox_(std::make_shared<Outbox>(static_cast<MessageWriter*>(this),
                                       max_unsent_bytes)) {}

void StreamWriter::OnWriteDone(bool ok) { outbox_->OnWriteDone(ok); }
void StreamWriter::OnCancel() { *cancelled_ = true; }
void StreamWriter::OnDone() { delete this; }

void StreamWriter::Write(const v1::GenerateResponse& message) {
  StartWrite(&message);
}

void StreamWriter::Finish(const absl::Status& status) {
  grpc::ServerWriteReactor<v1::GenerateResponse>::Finish(ToGrpcStatus(status));
}

ImagesWriter::ImagesWriter(v1::GenerateImagesResponse* response)
    : cancelled_(std::make_shared<std::atomic<bool>>(false)),
      channel_(std::make_shared<ImagesChannel>(this, response)) {}

void ImagesWriter::OnCancel() { *cancelled_ = true; }
void ImagesWriter::OnDone() { delete this; }

}  // namespace ella
