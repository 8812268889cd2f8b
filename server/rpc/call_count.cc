#include "server/rpc/call_count.h"

#include <utility>

#include "grpcpp/server_context.h"

namespace ella {

// Asked for a context as a call is read, and told of its end. Null: gRPC makes
// the context.
class CallCount::Counter : public grpc::ContextAllocator {
 public:
  explicit Counter(std::shared_ptr<CallCount> count)
      : count_(std::move(count)) {}

  grpc::CallbackServerContext* NewCallbackServerContext() override {
    count_->Add(1);
    return nullptr;
  }
  grpc::GenericCallbackServerContext* NewGenericCallbackServerContext()
      override {
    count_->Add(1);
    return nullptr;
  }
  void Release(grpc::CallbackServerContext* /*context*/) override {
    count_->Add(-1);
  }
  void Release(grpc::GenericCallbackServerContext* /*context*/) override {
    count_->Add(-1);
  }

 private:
  const std::shared_ptr<CallCount> count_;
};

void CallCount::Watch(grpc::ServerBuilder* builder) {
  builder->SetContextAllocator(std::make_unique<Counter>(shared_from_this()));
}

int CallCount::AwaitFewer(int many, absl::Duration limit) {
  absl::MutexLock lock(&mutex_);
  const auto may_go_on = [this, many] {
    mutex_.AssertReaderHeld();
    return calls_ < many || ended_;
  };
  mutex_.AwaitWithTimeout(absl::Condition(&may_go_on), limit);
  return calls_;
}

bool CallCount::AwaitMany(int many, uint64_t begun) {
  absl::MutexLock lock(&mutex_);
  const auto may_go_on = [this, many, begun] {
    mutex_.AssertReaderHeld();
    return (calls_ >= many && begun_ >= begun) || ended_;
  };
  mutex_.Await(absl::Condition(&may_go_on));
  return !ended_;
}

uint64_t CallCount::begun() const {
  absl::MutexLock lock(&mutex_);
  return begun_;
}

uint64_t CallCount::turnover() const {
  absl::MutexLock lock(&mutex_);
  return 2 * begun_ - static_cast<uint64_t>(calls_);
}

void CallCount::End() {
  absl::MutexLock lock(&mutex_);
  ended_ = true;
}

void CallCount::Add(int calls) {
  absl::MutexLock lock(&mutex_);
  calls_ += calls;
  if (calls > 0) ++begun_;
}

}  // namespace ella
