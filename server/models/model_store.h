#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "model/api/engine.h"
#include "server/config/model_options.h"
#include "server/logging/logger.h"
#include "server/metrics/metrics.h"
#include "server/output/work_queue.h"
#include "server/scheduling/clock.h"
#include "server/scheduling/cost_tables.h"
#include "server/scheduling/task.h"

namespace ella {

// What the store knows of one model.
struct StoredModel {
  EngineOptions options;
  bool loaded = false;
  bool loading = false;
  std::optional<ModelInfo> info;  // once it has been loaded
  std::string error;              // of the last load, where that failed
};

// The models by name. One that is loaded serves requests; one that isn't, since
// the budget had no room for it, is loaded when it is asked for. A request
// keeps its engine for as long as it holds the pointer, whatever becomes of the
// name. Models are loaded one at a time on a thread of the store, and freed
// there too, as both may take long.
//
// Thread-safe; no call waits for a load.
class ModelStore {
 public:
  // Makes an engine that is ready to serve, and enters it into the cost tables.
  // Called on the store's thread.
  using Loader = std::function<absl::StatusOr<std::unique_ptr<Engine>>(
      const EngineOptions& options)>;
  // What came of a load.
  using Done = absl::AnyInvocable<void(const absl::Status& status)>;

  // All outlive the store and the engines that it has given.
  struct Parts {
    Loader loader;
    // Told, under the store's lock, when a name begins and ceases to be known.
    std::function<void(const std::string& name, bool known)> on_change;
    const Clock* clock = nullptr;
    CostTables* costs = nullptr;
    Metrics* metrics = nullptr;
    Logger* logger = nullptr;
  };

  ModelStore(const ModelOptions& options, Parts parts);
  ModelStore(const ModelStore&) = delete;
  ModelStore& operator=(const ModelStore&) = delete;
  // Waits for a load under way. No engine that it gave is in use any more.
  ~ModelStore();

  // At the start, once at least: a model that is ready, or null for one to be
  // loaded when it is asked for. The first of all models is the default.
  void Add(const EngineOptions& options, std::unique_ptr<Engine> engine);

  // The model for a request; an empty name means the default. NotFound;
  // Unavailable with a retry delay where it isn't loaded, and then it is being
  // loaded if the budget can have room for it.
  absl::StatusOr<EnginePtr> Find(const std::string& name);

  // Loads a model under a new name, or in place of the one that has the name.
  // `done` is called once, on any thread. A failure leaves all as it was.
  void Load(const EngineOptions& options, Done done);

  // Forgets the model. NotFound, or FailedPrecondition where it is being loaded
  // or is the only one.
  absl::Status Unload(const std::string& name);

  std::vector<StoredModel> List() const;
  // Of those that are loaded.
  std::vector<EnginePtr> Engines() const;
  int64_t budget_bytes() const { return options_.budget_bytes(); }

  // Begins no further load, and answers those who wait for one with
  // Unavailable. Whether a load is under way.
  bool Close();

 private:
  struct Entry {
    StoredModel model;
    EnginePtr engine;              // null unless loaded
    std::weak_ptr<Engine> in_use;  // what requests hold of it
    Done done;            // of the load that goes on; null where nobody waits
    bool is_new = false;  // known for the load that goes on only
    int64_t last_use = 0;
    absl::Time retry_at = absl::InfinitePast();
  };

  void RunLoad(const EngineOptions& options);
  // What a load has made, or its error, takes its place.
  absl::Status Place(const EngineOptions& options,
                     absl::StatusOr<std::unique_ptr<Engine>> engine,
                     std::vector<EnginePtr>* gone, Done* done);
  EnginePtr Own(std::unique_ptr<Engine> engine);
  // For a request.
  static EnginePtr Lend(Entry* entry);
  // Begins a load unless one goes on.
  absl::Status Begin(Entry* entry, const EngineOptions& options)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Which idle models must go, so that `entry` may take so many bytes.
  absl::StatusOr<std::vector<Entry*>> RoomFor(const Entry* entry, int64_t bytes)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Entry* FindEntry(absl::string_view name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status Unknown(absl::string_view name) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Erase(const Entry* entry) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ModelOptions options_;
  const Parts parts_;

  mutable absl::Mutex mutex_;
  std::vector<std::unique_ptr<Entry>> entries_ ABSL_GUARDED_BY(mutex_);
  int64_t uses_ ABSL_GUARDED_BY(mutex_) = 0;
  bool running_ ABSL_GUARDED_BY(mutex_) = false;  // a load
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
  WorkQueue work_;  // last, as its jobs use the rest
};

}  // namespace ella
