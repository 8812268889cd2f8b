#include "server/scheduling/request_queue.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/scheduling/request_cost.h"
#include "server/scheduling/retry_delay.h"

namespace ella {
namespace {

constexpr absl::Duration kShortestRetryDelay = absl::Milliseconds(100);

EncodedTexts FindTexts(const Task& task) {
  EncodedTexts found;
  for (const Text& text : TextsOf(task.params)) {
    found.encodings.push_back(task.engine->FindEncoding(text));
    found.cache_hits += found.encodings.back() != nullptr;
  }
  return found;
}

Load LoadOf(const Task& task, const CostTables& costs) {
  return LoadOf(task, task.params.num_images, task.params.steps, costs);
}

}  // namespace

RequestQueue::RequestQueue(const QueueOptions& options, const Clock* clock,
                           const CostTables* costs, CallerLedger* ledger)
    : options_(options), clock_(clock), costs_(costs), ledger_(ledger) {}

absl::Status RequestQueue::CheckRoom(const Task& task) const {
  if (closed_) return why_closed_;
  if (absl::Status s = CheckWanted(task, clock_->Now()); !s.ok()) return s;
  if (absl::Status s = CheckMemory(task, *costs_); !s.ok()) return s;
  const int waiting =
      static_cast<int>(entries_.size()) + running_.parked_requests;
  if (waiting < options_.max_queue) return absl::OkStatus();
  absl::Status full = absl::ResourceExhaustedError(
      absl::StrCat("the queue is full: ", waiting, " requests wait"));
  // A place gets free when the next one has its rows.
  const std::vector<absl::Duration> waits = EstimateWaits(
      running_.loads, {LoadOf(task, *costs_)}, RowLimitOf(task, *costs_));
  SetRetryDelay(std::max(kShortestRetryDelay, waits[0]), &full);
  return full;
}

absl::Status RequestQueue::CheckDeadline(const Task& task,
                                         absl::Duration wait) const {
  const absl::Duration needed = wait + LoneTime(task, *costs_);
  const absl::Duration left = task.deadline - clock_->Now();
  if (needed <= left) return absl::OkStatus();
  return absl::DeadlineExceededError(
      absl::StrCat("the deadline can't be met: ", absl::FormatDuration(left),
                   " are left, and the request would take about ",
                   absl::FormatDuration(needed)));
}

void RequestQueue::Foresee(absl::Time now, std::vector<int>* order,
                           std::vector<absl::Duration>* waits) const {
  std::vector<Standing> standings;
  for (const Entry& entry : entries_) {
    standings.push_back(ledger_->StandingOf(*entry.task, now));
    standings.back().work = WorkOfStep(*entry.task);
  }
  *order = ServiceOrder(standings);
  std::vector<Load> loads;
  int slots = 1;
  for (int i : *order) {
    loads.push_back(LoadOf(*entries_[i].task, *costs_));
    slots = std::max(slots, RowLimitOf(*entries_[i].task, *costs_));
  }
  *waits = EstimateWaits(running_.loads, loads, slots);
}

absl::Status RequestQueue::Enqueue(std::unique_ptr<Task>* task) {
  EncodedTexts texts = FindTexts(**task);
  const absl::Time now = clock_->Now();
  absl::MutexLock lock(&mutex_);
  if (absl::Status s = CheckRoom(**task); !s.ok()) return s;
  (*task)->id = next_id_++;
  (*task)->enqueued_at = now;
  ledger_->Enter(**task, now);
  entries_.emplace_back();
  entries_.back().task = std::move(*task);
  std::vector<int> order;
  std::vector<absl::Duration> waits;
  Foresee(now, &order, &waits);
  const auto mine = std::find(order.begin(), order.end(),
                              static_cast<int>(entries_.size()) - 1) -
                    order.begin();
  Entry& entry = entries_.back();
  if (absl::Status s = CheckDeadline(*entry.task, waits[mine]); !s.ok()) {
    ledger_->Leave(*entry.task);
    *task = std::move(entry.task);
    entries_.pop_back();
    return s;
  }
  entry.text = texts.complete() ? TextState::kReady : TextState::kNeeded;
  texts_needed_ += entry.text == TextState::kNeeded;
  entry.task->texts = std::move(texts);
  entry.announced_position = running_.requests + static_cast<int>(mine);
  // Under the lock, so that it comes before all that the scheduler sends.
  entry.task->sink->Emit(QueuedEvent{entry.announced_position, waits[mine]});
  positions_changed_ = true;
  ++version_;
  return absl::OkStatus();
}

bool RequestQueue::WaitForTexts() {
  absl::MutexLock lock(&mutex_);
  auto woken = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return closed_ || texts_needed_ > 0;
  };
  mutex_.Await(absl::Condition(&woken));
  return !closed_;
}

