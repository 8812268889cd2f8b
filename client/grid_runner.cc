#include "client/grid_runner.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "client/generate_client.h"
#include "client/output_files.h"
#include "client/rpc_status.h"

namespace ella {
namespace {

constexpr absl::Duration kReportEvery = absl::Milliseconds(250);

// Whether other prompts may fare better with the same settings.
bool ConcernsOnePrompt(const absl::Status& error) {
  if (absl::IsInternal(error) || absl::IsUnknown(error)) return true;
  if (!absl::IsInvalidArgument(error)) return false;
  const std::vector<BadField> fields = BadFields(error);
  return !fields.empty() &&
         std::all_of(fields.begin(), fields.end(),
                     [](const BadField& bad) { return bad.field == "prompt"; });
}

// What one request has done of its steps.
class StepShare {
 public:
  explicit StepShare(uint32_t num_images) : num_images_(num_images) {}

  // Of what has come nothing is drawn again.
  void Restart(const std::map<uint32_t, RgbImage>& come) {
    std::erase_if(steps_done_, [&come](const auto& image_and_steps) {
      return come.count(image_and_steps.first) == 0;
    });
  }
  void Take(const v1::Progress& progress) {
    steps_ = progress.steps();
    steps_done_[progress.image_index()] = progress.step();
  }

  double Get() const {
    double done = 0;
    for (const auto& [image, steps] : steps_done_) done += steps;
    return done == 0 ? 0 : done / (steps_ * num_images_);
  }

 private:
  const double num_images_;
  double steps_ = 0;
  std::map<uint32_t, uint32_t> steps_done_;  // by image
};

class GridRun {
 public:
  GridRun(const std::vector<GridJob>& jobs, const GridRunnerOptions& options,
          Cancellation* cancellation)
      : jobs_(jobs),
        options_(options),
        cancellation_(cancellation),
        servers_(MakeChannels(options.server)),
        begun_(absl::Now()) {
    for (const GridJob& job : jobs) num_requests_ += job.requests.size();
  }

  absl::Status Run() {
    std::vector<std::thread> threads;
    const size_t count = std::min<size_t>(options_.in_flight, num_requests_);
    for (size_t i = 0; i < count; ++i) {
      threads.emplace_back([this, i] { Work(i); });
    }
    for (std::thread& thread : threads) thread.join();
    absl::MutexLock lock(&mutex_);
    if (error_.ok() && ended_ < jobs_.size()) {
      return absl::CancelledError("interrupted");
    }
    return error_;
  }

 private:
  using Pictures = std::vector<RgbImage>;

  struct Call {
    size_t job = 0;
    size_t request = 0;
  };

  // A grid of which some requests have begun.
  struct Begun {
    std::vector<Pictures> pictures;  // by request
    size_t waiting_for = 0;          // requests
  };

  // Worker i begins with server i, so that all have work.
  void Work(size_t worker) {
    ClientOptions client_options;
    client_options.cancellation = cancellation_;
    client_options.on_retry = [this](const std::string& server,
                                     const absl::Status& error,
                                     absl::Duration delay) {
      absl::MutexLock lock(&report_mutex_);
      if (options_.on_retry) options_.on_retry(server, error, delay);
    };
    std::vector<ServerChannel> servers = servers_;
    std::rotate(servers.begin(), servers.begin() + worker % servers.size(),
                servers.end());
    GenerateClient client(servers, client_options);
    while (const std::optional<Call> call = NextCall()) {
      const GridJob& job = jobs_[call->job];
      absl::StatusOr<Pictures> pictures =
          Draw(client, job.requests[call->request]);
      if (!pictures.ok()) {
        Fail(call->job, pictures.status());
      } else if (std::optional<Pictures> all =
                     Keep(*call, *std::move(pictures))) {
        Finish(job, *all);
      }
    }
  }

  std::optional<Call> NextCall() {
    absl::MutexLock lock(&mutex_);
    while (next_.job < jobs_.size() && !cancellation_->cancelled()) {
      const size_t count = jobs_[next_.job].requests.size();
      if (next_.request == 0) {
        grids_[next_.job] = {std::vector<Pictures>(count), count};
      }
      const auto grid = grids_.find(next_.job);
      if (next_.request < count && grid != grids_.end()) {
        return Call{next_.job, next_.request++};
      }
      // Requests that a failed grid needs no more.
      requests_done_ += static_cast<double>(count - next_.request);
      next_ = {next_.job + 1, 0};
    }
    return std::nullopt;
  }

