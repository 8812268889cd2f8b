// Every way in which a model directory may be wrong that users have met: each
// is refused with the file's name and what to do.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>

#include "model/api/engine.h"
#include "tests/golden/golden_sets.h"
#include "tests/temp_folder.h"

namespace ella {
namespace {

namespace fs = std::filesystem;

void Replace(const fs::path& path, const std::string& from,
             const std::string& to) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  const size_t at = text.find(from);
  ASSERT_NE(at, std::string::npos) << path << " has no " << from;
  text.replace(at, from.size(), to);
  std::ofstream(path, std::ios::binary) << text;
}

void AddSetting(const fs::path& path, const std::string& setting) {
  Replace(path, "{", "{" + setting + ",");
}

class LoadErrorsTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::copy(GoldenSets()[0].model, model_, fs::copy_options::recursive);
  }

  absl::Status Load(const std::string& model) const {
    EngineOptions options;
    options.model = model;
    options.device = "cpu";
    options.dtype = "float32";
    return CreateEngine(options).status();
  }

  // Expects a refusal that holds each of the words.
  void ExpectRefused(const std::string& model,
                     const std::vector<std::string>& words) const {
    const absl::Status status = Load(model);
    EXPECT_TRUE(status.code() == absl::StatusCode::kInvalidArgument ||
                status.code() == absl::StatusCode::kNotFound)
        << status;
    for (const std::string& word : words) {
      EXPECT_NE(status.message().find(word), std::string::npos)
          << "no " << word << " in: " << status;
    }
  }

  const TempFolder temp_folder_;
  const fs::path root_ = temp_folder_.path();
  const fs::path model_ = root_ / "model";
};

TEST_F(LoadErrorsTest, TheUntouchedCopyLoads) {
  EXPECT_TRUE(Load(model_).ok()) << Load(model_);
}

TEST_F(LoadErrorsTest, TheThreePartsMayLieApart) {
  fs::rename(model_ / "flan-t5", root_ / "t5");
  const std::string parts =
      "sd15:" + (model_ / "sd15").string() + ",t5:" + (root_ / "t5").string() +
      ",ella:" + (model_ / "ella/ella-sd1.5-tsc-t5xl.safetensors").string();
  EXPECT_TRUE(Load(parts).ok()) << Load(parts);
  ExpectRefused("sd15:a,t5:b", {"ella:"});
}

TEST_F(LoadErrorsTest, WrongFolders) {
  ExpectRefused((root_ / "nothing").string(), {"no model folder", "nothing"});
  ExpectRefused((model_ / "sd15").string(), {"sd15:", "ella:FILE"});
  ExpectRefused((model_ / "ella").string(), {"sd15"});
  ExpectRefused((model_ / "sd15/unet/config.json").string(), {"is a file"});
  fs::remove_all(model_ / "sd15/vae");
  ExpectRefused(model_.string(), {"sd15", "no folder vae"});
}

TEST_F(LoadErrorsTest, AModelMayHaveDefaultsOfItsOwn) {
  AddSetting(model_ / "ella/config.json",
             "\"default_guidance_scale\": 4.5, \"default_steps\": 30");
  EngineOptions options;
  options.model = model_;
  options.device = "cpu";
  const auto engine = CreateEngine(options);
  ASSERT_TRUE(engine.ok()) << engine.status();
  EXPECT_EQ((*engine)->info().default_guidance_scale, 4.5);
  EXPECT_EQ((*engine)->info().default_steps, 30);
}

struct Case {
  const char* name;
  std::function<void(const fs::path&)> spoil;
  std::vector<std::string> words;
};

class SpoiltModelTest : public LoadErrorsTest,
                        public testing::WithParamInterface<Case> {};

TEST_P(SpoiltModelTest, IsRefusedByName) {
  GetParam().spoil(model_);
  ExpectRefused(model_.string(), GetParam().words);
}

const char kUNet[] = "sd15/unet/diffusion_pytorch_model.safetensors";
const char kUNetConfig[] = "sd15/unet/config.json";
const char kScheduler[] = "sd15/scheduler/scheduler_config.json";

