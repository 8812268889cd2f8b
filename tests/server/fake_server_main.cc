// The server program with a fake engine, for tests of the process. The model
// `missing` can't be loaded, and `slow` takes forever to. The steps of `paced`
// take some milliseconds, so that requests meet. `fragile` loses its device at
// the seed 666.
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "server/run_server.h"
#include "tests/fakes/fake_engine.h"

namespace {

absl::StatusOr<std::unique_ptr<ella::Engine>> CreateFakeEngine(
    const ella::EngineOptions& options) {
  if (options.model == "missing") {
    return absl::NotFoundError("missing/unet/config.json: no such file");
  }
  if (options.model == "slow") absl::Notification().WaitForNotification();
  auto engine = std::make_unique<ella::FakeEngine>();
  if (options.model == "paced") {
    engine->SetStepTime([](int) {
      absl::SleepFor(absl::Milliseconds(5));
      return absl::ZeroDuration();
    });
  } else if (options.model == "fragile") {
    engine->FailStep(666, 1, absl::UnavailableError("CUDA error: 700"));
  }
  return engine;
}

}  // namespace

int main(int argc, char** argv) {
  return ella::RunServer({argv + 1, argv + argc}, CreateFakeEngine);
}
