#include "client/model_admin_verbs.h"


#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "ella/v1/model_admin.grpc.pb.h"
#include "gmock/gmock.h"
#include "tests/client/ella_command.h"
#include "tests/client/in_process_server.h"

namespace ella {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FakeAdminService final : public v1::ModelAdminService::Service {
 public:
  // What each call was asked for, such as "load a b".
  std::vector<std::string> calls() const {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  void Record(std::string call) {
    absl::MutexLock lock(&mutex_);
    calls_.push_back(std::move(call));
  }

  grpc::Status LoadModel(grpc::ServerContext*,
                         const v1::LoadModelRequest* request,
                         v1::LoadModelResponse* response) override {
    Record(absl::StrCat("load ", request->name(), " ", request->source()));
    if (request->source() == "missing") {
      return {grpc::StatusCode::NOT_FOUND, "no such folder"};
    }
    response->mutable_model()->set_fingerprint("0123456789abcdef");
    response->mutable_model()->set_weight_bytes(3 << 20);
    return grpc::Status::OK;
  }

  grpc::Status UnloadModel(grpc::ServerContext*,
                           const v1::UnloadModelRequest* request,
                           v1::UnloadModelResponse*) override {
    Record(absl::StrCat("unload ", request->name()));
    return grpc::Status::OK;
  }

  grpc::Status ListModelStatuses(
      grpc::ServerContext*, const v1::ListModelStatusesRequest*,
      v1::ListModelStatusesResponse* response) override {
    v1::ModelStatus* model = response->add_models();
    model->set_name("a");
    model->set_source("b/c");
    model->set_state(v1::MODEL_STATE_UNLOADED);
    model->set_error("no such folder");
    response->set_budget_bytes(5 << 20);
    return grpc::Status::OK;
  }

  mutable absl::Mutex mutex_;
  std::vector<std::string> calls_ ABSL_GUARDED_BY(mutex_);
};

class ModelAdminVerbsTest : public ::testing::Test {
 protected:
  // Returns the exit code.
  int Models(std::vector<std::string> args) {
    args.insert(args.begin(), "models");
    args.push_back("--server");
    args.push_back(absl::StrCat(first_.address(), ",", second_.address()));
    const CommandResult result = RunCommand(args);
    out_ = result.out;
    err_ = result.err;
    return result.code;
  }

  InProcessServer<FakeAdminService> first_, second_;
  std::string out_, err_;
};

TEST_F(ModelAdminVerbsTest, EveryServerLoadsAndUnloads) {
  EXPECT_EQ(Models({"load", "a=sd15:x,t5:y,ella:z=1"}), 0) << err_;
  EXPECT_EQ(Models({"unload", "a"}), 0) << err_;
  for (auto* server : {&first_, &second_}) {
    EXPECT_THAT(server->service().calls(),
                ElementsAre("load a sd15:x,t5:y,ella:z=1", "unload a"));
  }
  EXPECT_EQ(out_, absl::StrCat(first_.address(), ": unloaded a\n",
                               second_.address(), ": unloaded a\n"));
}

TEST_F(ModelAdminVerbsTest, AFailureIsToldWithItsServer) {
  EXPECT_EQ(Models({"load", "a=missing"}), 1);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_,
              HasSubstr(absl::StrCat("ella: NOT_FOUND: ", second_.address(),
                                     ": no such folder\n")));
}

TEST_F(ModelAdminVerbsTest, StatusTellsWhatEachServerHas) {
  EXPECT_EQ(Models({"status"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("a                unloaded"));
  EXPECT_THAT(out_, HasSubstr("b/c\n    last load: no such folder\n"));
  EXPECT_THAT(out_, HasSubstr("budget: 5 MiB"));
}

TEST_F(ModelAdminVerbsTest, AModelWithoutANameOrAPlaceIsBadUsage) {
  for (const char* bad : {"a", "=b", "a="}) {
    EXPECT_EQ(Models({"load", bad}), 2) << bad;
    EXPECT_THAT(err_, HasSubstr("NAME=DIR")) << bad;
  }
  EXPECT_EQ(Models({"load"}), 2);
  EXPECT_EQ(Models({"unload"}), 2);
  EXPECT_THAT(first_.service().calls(), IsEmpty());
}

}  // namespace
}  // namespace ella