INSTANTIATE_TEST_SUITE_P(
    Unit, SpoiltModelTest,
    testing::Values(
        Case{"TruncatedUNet",
             [](const fs::path& m) {
               fs::resize_file(m / kUNet, fs::file_size(m / kUNet) - 4);
             },
             {kUNet, "bytes"}},
        Case{"TruncatedInTheHeader",
             [](const fs::path& m) { fs::resize_file(m / kUNet, 100); },
             {kUNet}},
        Case{"MissingUNet",
             [](const fs::path& m) { fs::remove(m / kUNet); },
             {"sd15/unet", "diffusion_pytorch_model.safetensors"}},
        Case{"OnlyABinFile",
             [](const fs::path& m) {
               fs::rename(m / kUNet,
                          m / "sd15/unet/diffusion_pytorch_model.bin");
             },
             {"sd15/unet", ".bin", "safetensors"}},
        Case{"MissingSpiece",
             [](const fs::path& m) { fs::remove(m / "flan-t5/spiece.model"); },
             {"spiece.model"}},
        Case{"TruncatedSpiece",
             [](const fs::path& m) {
               fs::resize_file(m / "flan-t5/spiece.model", 1000);
             },
             {"spiece.model"}},
        Case{"MissingVocabulary",
             [](const fs::path& m) {
               fs::remove(m / "sd15/tokenizer/vocab.json");
             },
             {"tokenizer"}},
        Case{"NoJson",
             [](const fs::path& m) {
               std::ofstream(m / kUNetConfig) << "<html>";
             },
             {kUNetConfig, "JSON"}},
        Case{"VPrediction",
             [](const fs::path& m) {
               AddSetting(m / kScheduler,
                          "\"prediction_type\": \"v_prediction\"");
             },
             {kScheduler, "v_prediction"}},
        Case{"MoreChannelsThanTheWeights",
             [](const fs::path& m) {
               Replace(m / kUNetConfig, "\"cross_attention_dim\": 40",
                       "\"cross_attention_dim\": 48");
             },
             {"cross_attention_dim", "40", "48"}},
        Case{"MoreLayersThanTheWeights",
             [](const fs::path& m) {
               Replace(m / "flan-t5/config.json", "\"num_layers\": 2",
                       "\"num_layers\": 4");
             },
             {"T5", "model.safetensors", "encoder.block.2", "is missing"}},
        Case{"FewerLayersThanTheWeights",
             [](const fs::path& m) {
               Replace(m / "flan-t5/config.json", "\"num_layers\": 2",
                       "\"num_layers\": 1");
             },
             {"T5", "encoder.block.1", "is not known"}},
        Case{"ALargerVocabulary",
             [](const fs::path& m) {
               Replace(m / "flan-t5/config.json", "\"vocab_size\": 512",
                       "\"vocab_size\": 600");
             },
             {"shared.weight", "[512,48]", "[600,48]"}},
        Case{"AnAbsurdSize",
             [](const fs::path& m) {
               Replace(m / "flan-t5/config.json", "\"d_ff\": 96",
                       "\"d_ff\": 999999999999");
             },
             {"flan-t5/config.json", "d_ff"}},
        Case{"ALargeButAllowedSize",
             [](const fs::path& m) {
               Replace(m / "flan-t5/config.json", "\"d_ff\": 96",
                       "\"d_ff\": 1000000");
             },
             {"wi_0.weight", "[1000000,48]"}},
        Case{"AnotherFamily",
             [](const fs::path& m) {
               AddSetting(m / kUNetConfig, "\"use_linear_projection\": true");
             },
             {kUNetConfig, "use_linear_projection"}},
        Case{"ConnectorOfAnotherWidth",
             [](const fs::path& m) {
               AddSetting(m / "ella/config.json", "\"note2\": 1");
               Replace(m / "ella/config.json", "\"width\": 40",
                       "\"width\": 768");
             },
             {"ella/config.json", "width"}},
        Case{"AnAbsurdDefault",
             [](const fs::path& m) {
               AddSetting(m / "ella/config.json",
                          "\"default_guidance_scale\": -4");
             },
             {"ella/config.json", "default_guidance_scale"}},
        Case{"TwoConnectors",
             [](const fs::path& m) {
               fs::copy(m / "ella/ella-sd1.5-tsc-t5xl.safetensors",
                        m / "ella/b.safetensors");
             },
             {"more than one", "b.safetensors"}},
        Case{"TheWrongFileAsConnector",
             [](const fs::path& m) {
               fs::remove(m / "ella/config.json");
               fs::copy(m / "flan-t5/model.safetensors",
                        m / "ella/ella-sd1.5-tsc-t5xl.safetensors",
                        fs::copy_options::overwrite_existing);
             },
             {"not an ELLA connector"}}),
    [](const auto& info) { return info.param.name; });

TEST(EngineOptionsTest, WrongOnesAreNamed) {
  EngineOptions options;
  options.model = GoldenSets()[0].model;
  options.device = "tpu";
  EXPECT_NE(CreateEngine(options).status().message().find("tpu"),
            std::string::npos);
  options.device = "cpu";
  options.dtype = "float16";
  EXPECT_NE(CreateEngine(options).status().message().find("bfloat16"),
            std::string::npos);
  options.dtype = "float32";
  options.t5_dtype = "int8";
  EXPECT_NE(CreateEngine(options).status().message().find("int8"),
            std::string::npos);
}

// float16 T5 weights by default, and which type they are computed in is said.
TEST(EngineInfoTest, SaysWhatRunsInWhichType) {
  EngineOptions options;
  options.model = GoldenSets()[0].model;
  options.device = "cpu";
  options.dtype = "bfloat16";
  const auto engine = CreateEngine(options);
  ASSERT_TRUE(engine.ok()) << engine.status();
  const ModelInfo& info = (*engine)->info();
  EXPECT_EQ(info.device, "cpu");
  EXPECT_EQ(info.dtype, "bfloat16");
  EXPECT_EQ(info.t5_dtype, "float16 weights, computed in float32");
  EXPECT_EQ(info.fingerprint.size(), 64u);
  EXPECT_EQ(info.default_width, 64);
  EXPECT_EQ(info.samplers.size(), 7u);
  options.dtype = "float32";
  const auto wider = CreateEngine(options);
  ASSERT_TRUE(wider.ok()) << wider.status();
  EXPECT_GT(info.weight_bytes, 0);
  EXPECT_GT((*wider)->info().weight_bytes, info.weight_bytes);
}

}  // namespace
}  // namespace ella
