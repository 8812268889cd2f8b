#include "server/models/model_store.h"

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "prometheus/registry.h"
#include "server/scheduling/retry_delay.h"
#include "tests/fakes/fake_clock.h"
#include "tests/fakes/fake_engine.h"

namespace ella {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kUnavailable = absl::StatusCode::kUnavailable;
constexpr auto kFailedPrecondition = absl::StatusCode::kFailedPrecondition;

// A model's source is what its weights take in MiB, or "missing".
EngineOptions Model(const std::string& name, const std::string& source) {
  EngineOptions options;
  options.name = name;
  options.model = source;
  return options;
}

class ModelStoreTest : public ::testing::Test {
 protected:
  void StartStore(int budget_mb = 0) {
    store_ = std::make_unique<ModelStore>(
        ModelOptions{.budget_mb = budget_mb},
        ModelStore::Parts{
            .loader =
                [this](const EngineOptions& options) { return Make(options); },
            .on_change =
                [this](const std::string& name, bool known) {
                  changes_.push_back((known ? "+" : "-") + name);
                },
            .clock = &clock_,
            .costs = &costs_,
            .metrics = &metrics_,
            .logger = &logger_});
  }

  // Each engine holds one of alive_.
  absl::StatusOr<std::unique_ptr<Engine>> Make(const EngineOptions& options) {
    absl::MutexLock lock(&mutex_);
    loads_.push_back(options.name);
    mutex_.Await(absl::Condition(&unblocked_));
    if (options.model == "missing") {
      return absl::NotFoundError("missing/unet/config.json: no such file");
    }
    auto engine = std::make_unique<FakeEngine>();
    engine->SetModel(options.name, int64_t{std::stoi(options.model)} << 20);
    engine->Hold(alive_);
    costs_.Add(engine.get());
    return engine;
  }

  void Add(const std::string& name, const std::string& source) {
    store_->Add(Model(name, source), *Make(Model(name, source)));
  }

