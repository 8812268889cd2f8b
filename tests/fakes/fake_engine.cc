#include "tests/fakes/fake_engine.h"

#include <algorithm>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace ella {
namespace {

class FakeEncoding final : public Encoding {
 public:
  explicit FakeEncoding(TokenCount tokens) : tokens_(tokens) {}
  TokenCount tokens() const override { return tokens_; }

 private:
  const TokenCount tokens_;
};

constexpr absl::Duration kSliceTime = absl::Milliseconds(100);
constexpr absl::Duration kTextTime = absl::Milliseconds(100);

RgbImage Picture(int width, int height, uint32_t seed) {
  RgbImage image{width, height, std::vector<uint8_t>(3 * width * height)};
  std::mt19937 noise(seed);
  for (uint8_t& pixel : image.pixels) pixel = static_cast<uint8_t>(noise());
  image.pixels[0] = static_cast<uint8_t>(seed);
  return image;
}

}  // namespace

class FakeEngine::FakeRow final : public Row {
 public:
  FakeRow(FakeEngine* engine, const RowParams& params)
      : engine_(engine),
        params_(params),
        key_{engine->info_.name, params.height / 8, params.width / 8} {
    Count(1);
  }
  ~FakeRow() override { Count(-1); }

  const BatchKey& key() const override { return key_; }
  int step() const override { return step_; }
  int num_steps() const override { return params_.steps; }

  int connector_cache_hits() const override { return step_; }

  const RowParams& params() const { return params_; }
  int unet_rows() const { return params_.negative == nullptr ? 1 : 2; }
  void Advance() { ++step_; }

 private:
  void Count(int change) {
    absl::MutexLock lock(&engine_->mutex_);
    engine_->rows_alive_ += change;
  }

  FakeEngine* const engine_;
  const RowParams params_;
  const BatchKey key_;
  int step_ = 0;
};

class FakeEngine::FakeDecoding final : public Decoding {
 public:
  FakeDecoding(FakeEngine* engine, int slices, std::string seeds,
               std::vector<absl::StatusOr<RgbImage>> images)
      : engine_(engine),
        slices_(slices),
        seeds_(std::move(seeds)),
        images_(std::move(images)) {}

  int slices_left() const override { return slices_; }

  absl::Status RunSlice() override {
    --slices_;
    engine_->Advance(kSliceTime);
    absl::MutexLock lock(&engine_->mutex_);
    engine_->history_.push_back("slice" + seeds_);
    return absl::OkStatus();
  }

  std::vector<absl::StatusOr<RgbImage>> TakeImages() override {
    return std::move(images_);
  }

 private:
  FakeEngine* const engine_;
  int slices_;
  const std::string seeds_;
  std::vector<absl::StatusOr<RgbImage>> images_;
};

FakeEngine::FakeEngine(FakeClock* clock)
    : clock_(clock), step_time_([](int) { return absl::Seconds(1); }) {
  info_.name = "default";
  info_.fingerprint = "0123";
  info_.device = "cpu";
  info_.dtype = "float32";
  info_.t5_dtype = "float16";
  info_.samplers = {"dpmpp_2m", "ddim", "euler"};
  info_.default_width = 16;
  info_.default_height = 16;
  info_.default_steps = 3;
}

void FakeEngine::SetModel(const std::string& name, int64_t weight_bytes,
                          const std::string& fingerprint) {
  info_.name = name;
  info_.weight_bytes = weight_bytes;
  info_.fingerprint = fingerprint;
}

std::vector<std::vector<uint32_t>> FakeEngine::batches() const {
  absl::MutexLock lock(&mutex_);
  return batches_;
}

std::vector<std::vector<std::string>> FakeEngine::encoded() const {
  absl::MutexLock lock(&mutex_);
  return encoded_;
}

std::vector<int> FakeEngine::preview_sides() const {
  absl::MutexLock lock(&mutex_);
  return preview_sides_;
}

std::vector<std::string> FakeEngine::history() const {
  absl::MutexLock lock(&mutex_);
  return history_;
}

void FakeEngine::RememberTexts() {
  absl::MutexLock lock(&mutex_);
  remembers_ = true;
}

void FakeEngine::SetStepTime(std::function<absl::Duration(int)> step_time) {
  absl::MutexLock lock(&mutex_);
  step_time_ = std::move(step_time);
}

void FakeEngine::SetMostPixels(int latent_pixels) {
  absl::MutexLock lock(&mutex_);
  most_pixels_ = latent_pixels;
}

void FakeEngine::SetMemory(int64_t bytes_per_latent_pixel, int64_t free_bytes) {
  absl::MutexLock lock(&mutex_);
  bytes_per_pixel_ = bytes_per_latent_pixel;
  memory_.free_bytes = free_bytes;
}

void FakeEngine::SetDecodeSlices(int slices) {
  absl::MutexLock lock(&mutex_);
  decode_slices_ = slices;
}

void FakeEngine::FailStep(uint32_t seed, int step, absl::Status status) {
  absl::MutexLock lock(&mutex_);
  step_failures_[{seed, step}] = std::move(status);
}

void FakeEngine::FailEncode(const std::string& text, absl::Status status) {
  absl::MutexLock lock(&mutex_);
  encode_failures_[text] = std::move(status);
}

void FakeEngine::FailDecode(uint32_t seed, absl::Status status) {
  absl::MutexLock lock(&mutex_);
  decode_failures_[seed] = std::move(status);
}

void FakeEngine::Block() {
  absl::MutexLock lock(&mutex_);
  blocked_ = true;
}

void FakeEngine::AllowSteps(int count) {
  absl::MutexLock lock(&mutex_);
  steps_allowed_ += count;
}

