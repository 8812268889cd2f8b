#include "client/bench/load_runner.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace ella {
namespace {

constexpr double kReportEveryS = 0.5;

std::string MakePrefix() {
  absl::BitGen random;
  return absl::StrFormat("bench-%08x-", absl::Uniform<uint32_t>(random));
}

}  // namespace

LoadRunner::LoadRunner(RunnerOptions options)
    : options_(std::move(options)), id_prefix_(MakePrefix()) {}

RunResult LoadRunner::Run(const Connections& connections, const Source& source,
                          RunLimits limits) {
  for (const auto& channel : connections.channels) {
    stubs_.push_back(v1::TextToImageService::NewStub(channel));
  }
  servers_ = connections.servers;
  deaf_stub_ = v1::TextToImageService::NewStub(connections.deaf_channel);
  run_ = {.clock = RunClock(),
          .measured_from_s = limits.warmup_s(),
          .measured_to_s = limits.end_s(),
          .default_guidance = connections.default_guidance};
  do {
    DropAllOnStop();
    BeginDue(source, &limits);
    RunDueTimers();
    WakeDeaf();
    Report();
    DestroyEnded();
  } while (Wait());
  DestroyEnded();

  RunResult result;
  absl::MutexLock lock(&mutex_);
  result.records = std::move(records_);
  result.begun = begun_;
  result.measured_from_s = limits.warmup_s();
  result.measured_to_s = std::min(limits.end_s(), run_.clock.Now());
  return result;
}

void LoadRunner::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  news_ = true;
}

void LoadRunner::DropAllOnStop() {
  std::vector<std::shared_ptr<BenchCall>> calls;
  {
    absl::MutexLock lock(&mutex_);
    if (!stopped_ || drop_all_) return;
    for (const auto& [key, call] : calls_) calls.push_back(call);
  }
  drop_all_ = true;
  exhausted_ = true;
  for (const auto& call : calls) call->Drop();
}

bool LoadRunner::MayBegin() const {
  return !exhausted_ &&
         (!options_.concurrency || in_flight_ < *options_.concurrency);
}

void LoadRunner::BeginDue(const Source& source, RunLimits* limits) {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_ || !MayBegin()) return;
    }
    if (!upcoming_) upcoming_ = source();
    const double now_s = run_.clock.Now();
    const double due_s =
        options_.concurrency || !upcoming_ ? now_s : upcoming_->at_s;
    if (!upcoming_ || !limits->Allow(due_s)) {
      exhausted_ = true;
      return;
    }
    if (due_s > now_s) return;
    limits->Take(due_s);
    Begin(*std::move(upcoming_), due_s, limits->Counts(due_s));
    upcoming_.reset();
  }
}

void LoadRunner::Begin(LoadRequest planned, double due_s, bool counted) {
  const double now_s = run_.clock.Now();
  auto begun = std::make_unique<BegunRequest>();
  begun->planned = std::move(planned);
  begun->planned.request.MergeFrom(options_.common);
  begun->planned.request.set_request_id(absl::StrCat(id_prefix_, begun_));
  begun->record.due_s = due_s;
  begun->record.sent_s = now_s;
  begun->record.counted = counted;
  begun->record.deaf = begun->planned.deaf;
  begun->deadline_s = now_s + options_.timeout_s;
  begun->images.emplace(begun->planned.request);
  begun->channel = begun_ % stubs_.size();
  if (options_.retry) {
    RetryOptions retry;
    retry.servers = servers_;
    begun->retry.emplace(retry, [random = std::make_shared<RandomStream>(
                                     begun_, 0)] { return random->Uniform(); });
  }
  {
    absl::MutexLock lock(&mutex_);
    ++in_flight_;
    if (completed_ > 0 && begun->planned.cancel_by != CancelBy::kNothing) {
      begun->cancel_s = now_s + begun->planned.cancel_at * completed_life_s_ /
                                    static_cast<double>(completed_);
    }
  }
  ++begun_;
  StartTry(std::move(begun));
}