std::vector<RequestQueue::TextJob> RequestQueue::TakeTexts(int most) {
  const absl::Time now = clock_->Now();
  absl::MutexLock lock(&mutex_);
  std::vector<int> needy;
  std::vector<Standing> standings;
  for (int i = 0; i < static_cast<int>(entries_.size()); ++i) {
    if (entries_[i].text != TextState::kNeeded) continue;
    needy.push_back(i);
    standings.push_back(ledger_->StandingOf(*entries_[i].task, now));
  }
  std::vector<TextJob> jobs;
  for (int i : ServiceOrder(standings)) {
    if (static_cast<int>(jobs.size()) == most) break;
    Entry& entry = entries_[needy[i]];
    entry.text = TextState::kInWork;
    --texts_needed_;
    jobs.push_back({entry.task->id, entry.task->engine,
                    TextsOf(entry.task->params), entry.task->texts});
  }
  return jobs;
}

void RequestQueue::PutTexts(uint64_t id, absl::StatusOr<EncodedTexts> texts) {
  absl::MutexLock lock(&mutex_);
  auto entry = Find(id);
  // It may have been cancelled meanwhile.
  if (entry == entries_.end()) return;
  if (texts.ok()) {
    entry->task->texts = *std::move(texts);
    entry->text = TextState::kReady;
  } else {
    entry->failure = texts.status();
  }
  ++version_;
}

int64_t RequestQueue::version() const {
  absl::MutexLock lock(&mutex_);
  return version_;
}

bool RequestQueue::WaitForChange(int64_t seen, absl::Time until) {
  absl::MutexLock lock(&mutex_);
  auto changed = [this, seen]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return version_ != seen || closed_;
  };
  mutex_.AwaitWithDeadline(absl::Condition(&changed), until);
  return !closed_ || !entries_.empty();
}

std::vector<RequestQueue::Ready> RequestQueue::ReadyTasks() {
  const absl::Time now = clock_->Now();
  std::vector<Ready> ready;
  absl::MutexLock lock(&mutex_);
  for (const Entry& entry : entries_) {
    if (entry.text != TextState::kReady) continue;
    ready.push_back(
        {entry.task->id,
         WaitingCandidate(*entry.task, ledger_->StandingOf(*entry.task, now))});
  }
  return ready;
}

std::vector<RequestQueue::Entry>::iterator RequestQueue::Find(uint64_t id) {
  return std::find_if(
      entries_.begin(), entries_.end(),
      [id](const Entry& entry) { return entry.task->id == id; });
}

std::unique_ptr<Task> RequestQueue::Take(uint64_t id) {
  absl::MutexLock lock(&mutex_);
  auto entry = Find(id);
  if (entry == entries_.end()) return nullptr;
  std::unique_ptr<Task> task = std::move(entry->task);
  entries_.erase(entry);
  // At once, so that nobody is told of a place that is taken.
  ++running_.requests;
  positions_changed_ = true;
  return task;
}

std::vector<RequestQueue::Ended> RequestQueue::TakeEnded() {
  const absl::Time now = clock_->Now();
  std::vector<Ended> ended;
  absl::MutexLock lock(&mutex_);
  for (auto entry = entries_.begin(); entry != entries_.end();) {
    absl::Status why = CheckWanted(*entry->task, now);
    if (why.ok()) why = entry->failure;
    if (why.ok()) {
      ++entry;
      continue;
    }
    texts_needed_ -= entry->text == TextState::kNeeded;
    ledger_->Leave(*entry->task);
    ended.push_back({std::move(entry->task), std::move(why)});
    entry = entries_.erase(entry);
    positions_changed_ = true;
  }
  return ended;
}

void RequestQueue::SetRunning(Running running) {
  absl::MutexLock lock(&mutex_);
  positions_changed_ =
      positions_changed_ || running.requests != running_.requests;
  running_ = std::move(running);
}

void RequestQueue::AnnouncePositions() {
  const absl::Time now = clock_->Now();
  absl::MutexLock lock(&mutex_);
  if (!positions_changed_) return;
  positions_changed_ = false;
  std::vector<int> order;
  std::vector<absl::Duration> waits;
  Foresee(now, &order, &waits);
  for (size_t i = 0; i < order.size(); ++i) {
    Entry& entry = entries_[order[i]];
    const int position = running_.requests + static_cast<int>(i);
    const int change = std::abs(position - entry.announced_position);
    if (change < std::max(1, entry.announced_position / 4)) continue;
    entry.announced_position = position;
    entry.task->sink->Emit(QueuedEvent{position, waits[i]});
  }
}

int RequestQueue::size() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(entries_.size());
}

std::vector<std::unique_ptr<Task>> RequestQueue::Close(absl::Status why) {
  std::vector<std::unique_ptr<Task>> tasks;
  absl::MutexLock lock(&mutex_);
  if (!closed_) why_closed_ = std::move(why);
  closed_ = true;
  ++version_;
  texts_needed_ = 0;
  for (Entry& entry : entries_) {
    ledger_->Leave(*entry.task);
    tasks.push_back(std::move(entry.task));
  }
  entries_.clear();
  return tasks;
}

}  // namespace ella