  absl::StatusOr<Pictures> Draw(GenerateClient& client,
                                const v1::GenerateRequest& request) {
    const absl::Time deadline = absl::Now() + absl::Seconds(options_.timeout_s);
    std::map<uint32_t, RgbImage> pictures;  // by index
    StepShare share(request.num_images());
    double counted = 0;
    const absl::Status status = client.Generate(
        request, deadline, [&](const v1::GenerateResponse& event) {
          if (event.has_started()) share.Restart(pictures);
          if (event.has_progress()) share.Take(event.progress());
          Count(share.Get(), &counted);
          return event.has_image() ? Decode(event.image(), &pictures)
                                   : absl::OkStatus();
        });
    Count(1, &counted);
    if (!status.ok()) return status;
    if (pictures.size() != request.num_images()) {
      return absl::InternalError(absl::StrCat("the server sent ",
                                              pictures.size(), " pictures of ",
                                              request.num_images()));
    }
    Pictures in_order;
    for (auto& [index, picture] : pictures) {
      in_order.push_back(std::move(picture));
    }
    return in_order;
  }

  static absl::Status Decode(const v1::GeneratedImage& image,
                             std::map<uint32_t, RgbImage>* pictures) {
    absl::StatusOr<DecodedPng> png = DecodePng(image.image().data());
    if (!png.ok()) return absl::InternalError(png.status().message());
    (*pictures)[image.image_index()] = std::move(png->image);
    return absl::OkStatus();
  }

  // A request has come so far; *counted is what was known of it.
  void Count(double share, double* counted) {
    {
      absl::MutexLock lock(&mutex_);
      requests_done_ += share - *counted;
      *counted = share;
      const absl::Time now = absl::Now();
      if (now < next_report_) return;
      next_report_ = now + kReportEvery;
    }
    Report();
  }

  // All pictures of the grid, where these were the last ones.
  std::optional<Pictures> Keep(const Call& call, Pictures pictures) {
    absl::MutexLock lock(&mutex_);
    const auto found = grids_.find(call.job);
    if (found == grids_.end()) return std::nullopt;  // another call has failed
    Begun& grid = found->second;
    grid.pictures[call.request] = std::move(pictures);
    if (--grid.waiting_for > 0) return std::nullopt;
    Pictures all;
    for (Pictures& some : grid.pictures) {
      for (RgbImage& picture : some) all.push_back(std::move(picture));
    }
    grids_.erase(found);
    return all;
  }

  void Finish(const GridJob& job, const Pictures& pictures) {
    const absl::StatusOr<RgbImage> grid = MakeGrid(pictures, options_.layout);
    absl::StatusOr<std::string> png =
        grid.ok() ? EncodePng(*grid, job.texts) : grid.status();
    const absl::Status status =
        png.ok() ? WriteFile(job.path, *png) : png.status();
    if (status.ok()) {
      End(job, status);
    } else {
      Stop(WithName(job.name, status));
    }
  }

  void Fail(size_t index, const absl::Status& error) {
    if (cancellation_->cancelled()) return;
    if (!ConcernsOnePrompt(error)) {
      return Stop(WithName(jobs_[index].name, error));
    }
    {
      absl::MutexLock lock(&mutex_);
      if (grids_.erase(index) == 0) return;  // another call has failed
    }
    End(jobs_[index], error);
  }

  void Stop(const absl::Status& error) {
    {
      absl::MutexLock lock(&mutex_);
      error_.Update(error);
    }
    cancellation_->Cancel();
  }

  void End(const GridJob& job, const absl::Status& status) {
    {
      absl::MutexLock lock(&mutex_);
      ++ended_;
    }
    {
      absl::MutexLock lock(&report_mutex_);
      if (options_.on_end) options_.on_end(job, status);
    }
    Report();
  }

  void Report() {
    if (!options_.on_progress) return;
    absl::MutexLock report_lock(&report_mutex_);
    GridProgress progress;
    {
      absl::MutexLock lock(&mutex_);
      progress.grids = jobs_.size();
      progress.ended = ended_;
      progress.share = requests_done_ / static_cast<double>(num_requests_);
      progress.elapsed = absl::Now() - begun_;
    }
    options_.on_progress(progress);
  }

  const std::vector<GridJob>& jobs_;
  const GridRunnerOptions& options_;
  Cancellation* const cancellation_;
  const std::vector<ServerChannel> servers_;
  const absl::Time begun_;
  size_t num_requests_ = 0;

  // Held while someone is told something; before mutex_.
  absl::Mutex report_mutex_;

  absl::Mutex mutex_;
  Call next_ ABSL_GUARDED_BY(mutex_);
  std::map<size_t, Begun> grids_ ABSL_GUARDED_BY(mutex_);  // by job
  double requests_done_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t ended_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::Time next_report_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Status error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

absl::Status DrawGrids(const std::vector<GridJob>& jobs,
                       const GridRunnerOptions& options,
                       Cancellation* cancellation) {
  return GridRun(jobs, options, cancellation).Run();
}

}  // namespace ella
