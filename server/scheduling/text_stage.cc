#include "server/scheduling/text_stage.h"

#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace ella {
namespace {

// Tasks of one pass: enough to share it, few enough that the first of them
// doesn't wait long for the last.
constexpr int kTasksAPass = 8;

struct ByText {
  bool operator()(const Text& a, const Text& b) const {
    return std::tie(a.mode, a.text) < std::tie(b.mode, b.text);
  }
};

}  // namespace

TextStage::TextStage(RequestQueue* queue, const Clock* clock, Metrics* metrics)
    : queue_(queue), clock_(clock), metrics_(metrics) {}

void TextStage::Run() {
  while (queue_->WaitForTexts()) RunOnce();
}

bool TextStage::RunOnce() {
  std::vector<RequestQueue::TextJob> jobs = queue_->TakeTexts(kTasksAPass);
  std::map<Engine*, std::vector<RequestQueue::TextJob*>> by_engine;
  for (RequestQueue::TextJob& job : jobs)
    by_engine[job.engine.get()].push_back(&job);
  for (auto& [engine, its_jobs] : by_engine) Encode(std::move(its_jobs));
  return !jobs.empty();
}

void TextStage::Encode(std::vector<RequestQueue::TextJob*> jobs) {
  Engine* const engine = jobs[0]->engine.get();
  // Where each text's encoding goes, or what came of it.
  std::map<Text, absl::StatusOr<EncodingPtr>, ByText> encodings;
  std::vector<Text> missing;
  for (RequestQueue::TextJob* job : jobs) {
    for (size_t i = 0; i < job->texts.size(); ++i) {
      if (job->result.encodings[i] != nullptr) continue;
      // It may have come since the task was queued.
      EncodingPtr found = engine->FindEncoding(job->texts[i]);
      if (found != nullptr) {
        job->result.encodings[i] = std::move(found);
        ++job->result.cache_hits;
      } else if (encodings.try_emplace(job->texts[i], nullptr).second) {
        missing.push_back(job->texts[i]);
      }
    }
  }
  absl::Duration elapsed;
  if (!missing.empty()) {
    const absl::Time begin = clock_->Now();
    std::vector<absl::StatusOr<EncodingPtr>> encoded = engine->Encode(missing);
    elapsed = clock_->Now() - begin;
    metrics_->text_encode_duration_seconds.Observe(
        absl::ToDoubleSeconds(elapsed));
    for (size_t i = 0; i < missing.size(); ++i) {
      encodings.at(missing[i]) = std::move(encoded[i]);
    }
  }
  for (RequestQueue::TextJob* job : jobs) {
    absl::Status status;
    for (size_t i = 0; i < job->texts.size(); ++i) {
      if (job->result.encodings[i] != nullptr) continue;
      const absl::StatusOr<EncodingPtr>& encoded = encodings.at(job->texts[i]);
      status.Update(encoded.status());
      if (encoded.ok()) job->result.encodings[i] = *encoded;
      job->result.time = elapsed;
    }
    if (status.ok()) {
      queue_->PutTexts(job->id, std::move(job->result));
    } else {
      queue_->PutTexts(job->id, std::move(status));
    }
  }
}

}  // namespace ella