void LoadRunner::StartTry(std::unique_ptr<BegunRequest> begun) {
  const bool deaf = begun->planned.deaf;
  const double cancel_s = begun->cancel_s;
  const size_t channel =
      begun->channel + (begun->retry ? begun->retry->server() : 0);
  begun->stub = deaf ? deaf_stub_.get() : stubs_[channel % stubs_.size()].get();
  const auto call = std::make_shared<BenchCall>(
      std::move(begun), run_, [this](BenchCall* ended) { Ended(ended); });
  {
    absl::MutexLock lock(&mutex_);
    calls_[call.get()] = call;
    if (deaf) sleeping_.insert(call.get());
    if (std::isfinite(cancel_s)) {
      timers_.emplace(cancel_s, Timer{.retry = nullptr, .cancel = call});
    }
  }
  if (drop_all_) call->Drop();
  call->Start();
}

void LoadRunner::RunDueTimers() {
  std::vector<Timer> due;
  {
    absl::MutexLock lock(&mutex_);
    const auto end =
        drop_all_ ? timers_.end() : timers_.upper_bound(run_.clock.Now());
    for (auto i = timers_.begin(); i != end; i = timers_.erase(i)) {
      due.push_back(std::move(i->second));
    }
  }
  for (Timer& timer : due) {
    if (timer.retry) {
      StartTry(std::move(timer.retry));
    } else if (const std::shared_ptr<BenchCall> call = timer.cancel.lock()) {
      call->CancelIsDue();
    }
  }
}

void LoadRunner::WakeDeaf() {
  std::vector<std::shared_ptr<BenchCall>> calls;
  {
    absl::MutexLock lock(&mutex_);
    const bool others = in_flight_ > sleeping_.size();
    if (!drop_all_ && (others || MayBegin())) return;
    for (BenchCall* call : sleeping_) calls.push_back(calls_[call]);
    sleeping_.clear();
  }
  for (const auto& call : calls) call->Wake();
}

void LoadRunner::Report() {
  const double now_s = run_.clock.Now();
  if (!options_.on_progress || now_s < next_report_s_) return;
  next_report_s_ = now_s + kReportEveryS;
  RunProgress progress{.now_s = now_s, .begun = begun_};
  {
    absl::MutexLock lock(&mutex_);
    progress.in_flight = in_flight_;
    progress.completed = completed_;
  }
  options_.on_progress(progress);
}

void LoadRunner::DestroyEnded() {
  std::vector<std::shared_ptr<BenchCall>> ended;
  absl::MutexLock lock(&mutex_);
  ended_.swap(ended);
}

bool LoadRunner::Wait() {
  double until_s = std::numeric_limits<double>::infinity();
  if (upcoming_ && !options_.concurrency) until_s = upcoming_->at_s;
  if (options_.on_progress) until_s = std::min(until_s, next_report_s_);
  absl::MutexLock lock(&mutex_);
  if (exhausted_ && in_flight_ == 0) return false;
  if (!timers_.empty()) until_s = std::min(until_s, timers_.begin()->first);
  mutex_.AwaitWithTimeout(absl::Condition(&news_),
                          absl::Seconds(until_s - run_.clock.Now()));
  news_ = false;
  return true;
}

void LoadRunner::Ended(BenchCall* call) {
  absl::MutexLock lock(&mutex_);
  const auto found = calls_.find(call);
  ended_.push_back(std::move(found->second));
  calls_.erase(found);
  news_ = true;
  std::unique_ptr<BegunRequest> begun = call->TakeRequest();
  if (begun->retry && !call->final() && !stopped_) {
    const double now_s = run_.clock.Now();
    const std::optional<absl::Duration> delay = begun->retry->NextDelay(
        call->status(), absl::Seconds(begun->deadline_s - now_s));
    if (delay) {
      timers_.emplace(now_s + absl::ToDoubleSeconds(*delay),
                      Timer{.retry = std::move(begun), .cancel = {}});
      return;
    }
  }
  --in_flight_;
  RequestRecord& record = begun->record;
  if (record.code == absl::StatusCode::kOk && !record.deaf) {
    ++completed_;
    completed_life_s_ += record.ended_s - record.sent_s;
  }
  records_.push_back(std::move(record));
}

}  // namespace ella
