// The server program with a fake engine, for tests of the process. The model
// `missing` can't be loaded, and `slow` takes forever.
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "server/run_server.h"
#include "tests/fakes/fake_engine.h"

namespace {

absl::StatusOr<std::unique_ptr<ella::Engine>> CreateFakeEngine(
    const ella::EngineOptions& options) {
  if (options.model == "missing") {
    return absl::NotFoundError("missing/unet/config.json: no such file");
  }
  if (options.model == "slow") absl::Notification().WaitForNotification();
  return std::make_unique<ella::FakeEngine>();
}

}  // namespace

int main(int argc, char** argv) {
  return ella::RunServer({argv + 1, argv + argc}, CreateFakeEngine);
}
