// Every verb of `ella` that draws, while its servers are restarted one by one.
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/client/ella_command.h"
#include "tests/cluster/server_process.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

namespace fs = std::filesystem;
using ::testing::IsEmpty;

constexpr int kServers = 3;

// Verbs that are run again and again, one of each at a time.
class Verbs {
 public:
  Verbs(const std::string& folder, const std::string& servers)
      : folder_(folder), servers_(servers) {
    fs::create_directory(folder + "/prompts");
    for (int i = 0; i < 6; ++i) {
      std::ofstream(absl::StrCat(folder, "/prompts/", i, ".txt"))
          << "fox " << i;
    }
    Repeat("generate", {"generate", "a fox", "--count", "2", "-o"}, ".png",
           {".png", ".1.png"});
    Repeat("compare", {"compare", "a fox", "a hen", "-o"}, "",
           {"/000.png", "/001.png"});
    Repeat("dpg", {"dpg", "generate", folder + "/prompts", "-o"}, "",
           {"/0.png", "/1.png", "/2.png", "/3.png", "/4.png", "/5.png"});
  }
  ~Verbs() { Stop(); }

  // Until each has been run so many further times.
  void Await(int runs) {
    absl::MutexLock lock(&mutex_);
    std::map<std::string, int> until = runs_;
    for (auto& [verb, count] : until) count += runs;
    auto reached = [this, &until]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      for (const auto& [verb, count] : until) {
        if (runs_.at(verb) < count) return false;
      }
      return true;
    };
    mutex_.Await(absl::Condition(&reached));
  }

  // What went wrong.
  std::vector<std::string> Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
    absl::MutexLock lock(&mutex_);
    return failures_;
  }

 private:
  // `args` end before the output's name, to which `ending` belongs; each run
  // makes the files of these endings.
  void Repeat(const std::string& verb, const std::vector<std::string>& args,
              const std::string& ending,
              const std::vector<std::string>& files) {
    {
      absl::MutexLock lock(&mutex_);
      runs_[verb] = 0;
    }
    threads_.emplace_back([=, this] {
      for (int i = 0; !stopped(); ++i) {
        const std::string out = absl::StrCat(folder_, "/", verb, i);
        std::vector<std::string> whole = args;
        for (const std::string& arg :
             {out + ending, std::string("--server"), servers_,
              std::string("--steps"), std::string("20"), std::string("--size"),
              std::string("16x16"), std::string("--timeout"),
              std::string("120")}) {
          whole.push_back(arg);
        }
        const std::string log = out + ".log";
        const int code = EllaProcess(whole, log).Wait();
        std::string failure;
        if (code != 0) {
          std::ifstream in(log);
          failure =
              absl::StrCat("exit ", code, ": ",
                           std::string(std::istreambuf_iterator<char>(in), {}));
        }
        for (const std::string& file : files) {
          if (!fs::exists(out + file)) absl::StrAppend(&failure, " no ", file);
        }
        absl::MutexLock lock(&mutex_);
        ++runs_[verb];
        if (!failure.empty()) {
          failures_.push_back(absl::StrCat(verb, ": ", failure));
        }
      }
    });
  }

  bool stopped() {
    absl::MutexLock lock(&mutex_);
    return stopped_;
  }

  const std::string folder_;
  const std::string servers_;
  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, int> runs_ ABSL_GUARDED_BY(mutex_);  // that ended
  std::vector<std::string> failures_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;
};

TEST(RollingVerbsTest, EveryVerbGetsItsImages) {
  const TempFolder folder;
  ServerGroup servers("paced", kServers);
  Verbs verbs(folder.path(), absl::StrJoin(servers.addresses(), ","));
  for (int i = 0; i < kServers; ++i) {
    verbs.Await(1);
    EXPECT_EQ(servers.Restart(i), 0);
  }
  verbs.Await(1);
  EXPECT_THAT(verbs.Stop(), IsEmpty());
}

}  // namespace
}  // namespace ella
