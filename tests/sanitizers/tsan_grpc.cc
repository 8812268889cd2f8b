// gRPC isn't instrumented either, and has hand-overs by atomics of its own
// that the thread sanitizer must be told of, in the way of tsan_abseil.cc:
// the start of an operation comes before the news of its end, all that a
// server's reactor does before its OnDone, and that before the server's end.
#include <grpc/grpc.h>
#include <sanitizer/tsan_interface.h>

#include "grpcpp/server.h"
#include "grpcpp/support/server_callback.h"
#include "tests/sanitizers/library_function.h"

extern "C" {

grpc_call_error grpc_call_start_batch(grpc_call* call, const grpc_op* ops,
                                      size_t count, void* tag, void* reserved) {
  static const auto start = ella::LibraryFunction(&grpc_call_start_batch);
  __tsan_release(tag);
  return start(call, ops, count, tag, reserved);
}

grpc_event grpc_completion_queue_next(grpc_completion_queue* queue,
                                      gpr_timespec deadline, void* reserved) {
  static const auto next = ella::LibraryFunction(&grpc_completion_queue_next);
  const grpc_event event = next(queue, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

grpc_event grpc_completion_queue_pluck(grpc_completion_queue* queue, void* tag,
                                       gpr_timespec deadline, void* reserved) {
  static const auto pluck = ella::LibraryFunction(&grpc_completion_queue_pluck);
  const grpc_event event = pluck(queue, tag, deadline, reserved);
  if (event.type == GRPC_OP_COMPLETE) __tsan_acquire(event.tag);
  return event;
}

}  // extern "C"

namespace grpc::internal {
namespace {

// Does one OnCancel for a reactor, tells of it and goes.
class ToldCancel final : public ServerReactor {
 public:
  ToldCancel(ServerReactor* reactor, void* done)
      : reactor_(*reactor), done_(done) {}
  void OnDone() override {}
  void OnCancel() override {
    reactor_.OnCancel();
    __tsan_release(done_);
    delete this;
  }
  bool InternalInlineable() override { return reactor_.InternalInlineable(); }

 private:
  ServerReactor& reactor_;
  void* const done_;
};

}  // namespace

// The library may be who counts a call's callbacks down to none.
void ServerCallbackCall::ScheduleOnDone(bool inline_ondone) {
  static const auto schedule =
      ella::LibraryFunction(&ServerCallbackCall::ScheduleOnDone);
  __tsan_acquire(&callbacks_outstanding_);
  (this->*schedule)(inline_ondone);
}

// After an OnCancel, the library counts.
void ServerCallbackCall::CallOnCancel(ServerReactor* reactor) {
  static const auto call =
      ella::LibraryFunction(&ServerCallbackCall::CallOnCancel);
  __tsan_acquire(&on_cancel_conditions_remaining_);
  (this->*call)(new ToldCancel(reactor, &callbacks_outstanding_));
}

}  // namespace grpc::internal

namespace grpc {

void Server::UnrefWithPossibleNotify() {
  static const auto unref =
      ella::LibraryFunction(&Server::UnrefWithPossibleNotify);
  __tsan_release(&shutdown_refs_outstanding_);
  (this->*unref)();
}

void Server::UnrefAndWaitLocked() {
  static const auto wait = ella::LibraryFunction(&Server::UnrefAndWaitLocked);
  (this->*wait)();
  __tsan_acquire(&shutdown_refs_outstanding_);
}

}  // namespace grpc
