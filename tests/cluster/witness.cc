#include "tests/cluster/witness.h"

#include <cstdlib>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "ella/v1/text_to_image.grpc.pb.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"

namespace ella {
namespace {

// For one request of a few milliseconds, on a machine that does other things.
constexpr absl::Duration kLongest = absl::Seconds(20);

std::shared_ptr<grpc::Channel> NewChannel(const std::string& address) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(),
                                   arguments);
}

}  // namespace

absl::Duration AbuseTime() {
  double seconds = 2;
  const char* given = std::getenv("ELLA_ABUSE_SECONDS");
  if (given != nullptr && !absl::SimpleAtod(given, &seconds)) std::abort();
  return absl::Seconds(seconds);
}

Witness::Witness(const std::string& address, const std::string& prompt)
    : thread_([this, address, prompt] { Run(address, prompt); }) {}

Witness::~Witness() { Stop(); }

int Witness::served() const {
  absl::MutexLock lock(&mutex_);
  return served_;
}

std::vector<std::string> Witness::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&mutex_);
  return failures_;
}

void Witness::Run(const std::string& address, const std::string& prompt) {
  v1::GenerateImagesRequest request;
  request.mutable_request()->set_prompt(prompt);
  const std::shared_ptr<grpc::Channel> kept = NewChannel(address);
  for (int i = 0;; ++i) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kLongest));
    context.set_wait_for_ready(true);
    v1::GenerateImagesResponse response;
    const grpc::Status status =
        v1::TextToImageService::NewStub(i % 2 == 0 ? kept : NewChannel(address))
            ->GenerateImages(&context, request, &response);
    absl::MutexLock lock(&mutex_);
    if (status.ok() && response.images_size() == 1) {
      ++served_;
    } else {
      failures_.push_back(absl::StrCat("request ", i, ": code ",
                                       status.error_code(), ": ",
                                       status.error_message()));
    }
    if (stopped_) return;
    // Not to be the load itself.
    mutex_.AwaitWithTimeout(absl::Condition(&stopped_), absl::Milliseconds(20));
  }
}

}  // namespace ella
