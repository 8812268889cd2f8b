#include "server/rpc/outbox.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/rpc/event_messages.h"

namespace ella {
namespace {

using ::testing::ElementsAre;

// Notes what it is told, such as "progress 0 3" and "finish OK".
class RecordingWriter final : public MessageWriter {
 public:
  void Write(const v1::GenerateResponse& message) override {
    switch (message.event_case()) {
      case v1::GenerateResponse::kQueued:
        return Note("queued ", message.queued().position());
      case v1::GenerateResponse::kProgress:
        return Note("progress ", message.progress().image_index(), " ",
                    message.progress().step());
      case v1::GenerateResponse::kPreview:
        return Note("preview ", message.preview().step());
      case v1::GenerateResponse::kImage:
        return Note("image ", message.image().image_index());
      default:
        return Note("done");
    }
  }
  void Finish(const absl::Status& status) override {
    Note("finish ", absl::StatusCodeToString(status.code()));
  }

  std::vector<std::string> log;

 private:
  template <typename... Parts>
  void Note(const Parts&... parts) {
    log.push_back(absl::StrCat(parts...));
  }
};

v1::GenerateResponse ProgressOf(int image, int step) {
  return ProgressMessage({image, step, 9, absl::ZeroDuration()});
}
v1::GenerateResponse PreviewOf(int step, size_t bytes) {
  return PreviewMessage(0, step, PngMessage(1, 1, std::string(bytes, 'x')));
}
v1::GenerateResponse ImageOf(int image) {
  return ImageMessage(image, 0, PngMessage(1, 1, std::string(1000, 'x')));
}
v1::GenerateResponse QueuedAt(int position) {
  return QueuedMessage("id", {position, absl::ZeroDuration()});
}

class OutboxTest : public ::testing::Test {
 protected:
  // The client reads all that is written.
  void ReadAll() {
    for (size_t read = 0; read < writer_.log.size(); ++read) {
      if (writer_.log.back().rfind("finish", 0) == 0) return;
      outbox_.OnWriteDone(true);
    }
  }

  RecordingWriter writer_;
  Outbox outbox_{&writer_, /*max_unsent_bytes=*/100};
};

TEST_F(OutboxTest, OneWriteIsInFlight) {
  outbox_.Send(ImageOf(0));
  outbox_.Send(ImageOf(1));
  EXPECT_THAT(writer_.log, ElementsAre("image 0"));
  outbox_.OnWriteDone(true);
  EXPECT_THAT(writer_.log, ElementsAre("image 0", "image 1"));
}

TEST_F(OutboxTest, NewProgressReplacesTheUnsentOfItsImage) {
  outbox_.Send(QueuedAt(0));
  outbox_.Send(ProgressOf(0, 1));
  outbox_.Send(ProgressOf(1, 1));
  outbox_.Send(PreviewOf(1, 1));
  outbox_.Send(ProgressOf(0, 2));
  outbox_.Send(ProgressOf(0, 3));
  ReadAll();
  EXPECT_THAT(writer_.log, ElementsAre("queued 0", "progress 1 1", "preview 1",
                                       "progress 0 3"));
}

TEST_F(OutboxTest, NewPositionReplacesTheUnsent) {
  for (int position : {5, 4, 3, 2}) outbox_.Send(QueuedAt(position));
  ReadAll();
  EXPECT_THAT(writer_.log, ElementsAre("queued 5", "queued 2"));
}

TEST_F(OutboxTest, PreviewsThatDoNotFitAreDroppedButNoImage) {
  outbox_.Send(ProgressOf(0, 1));
  outbox_.Send(PreviewOf(1, 60));
  outbox_.Send(PreviewOf(2, 60));
  outbox_.Send(PreviewOf(3, 40));
  outbox_.Send(ImageOf(0));
  outbox_.Send(PreviewOf(4, 1));
  outbox_.Send(ImageOf(1));
  ReadAll();
  EXPECT_THAT(writer_.log, ElementsAre("progress 0 1", "preview 1", "preview 3",
                                       "image 0", "image 1"));
}

TEST_F(OutboxTest, TheEndComesAfterAllElse) {
  outbox_.Send(ImageOf(0));
  outbox_.Send(DoneMessage({}, absl::ZeroDuration()));
  outbox_.Close(absl::OkStatus());
  EXPECT_THAT(writer_.log, ElementsAre("image 0"));
  ReadAll();
  EXPECT_THAT(writer_.log, ElementsAre("image 0", "done", "finish OK"));
}

TEST_F(OutboxTest, AnErrorOvertakesAllButImages) {
  outbox_.Send(QueuedAt(0));
  outbox_.Send(ImageOf(0));
  outbox_.Send(ProgressOf(1, 1));
  outbox_.Send(PreviewOf(1, 1));
  outbox_.Close(absl::InternalError(""));
  ReadAll();
  EXPECT_THAT(writer_.log,
              ElementsAre("queued 0", "image 0", "finish INTERNAL"));
}

TEST_F(OutboxTest, NothingIsWrittenToAClientWhoWent) {
  outbox_.Send(QueuedAt(0));
  outbox_.Send(ImageOf(0));
  outbox_.OnWriteDone(false);
  outbox_.Send(ImageOf(1));
  outbox_.Close(absl::CancelledError(""));
  EXPECT_THAT(writer_.log, ElementsAre("queued 0", "finish CANCELLED"));
}

TEST_F(OutboxTest, RefusedAtOnce) {
  outbox_.Close(absl::NotFoundError(""));
  EXPECT_THAT(writer_.log, ElementsAre("finish NOT_FOUND"));
}

}  // namespace
}  // namespace ella
