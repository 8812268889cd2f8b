#include "server/models/model_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "server/scheduling/retry_delay.h"

namespace ella {
namespace {

// After it a request for a model that is being loaded may try again.
constexpr absl::Duration kLoadingDelay = absl::Seconds(2);
// So long nobody has a model loaded that failed to load.
constexpr absl::Duration kFailureDelay = absl::Seconds(30);

absl::Status Unavailable(std::string message, absl::Duration delay) {
  absl::Status status = absl::UnavailableError(std::move(message));
  SetRetryDelay(delay, &status);
  return status;
}

absl::Status ShuttingDown() {
  return absl::UnavailableError("the server is shutting down");
}

}  // namespace

ModelStore::ModelStore(const ModelOptions& options, Parts parts)
    : options_(options), parts_(std::move(parts)), work_(/*threads=*/1) {}

ModelStore::~ModelStore() {
  Close();
  absl::MutexLock lock(&mutex_);
  entries_.clear();
}

EnginePtr ModelStore::Own(std::unique_ptr<Engine> engine) {
  return EnginePtr(engine.release(), [this](Engine* unused) {
    work_.Add([this, unused] {
      parts_.costs->Remove(unused);
      delete unused;
    });
  });
}

EnginePtr ModelStore::Lend(Entry* entry) {
  EnginePtr lent = entry->in_use.lock();
  if (lent == nullptr) {
    // Let go explicitly: a deleter outlives its use as long as in_use does.
    lent = EnginePtr(entry->engine.get(),
                     [kept = entry->engine](Engine*) mutable { kept.reset(); });
    entry->in_use = lent;
  }
  return lent;
}

void ModelStore::Add(const EngineOptions& options,
                     std::unique_ptr<Engine> engine) {
  auto entry = std::make_unique<Entry>();
  entry->model.options = options;
  if (engine != nullptr) {
    entry->model.loaded = true;
    entry->model.info = engine->info();
    entry->engine = Own(std::move(engine));
  }
  absl::MutexLock lock(&mutex_);
  entries_.push_back(std::move(entry));
  parts_.on_change(options.name, /*known=*/true);
}

absl::StatusOr<EnginePtr> ModelStore::Find(const std::string& name) {
  absl::MutexLock lock(&mutex_);
  Entry* entry = name.empty() ? entries_.front().get() : FindEntry(name);
  if (entry == nullptr || entry->is_new) return Unknown(name);
  if (entry->engine != nullptr) {
    entry->last_use = ++uses_;
    return Lend(entry);
  }
  const StoredModel& model = entry->model;
  const absl::Time now = parts_.clock->Now();
  if (!model.loading && now < entry->retry_at) {
    return Unavailable(absl::StrCat("model ", model.options.name,
                                    " could not be loaded; the log says why"),
                       entry->retry_at - now);
  }
  if (!model.loading && model.info &&
      !RoomFor(entry, model.info->weight_bytes).ok()) {
    return Unavailable(absl::StrCat("model ", model.options.name,
                                    " is not loaded, and those that are loaded "
                                    "are in use"),
                       kLoadingDelay);
  }
  if (!model.loading) {
    if (absl::Status s = Begin(entry, model.options); !s.ok()) return s;
  }
  return Unavailable(
      absl::StrCat("model ", model.options.name, " is being loaded"),
      kLoadingDelay);
}

void ModelStore::Load(const EngineOptions& options, Done done) {
  absl::Status status;
  {
    absl::MutexLock lock(&mutex_);
    Entry* entry = FindEntry(options.name);
    if (entry == nullptr) {
      entries_.push_back(std::make_unique<Entry>());
      entry = entries_.back().get();
      entry->model.options = options;
      entry->is_new = true;
    }
    status = Begin(entry, options);
    if (status.ok()) {
      entry->done = std::move(done);
      return;
    }
    if (entry->is_new && !entry->model.loading) Erase(entry);
  }
  done(status);
}

absl::Status ModelStore::Begin(Entry* entry, const EngineOptions& options) {
  if (closed_) return ShuttingDown();
  if (entry->model.loading) {
    return absl::FailedPreconditionError(
        absl::StrCat("model ", options.name, " is being loaded already"));
  }
  entry->model.loading = true;
  work_.Add([this, options] { RunLoad(options); });
  return absl::OkStatus();
}

void ModelStore::RunLoad(const EngineOptions& options) {
  {
    absl::MutexLock lock(&mutex_);
    if (closed_) return;
    running_ = true;
  }
  parts_.logger->Info(
      absl::StrCat("loading model ", options.name, " from ", options.model));
  absl::StatusOr<std::unique_ptr<Engine>> engine = parts_.loader(options);
  std::vector<EnginePtr> gone;
  Done done;
  const absl::Status status = Place(options, std::move(engine), &gone, &done);
  (status.ok() ? parts_.metrics->model_loads_ok
               : parts_.metrics->model_loads_failed)
      .Increment();
  if (status.ok()) {
    parts_.logger->Info(absl::StrCat("model ", options.name, " is served"));
  } else {
    parts_.logger->Error(absl::StrCat("model ", options.name,
                                      " was not loaded: ", status.message()));
  }
  if (done) done(status);
}

absl::Status ModelStore::Place(const EngineOptions& options,
                               absl::StatusOr<std::unique_ptr<Engine>> engine,
                               std::vector<EnginePtr>* gone, Done* done) {
  absl::Status status = engine.status();
  EnginePtr loaded;
  if (status.ok()) loaded = Own(*std::move(engine));
  absl::MutexLock lock(&mutex_);
  running_ = false;
  if (closed_) {
    gone->push_back(std::move(loaded));
    return ShuttingDown();
  }
  // Nobody forgets a model that is being loaded.
  Entry* const entry = FindEntry(options.name);
  entry->model.loading = false;
  *done = std::move(entry->done);
  entry->done = nullptr;
  std::vector<Entry*> evicted;
  if (status.ok()) {
    absl::StatusOr<std::vector<Entry*>> room =
        RoomFor(entry, loaded->info().weight_bytes);
    status = room.status();
    if (room.ok()) evicted = *std::move(room);
  }
  if (!status.ok()) {
    gone->push_back(std::move(loaded));
    entry->model.error = std::string(status.message());
    entry->retry_at = parts_.clock->Now() + kFailureDelay;
    if (entry->is_new) Erase(entry);
    return status;
  }
  for (Entry* each : evicted) {
    gone->push_back(std::move(each->engine));
    each->engine = nullptr;
    each->model.loaded = false;
    parts_.metrics->model_evictions_total.Increment();
    parts_.logger->Info(
        absl::StrCat("unloaded model ", each->model.options.name,
                     ", the least recently used, for ", options.name));
  }
  gone->push_back(std::move(entry->engine));
  entry->model = {options, /*loaded=*/true, /*loading=*/false, loaded->info(),
                  /*error=*/""};
  entry->engine = std::move(loaded);
  entry->in_use.reset();
  entry->last_use = ++uses_;
  if (entry->is_new) parts_.on_change(options.name, /*known=*/true);
  entry->is_new = false;
  return status;
}

absl::StatusOr<std::vector<ModelStore::Entry*>> ModelStore::RoomFor(
    const Entry* entry, int64_t bytes) {
  std::vector<Entry*> evicted;
  const int64_t budget = options_.budget_bytes();
  if (budget == 0) return evicted;
  int64_t total = bytes;
  std::vector<Entry*> idle;
  for (const auto& each : entries_) {
    if (each.get() == entry || each->engine == nullptr) continue;
    total += each->model.info->weight_bytes;
    if (each->in_use.expired()) idle.push_back(each.get());
  }
  std::sort(idle.begin(), idle.end(), [](const Entry* a, const Entry* b) {
    return a->last_use < b->last_use;
  });
  for (Entry* each : idle) {
    if (total <= budget) break;
    total -= each->model.info->weight_bytes;
    evicted.push_back(each);
  }
  if (total <= budget) return evicted;
  return absl::ResourceExhaustedError(absl::StrCat(
      "the model takes ", bytes >> 20,
      " MiB, and with those in use that makes ", total >> 20,
      " MiB, more than the ", budget >> 20, " MiB of --model-budget-mb"));
}

absl::Status ModelStore::Unload(const std::string& name) {
  EnginePtr gone;  // let go after the lock
  absl::MutexLock lock(&mutex_);
  Entry* const entry = FindEntry(name);
  if (entry == nullptr) return Unknown(name);
  if (entry->model.loading) {
    return absl::FailedPreconditionError(
        absl::StrCat("model ", name, " is being loaded"));
  }
  if (std::count_if(entries_.begin(), entries_.end(),
                    [](const auto& each) { return !each->is_new; }) == 1) {
    return absl::FailedPreconditionError(absl::StrCat(
        "model ", name, " is the only one: load another one first"));
  }
  gone = std::move(entry->engine);
  Erase(entry);
  parts_.on_change(name, /*known=*/false);
  parts_.logger->Info(absl::StrCat("model ", name, " is no longer served"));
  return absl::OkStatus();
}

std::vector<StoredModel> ModelStore::List() const {
  absl::MutexLock lock(&mutex_);
  std::vector<StoredModel> models;
  for (const auto& entry : entries_) models.push_back(entry->model);
  return models;
}

std::vector<EnginePtr> ModelStore::Engines() const {
  absl::MutexLock lock(&mutex_);
  std::vector<EnginePtr> engines;
  for (const auto& entry : entries_) {
    if (entry->engine != nullptr) engines.push_back(entry->engine);
  }
  return engines;
}

bool ModelStore::Close() {
  std::vector<Done> waiting;
  bool running;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = true;
    running = running_;
    for (const auto& entry : entries_) {
      if (entry->done) waiting.push_back(std::move(entry->done));
      entry->done = nullptr;
    }
  }
  for (Done& done : waiting) done(ShuttingDown());
  return running;
}

ModelStore::Entry* ModelStore::FindEntry(absl::string_view name) {
  for (const auto& entry : entries_) {
    if (entry->model.options.name == name) return entry.get();
  }
  return nullptr;
}

absl::Status ModelStore::Unknown(absl::string_view name) const {
  std::vector<std::string> known;
  for (const auto& entry : entries_) {
    if (!entry->is_new) known.push_back(entry->model.options.name);
  }
  // What a client wrote may be long, and anything.
  return absl::NotFoundError(
      absl::StrCat("model must be one of ", absl::StrJoin(known, ", "),
                   ", was ", "\"", absl::CHexEscape(name.substr(0, 64)), "\""));
}

void ModelStore::Erase(const Entry* entry) {
  std::erase_if(entries_,
                [entry](const auto& each) { return each.get() == entry; });
}

}  // namespace ella