  absl::Status Load(const std::string& name, const std::string& source) {
    absl::Notification done;
    absl::Status result;
    store_->Load(Model(name, source), [&](const absl::Status& status) {
      result = status;
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  }

  // Loads go one after another: once this one has failed, those before are
  // done, and engines that were let go are freed.
  void WaitForLoads() {
    EXPECT_FALSE(Load("last", "missing").ok());
    EXPECT_FALSE(Load("last", "missing").ok());
  }

  EnginePtr Get(const std::string& name) {
    absl::StatusOr<EnginePtr> engine = store_->Find(name);
    EXPECT_TRUE(engine.ok()) << engine.status();
    return engine.ok() ? *engine : nullptr;
  }

  std::vector<std::string> Loaded() {
    std::vector<std::string> names;
    for (const StoredModel& model : store_->List()) {
      if (model.loaded) names.push_back(model.options.name);
    }
    return names;
  }

  std::vector<std::string> loads() {
    absl::MutexLock lock(&mutex_);
    return loads_;
  }
  long engines_alive() { return alive_.use_count() - 1; }

  void Block(bool blocked) {
    absl::MutexLock lock(&mutex_);
    unblocked_ = !blocked;
  }

  FakeClock clock_;
  CostTables costs_{2};
  prometheus::Registry registry_;
  Metrics metrics_{&registry_, "test"};
  Logger logger_{{}, [](absl::string_view) {}, [] {}};
  const std::shared_ptr<int> alive_ = std::make_shared<int>();
  std::vector<std::string> changes_;
  absl::Mutex mutex_;
  bool unblocked_ ABSL_GUARDED_BY(mutex_) = true;
  std::vector<std::string> loads_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<ModelStore> store_;
};

TEST_F(ModelStoreTest, GivesTheModelOfAName) {
  StartStore();
  Add("a", "1");
  Add("b", "1");
  EXPECT_EQ(Get("a")->info().name, "a");
  EXPECT_EQ(Get("b")->info().name, "b");
  EXPECT_EQ(Get(""), Get("a"));
  const absl::Status unknown =
      store_->Find("x\n" + std::string(100000, 'y')).status();
  EXPECT_EQ(unknown.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(unknown.message(),
              AllOf(HasSubstr("one of a, b,"), HasSubstr("x\\nyyy")));
  EXPECT_LT(unknown.message().size(), 200u);
  EXPECT_EQ(store_->Engines().size(), 2u);
  EXPECT_THAT(changes_, ElementsAre("+a", "+b"));
}

TEST_F(ModelStoreTest, ASwapLeavesTheOldEngineToThoseWhoHaveIt) {
  StartStore();
  Add("a", "1");
  EnginePtr old = Get("a");
  EXPECT_TRUE(Load("a", "2").ok());
  EXPECT_NE(Get("a"), old);
  EXPECT_EQ(Get("a")->info().weight_bytes, 2 << 20);
  WaitForLoads();
  EXPECT_EQ(engines_alive(), 2);
  EXPECT_EQ(old->info().weight_bytes, 1 << 20);
  old.reset();
  WaitForLoads();
  EXPECT_EQ(engines_alive(), 1);
  EXPECT_EQ(metrics_.model_loads_ok.Value(), 1);
  EXPECT_EQ(metrics_.model_evictions_total.Value(), 0);
  EXPECT_THAT(changes_, ElementsAre("+a"));
}

TEST_F(ModelStoreTest, AFailedLoadLeavesAllAsItWas) {
  StartStore();
  Add("a", "1");
  const EnginePtr before = Get("a");
  const absl::Status swap = Load("a", "missing");
  EXPECT_EQ(swap.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(swap.message(), HasSubstr("config.json"));
  EXPECT_EQ(Get("a"), before);
  EXPECT_FALSE(Load("b", "missing").ok());
  EXPECT_EQ(store_->Find("b").status().code(), absl::StatusCode::kNotFound);
  ASSERT_EQ(store_->List().size(), 1u);
  EXPECT_EQ(store_->List()[0].options.model, "1");
  EXPECT_THAT(store_->List()[0].error, HasSubstr("config.json"));
  EXPECT_EQ(metrics_.model_loads_failed.Value(), 2);
}

TEST_F(ModelStoreTest, TheLeastRecentlyUsedGoesFirstAndComesBackWhenAsked) {
  StartStore(/*budget_mb=*/30);
  Add("a", "10");
  Add("b", "10");
  EXPECT_TRUE(Load("c", "10").ok());
  Get("b");
  Get("a");
  Get("c");
  EXPECT_TRUE(Load("d", "10").ok());
  EXPECT_THAT(Loaded(), ElementsAre("a", "c", "d"));
  WaitForLoads();
  EXPECT_EQ(engines_alive(), 3);
  const absl::Status status = store_->Find("b").status();
  EXPECT_EQ(status.code(), kUnavailable);
  EXPECT_GT(GetRetryDelay(status).value(), absl::ZeroDuration());
  WaitForLoads();
  EXPECT_THAT(Loaded(), ElementsAre("b", "c", "d"));
  EXPECT_EQ(Get("b")->info().name, "b");
  EXPECT_EQ(metrics_.model_evictions_total.Value(), 2);
}

TEST_F(ModelStoreTest, NoneThatIsInUseIsEvicted) {
  StartStore(/*budget_mb=*/20);
  Add("a", "10");
  Add("b", "10");
  EnginePtr a = Get("a"), b = Get("b");
  const absl::Status full = Load("c", "10");
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(full.message(), HasSubstr("--model-budget-mb"));
  EXPECT_THAT(Loaded(), ElementsAre("a", "b"));
  // A swap needs room for the new one only.
  EXPECT_TRUE(Load("b", "9").ok());
  b.reset();
  EXPECT_TRUE(Load("c", "10").ok());
  EXPECT_THAT(Loaded(), ElementsAre("a", "c"));
  const EnginePtr c = Get("c");
  const size_t loads_before = loads().size();
  EXPECT_EQ(store_->Find("b").status().code(), kUnavailable);
  WaitForLoads();
  EXPECT_EQ(loads().size(), loads_before + 2);  // WaitForLoads' own
  EXPECT_EQ(Load("d", "21").code(), absl::StatusCode::kResourceExhausted);
}

TEST_F(ModelStoreTest, UnloadForgetsTheNameAtOnceAndTheEngineAfterItsUse) {
  StartStore();
  Add("a", "1");
  EXPECT_EQ(store_->Unload("a").code(), kFailedPrecondition);
  EXPECT_EQ(store_->Unload("b").code(), absl::StatusCode::kNotFound);
  Add("b", "1");
  EnginePtr a = Get("a");
  EXPECT_TRUE(store_->Unload("a").ok());
  EXPECT_EQ(store_->Find("a").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Get("")->info().name, "b");
  EXPECT_THAT(changes_, ElementsAre("+a", "+b", "-a"));
  WaitForLoads();
  EXPECT_EQ(engines_alive(), 2);
  a.reset();
  WaitForLoads();
  EXPECT_EQ(engines_alive(), 1);
}

TEST_F(ModelStoreTest, OneLoadOfANameAtATime) {
  StartStore();
  Add("a", "1");
  Block(true);
  absl::Notification loaded;
  store_->Load(Model("a", "2"), [&](const absl::Status& status) {
    EXPECT_TRUE(status.ok());
    loaded.Notify();
  });
  EXPECT_EQ(Load("a", "3").code(), kFailedPrecondition);
  EXPECT_EQ(store_->Unload("a").code(), kFailedPrecondition);
  EXPECT_TRUE(store_->List()[0].loading);
  EXPECT_EQ(Get("a")->info().weight_bytes, 1 << 20);
  Block(false);
  loaded.WaitForNotification();
  EXPECT_FALSE(store_->List()[0].loading);
  EXPECT_EQ(Get("a")->info().weight_bytes, 2 << 20);
}

TEST_F(ModelStoreTest, AReloadThatFailedIsNotTriedAgainAtOnce) {
  StartStore();
  Add("a", "1");
  store_->Add(Model("later", "missing"), nullptr);
  EXPECT_THAT(Loaded(), ElementsAre("a"));
  EXPECT_THAT(store_->Find("later").status().message(),
              HasSubstr("is being loaded"));
  WaitForLoads();
  const size_t loads_before = loads().size();
  const absl::Status failed = store_->Find("later").status();
  EXPECT_EQ(failed.code(), kUnavailable);
  EXPECT_THAT(failed.message(), HasSubstr("could not be loaded"));
  EXPECT_EQ(GetRetryDelay(failed), absl::Seconds(30));
  clock_.Advance(absl::Seconds(30));
  EXPECT_THAT(store_->Find("later").status().message(),
              HasSubstr("is being loaded"));
  WaitForLoads();
  EXPECT_EQ(loads().size(), loads_before + 3);
}

TEST_F(ModelStoreTest, ClosedItAnswersThoseWhoWait) {
  StartStore();
  Add("a", "1");
  EXPECT_FALSE(store_->Close());
  StartStore();
  Add("a", "1");
  Block(true);
  absl::Status first, second;
  store_->Load(Model("b", "1"), [&](const absl::Status& s) { first = s; });
  store_->Load(Model("c", "1"), [&](const absl::Status& s) { second = s; });
  {
    absl::MutexLock lock(&mutex_);
    auto begun = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return !loads_.empty() && loads_.back() == "b";
    };
    mutex_.Await(absl::Condition(&begun));
  }
  EXPECT_TRUE(store_->Close());
  EXPECT_EQ(first.code(), kUnavailable);
  EXPECT_EQ(second.code(), kUnavailable);
  EXPECT_EQ(Load("d", "1").code(), kUnavailable);
  Block(false);
  store_.reset();
  EXPECT_EQ(loads().back(), "b");
  EXPECT_EQ(engines_alive(), 0);
}

}  // namespace
}  // namespace ella
