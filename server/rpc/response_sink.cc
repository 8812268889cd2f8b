#include "server/rpc/response_sink.h"

#include <utility>

#include "absl/time/clock.h"
#include "server/rpc/event_messages.h"

namespace ella {

ResponseSink::ResponseSink(Request request,
                           std::shared_ptr<ResponseChannel> channel,
                           const Parts& parts)
    : request_(std::move(request)),
      channel_(std::move(channel)),
      pool_(parts.pool),
      delivery_(parts.delivery),
      metrics_(parts.metrics),
      log_(parts.log),
      accepted_at_(absl::Now()) {}

void ResponseSink::Emit(Event event) {
  delivery_->Add(
      [self = shared_from_this(), event = std::move(event)]() mutable {
        if (self->ended_) return;
        std::visit([&](auto& one) { self->Deliver(std::move(one)); }, event);
      });
}

void ResponseSink::Close(absl::Status status) {
  delivery_->Add([self = shared_from_this(), status = std::move(status)] {
    self->request_.on_stopped();
    self->stopped_ = true;
    if (!status.ok()) {
      self->End(status);
    } else {
      self->EndIfComplete();
    }
  });
}

void ResponseSink::Deliver(QueuedEvent event) {
  channel_->Send(QueuedMessage(request_.summary.id, event));
}

void ResponseSink::Deliver(StartedEvent event) {
  channel_->Send(StartedMessage(event));
}

void ResponseSink::Deliver(ProgressEvent event) {
  channel_->Send(ProgressMessage(event));
}

void ResponseSink::Deliver(PreviewEvent event) {
  const int index = event.image_index, step = event.step;
  const int width = event.image.width, height = event.image.height;
  const bool taken = pool_->TryEncodePreview(
      std::move(event.image),
      [self = shared_from_this(), index, step, width, height](
          absl::StatusOr<std::string> png, absl::Duration) {
        if (!png.ok()) return;
        self->delivery_->Add([self, index, step, width, height,
                              png = *std::move(png)]() mutable {
          self->SendPreview(index, step,
                            PngMessage(width, height, std::move(png)));
        });
      });
  if (!taken) metrics_->previews_dropped_pool.Increment();
}

void ResponseSink::SendPreview(int image_index, int step, v1::Image image) {
  // Late ones would show less than the client has already.
  if (ended_ || images_sent_.count(image_index) > 0) return;
  if (!channel_->Send(PreviewMessage(image_index, step, std::move(image)))) {
    metrics_->previews_dropped_slow_reader.Increment();
    return;
  }
  metrics_->previews_total.Increment();
  if (preview_sent_) return;
  preview_sent_ = true;
  metrics_->first_preview_seconds.Observe(
      absl::ToDoubleSeconds(absl::Now() - accepted_at_));
}

void ResponseSink::Deliver(ImageEvent event) {
  ++images_in_work_;
  ImageMetadata metadata = request_.metadata;
  metadata.params.seed = event.seed;
  RgbImage image = std::move(event.image);
  const int width = image.width, height = image.height;
  pool_->EncodeImage(
      std::move(image), std::move(metadata),
      [self = shared_from_this(), event = std::move(event), width, height](
          absl::StatusOr<std::string> png, absl::Duration elapsed) {
        self->delivery_->Add([self, event, width, height, elapsed,
                              png = std::move(png)]() mutable {
          self->SendImage(event, width, height, std::move(png), elapsed);
        });
      });
}

void ResponseSink::SendImage(const ImageEvent& event, int width, int height,
                             absl::StatusOr<std::string> png,
                             absl::Duration elapsed) {
  --images_in_work_;
  request_.summary.png_time += elapsed;
  metrics_->png_duration_seconds.Observe(absl::ToDoubleSeconds(elapsed));
  if (ended_) return;
  if (!png.ok()) return End(png.status());
  images_sent_.insert(event.image_index);
  request_.summary.image_bytes += static_cast<int64_t>(png->size());
  channel_->Send(ImageMessage(event.image_index, event.seed,
                              PngMessage(width, height, *std::move(png))));
  EndIfComplete();
}

void ResponseSink::Deliver(DoneEvent event) { request_.summary.done = event; }

void ResponseSink::EndIfComplete() {
  // Who has the last event may use the id again.
  const RequestSummary& summary = request_.summary;
  if (ended_ || !stopped_ || !summary.done || images_in_work_ > 0) return;
  channel_->Send(DoneMessage(*summary.done, summary.png_time));
  End(absl::OkStatus());
}

void ResponseSink::End(const absl::Status& status) {
  if (ended_) return;
  ended_ = true;
  request_.summary.duration = absl::Now() - accepted_at_;
  metrics_->CountRequest(status);
  if (request_.summary.caller_is_known) {
    metrics_->CountCallersRequest(request_.summary.caller, status,
                                  static_cast<int>(images_sent_.size()));
  }
  metrics_->request_duration_seconds.Observe(
      absl::ToDoubleSeconds(request_.summary.duration));
  log_->Write(request_.summary, status);
  channel_->Close(status);
}

}  // namespace ella