void FakeEngine::Release() {
  absl::MutexLock lock(&mutex_);
  blocked_ = false;
}

void FakeEngine::WaitUntilBlocked() {
  absl::MutexLock lock(&mutex_);
  auto blocked = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return steps_waiting_ > 0 && steps_allowed_ == 0;
  };
  mutex_.Await(absl::Condition(&blocked));
}

int FakeEngine::rows_alive() const {
  absl::MutexLock lock(&mutex_);
  return rows_alive_;
}

void FakeEngine::WaitForRows(int count) {
  absl::MutexLock lock(&mutex_);
  auto reached = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return rows_alive_ == count;
  };
  mutex_.Await(absl::Condition(&reached));
}

absl::StatusOr<TokenCount> FakeEngine::CountTokens(const Text& text) const {
  std::vector<std::string> words =
      absl::StrSplit(text.text, ' ', absl::SkipEmpty());
  const int given = static_cast<int>(words.size()) + 1;
  return TokenCount{
      given, text.mode == TokenMode::kT5Flexible ? given : std::min(given, 77)};
}

EncodingPtr FakeEngine::FindEncoding(const Text& text) {
  absl::MutexLock lock(&mutex_);
  auto found = remembered_.find(text.text);
  return found == remembered_.end() ? nullptr : found->second;
}

std::vector<absl::StatusOr<EncodingPtr>> FakeEngine::Encode(
    absl::Span<const Text> texts) {
  Advance(kTextTime);
  absl::MutexLock lock(&mutex_);
  encoded_.emplace_back();
  std::vector<absl::StatusOr<EncodingPtr>> encodings;
  for (const Text& text : texts) {
    encoded_.back().push_back(text.text);
    auto failure = encode_failures_.find(text.text);
    if (failure != encode_failures_.end()) {
      encodings.push_back(failure->second);
      continue;
    }
    encodings.push_back(std::make_shared<FakeEncoding>(*CountTokens(text)));
    if (remembers_) remembered_[text.text] = *encodings.back();
  }
  return encodings;
}

absl::StatusOr<std::unique_ptr<Row>> FakeEngine::Start(
    const RowParams& params) {
  return std::make_unique<FakeRow>(this, params);
}

void FakeEngine::Advance(absl::Duration time) {
  if (clock_ != nullptr) clock_->Advance(time);
}

std::vector<absl::Status> FakeEngine::Step(absl::Span<Row* const> rows) {
  absl::MutexLock lock(&mutex_);
  ++steps_waiting_;
  auto go = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !blocked_ || steps_allowed_ > 0;
  };
  mutex_.Await(absl::Condition(&go));
  --steps_waiting_;
  if (blocked_) --steps_allowed_;
  int unet_rows = 0;
  std::string entry = "step";
  for (Row* each : rows) {
    const auto* row = static_cast<FakeRow*>(each);
    unet_rows += row->unet_rows();
    absl::StrAppend(&entry, " ", row->params().seed);
  }
  const BatchKey& key = rows[0]->key();
  const int pixels = unet_rows * key.latent_height * key.latent_width;
  if (pixels > most_pixels_) {
    history_.push_back("too large: " + entry);
    return std::vector<absl::Status>(
        rows.size(), absl::ResourceExhaustedError("out of memory"));
  }
  Advance(step_time_(unet_rows));
  history_.push_back(entry);
  memory_.peak_bytes = std::max(memory_.peak_bytes,
                                memory_.used_bytes + bytes_per_pixel_ * pixels);
  batches_.emplace_back();
  std::vector<absl::Status> statuses;
  for (Row* each : rows) {
    auto* row = static_cast<FakeRow*>(each);
    row->Advance();
    batches_.back().push_back(row->params().seed);
    auto failure = step_failures_.find({row->params().seed, row->step()});
    statuses.push_back(failure != step_failures_.end() ? failure->second
                                                       : absl::OkStatus());
  }
  return statuses;
}

absl::StatusOr<std::unique_ptr<Decoding>> FakeEngine::StartPreview(
    const Row& row, PreviewKind kind, int max_side) {
  const RowParams& params = static_cast<const FakeRow&>(row).params();
  absl::MutexLock lock(&mutex_);
  preview_sides_.push_back(max_side);
  std::vector<absl::StatusOr<RgbImage>> images;
  images.push_back(Picture(params.width / 8, params.height / 8, params.seed));
  return std::make_unique<FakeDecoding>(
      this, kind == PreviewKind::kRgb ? 1 : decode_slices_,
      absl::StrCat(" of preview ", params.seed), std::move(images));
}

absl::StatusOr<std::unique_ptr<Decoding>> FakeEngine::StartDecode(
    absl::Span<Row* const> rows) {
  absl::MutexLock lock(&mutex_);
  std::vector<absl::StatusOr<RgbImage>> images;
  std::string seeds;
  for (Row* each : rows) {
    const RowParams& params = static_cast<FakeRow*>(each)->params();
    absl::StrAppend(&seeds, " ", params.seed);
    auto failure = decode_failures_.find(params.seed);
    if (failure != decode_failures_.end()) {
      images.push_back(failure->second);
    } else {
      images.push_back(Picture(params.width, params.height, params.seed));
    }
  }
  return std::make_unique<FakeDecoding>(this, decode_slices_, std::move(seeds),
                                        std::move(images));
}

EngineStats FakeEngine::stats() const {
  absl::MutexLock lock(&mutex_);
  EngineStats stats;
  stats.text_cache.entries = static_cast<int64_t>(remembered_.size());
  stats.memory = memory_;
  return stats;
}

void FakeEngine::ResetPeakMemory() {
  absl::MutexLock lock(&mutex_);
  memory_.peak_bytes = memory_.used_bytes;
}

}  // namespace ella
