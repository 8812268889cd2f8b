#include "server/output/output_pool.h"

#include <vector>

#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "image/png_codec.h"

namespace ella {
namespace {

using ::testing::ElementsAre;

RgbImage Grey() { return {2, 1, {9, 9, 9, 7, 7, 7}}; }

TEST(WorkQueueTest, OneThreadKeepsTheOrderAndFinishesAll) {
  std::vector<int> order;
  {
    WorkQueue queue(1);
    for (int i = 0; i < 5; ++i) queue.Add([&order, i] { order.push_back(i); });
  }
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST(WorkQueueTest, RefusesWhenTooMuchWaits) {
  absl::Notification running, go;
  WorkQueue queue(1);
  queue.Add([&] {
    running.Notify();
    go.WaitForNotification();
  });
  running.WaitForNotification();
  EXPECT_TRUE(queue.TryAdd(1, [] {}));
  EXPECT_FALSE(queue.TryAdd(1, [] { ADD_FAILURE(); }));
  go.Notify();
}

TEST(OutputPoolTest, WritesImagesWithTheirMetadata) {
  ImageMetadata metadata;
  metadata.params.prompt = "a cat";
  metadata.params.seed = 5;
  metadata.model_fingerprint = "abc";
  metadata.version = "1.0";
  absl::StatusOr<std::string> png;
  {
    OutputPool pool({});
    pool.EncodeImage(
        Grey(), metadata,
        [&](absl::StatusOr<std::string> result, absl::Duration elapsed) {
          png = std::move(result);
          EXPECT_GE(elapsed, absl::ZeroDuration());
        });
  }
  ASSERT_TRUE(png.ok()) << png.status();
  absl::StatusOr<DecodedPng> decoded = DecodePng(*png);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->image.pixels, Grey().pixels);
  absl::StatusOr<ImageMetadata> read = MetadataFromTexts(decoded->texts);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->params.prompt, "a cat");
  EXPECT_EQ(read->params.seed, 5);
  EXPECT_EQ(read->model_fingerprint, "abc");
}

TEST(OutputPoolTest, DropsPreviewsWhenBusyButNoImage) {
  absl::Notification running, go;
  int images = 0, previews = 0;
  {
    OutputPool pool({.png_threads = 1, .max_waiting_previews = 1});
    pool.EncodeImage(Grey(), {},
                     [&](absl::StatusOr<std::string>, absl::Duration) {
                       ++images;
                       running.Notify();
                       go.WaitForNotification();
                     });
    running.WaitForNotification();
    auto count = [&](absl::StatusOr<std::string> png, absl::Duration) {
      EXPECT_TRUE(png.ok());
      ++previews;
    };
    EXPECT_TRUE(pool.TryEncodePreview(Grey(), count));
    EXPECT_FALSE(pool.TryEncodePreview(Grey(), count));
    pool.EncodeImage(
        Grey(), {},
        [&](absl::StatusOr<std::string>, absl::Duration) { ++images; });
    go.Notify();
  }
  EXPECT_EQ(images, 2);
  EXPECT_EQ(previews, 1);
}

TEST(OutputPoolTest, ReportsAnImageThatCannotBeWritten) {
  absl::Status status;
  {
    OutputPool pool({});
    pool.EncodeImage({4, 4, {1}}, {},
                     [&](absl::StatusOr<std::string> png, absl::Duration) {
                       status = png.status();
                     });
  }
  EXPECT_FALSE(status.ok());
}

}  // namespace
}  // namespace ella
