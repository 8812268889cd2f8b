#pragma once

#include <memory>
#include <set>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "image/image_metadata.h"
#include "server/metrics/metrics.h"
#include "server/output/output_pool.h"
#include "server/output/work_queue.h"
#include "server/rpc/request_log.h"
#include "server/rpc/response_channel.h"
#include "server/scheduling/event_sink.h"

namespace ella {

// Takes the scheduler's events of one request to its client: makes PNGs of
// pictures and messages of events, and holds the end back until the last image
// is written. All of that happens on the delivery thread and the output pool;
// the caller's thread only hands the event over.
class ResponseSink final : public EventSink,
                           public std::enable_shared_from_this<ResponseSink> {
 public:
  struct Request {
    RequestSummary summary;  // what is known so far
    ImageMetadata metadata;  // seed of image 0
    // Called on the delivery thread once the work has stopped.
    absl::AnyInvocable<void()> on_stopped;
  };

  // All outlive the sink.
  struct Parts {
    OutputPool* pool = nullptr;
    WorkQueue* delivery = nullptr;  // of one thread
    Metrics* metrics = nullptr;
    const RequestLog* log = nullptr;
  };

  ResponseSink(Request request, std::shared_ptr<ResponseChannel> channel,
               const Parts& parts);

  void Emit(Event event) override;
  void Close(absl::Status status) override;

 private:
  // The rest runs on the delivery thread.
  void Deliver(QueuedEvent event);
  void Deliver(StartedEvent event);
  void Deliver(ProgressEvent event);
  void Deliver(PreviewEvent event);
  void Deliver(ImageEvent event);
  void Deliver(DoneEvent event);
  void SendPreview(int image_index, int step, v1::Image image);
  void SendImage(const ImageEvent& event, int width, int height,
                 absl::StatusOr<std::string> png, absl::Duration elapsed);
  void EndIfComplete();
  void End(const absl::Status& status);

  Request request_;
  const std::shared_ptr<ResponseChannel> channel_;
  OutputPool* const pool_;
  WorkQueue* const delivery_;
  Metrics* const metrics_;
  const RequestLog* const log_;
  const absl::Time accepted_at_;

  bool preview_sent_ = false;
  int images_in_work_ = 0;
  std::set<int> images_sent_;
  bool stopped_ = false;
  bool ended_ = false;
};

}  // namespace ella
