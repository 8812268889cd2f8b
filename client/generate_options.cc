#include "client/generate_options.h"

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "client/common_options.h"

namespace ella {
namespace {

bool Parse(const std::string& text, float* number) {
  return absl::SimpleAtof(text, number);
}

template <typename Integer>
bool Parse(const std::string& text, Integer* number) {
  return absl::SimpleAtoi(text, number);
}

// CLI11 would read 010 as eight.
template <typename Number>
void AddNumber(CLI::App* app, const std::string& name,
               std::optional<Number>* number, const std::string& help) {
  app->add_option_function<std::string>(
         name,
         [name, number](const std::string& text) {
           Number value = 0;
           if (!Parse(text, &value)) {
             throw CLI::ValidationError(
                 name, absl::StrCat("\"", text, "\" is no number that fits"));
           }
           *number = value;
         },
         help)
      ->type_name("N");
}

void AddSize(CLI::App* app, GenerateOptions* options) {
  app->add_option_function<std::string>(
         "--size",
         [options](const std::string& text) {
           const size_t x = text.find('x');
           uint32_t width = 0;
           uint32_t height = 0;
           if (x == std::string::npos || !Parse(text.substr(0, x), &width) ||
               !Parse(text.substr(x + 1), &height)) {
             throw CLI::ValidationError(
                 "--size", absl::StrCat("\"", text, "\" is not WxH"));
           }
           options->width = width;
           options->height = height;
         },
         "Width and height in pixels, multiples of 8, such as 512x768")
      ->type_name("WxH");
}

}  // namespace

void AddGenerateOptions(CLI::App* app, GenerateOptions* options) {
  CLI::Option* prompt =
      app->add_option("PROMPT", options->prompt, "What to draw");
  app->add_option("-o,--output", options->output,
                  "The PNG to write; further images are named out.1.png, ...")
      ->type_name("FILE")
      ->required();
  app->add_option("--prompt-file", options->prompt_file,
                  "Read the prompt from here; -: from standard input")
      ->type_name("FILE")
      ->excludes(prompt);
  app->add_option("--from", options->from,
                  "Repeat this picture; flags beside it change its settings")
      ->type_name("PNG");
  AddServerOption(app, &options->server);
  app->add_option("--model", options->model, "One of `ella models`")
      ->type_name("NAME");
  app->add_option("--negative", options->negative, "What not to draw")
      ->type_name("TEXT");
  app->add_option("--conditioning", options->conditioning,
                  "ella: T5 and ELLA; ella-fixed: the same on 128 tokens; "
                  "clip: plain SD1.5")
      ->check(CLI::IsMember({"ella", "ella-fixed", "clip"}));
  app->add_flag("--fixed-negative", options->fixed_negative,
                "The negative prompt on 128 tokens; only with ella");
  AddNumber(app, "--steps", &options->steps, "Denoising steps");
  AddNumber(app, "--guidance", &options->guidance,
            "Guidance scale, 0 to 100; at most 1: none");
  app->add_option("--sampler", options->sampler, "One of `ella models`")
      ->type_name("NAME");
  AddSize(app, options);
  AddNumber(app, "--seed", &options->seed,
            "Of the first image, modulo 2^32; each further one has the next. "
            "Without it, the server draws one");
  AddNumber(app, "--count", &options->count, "How many images");
  CLI::Option* dir =
      app->add_option("--preview-dir", options->preview_dir,
                      "Folder for previews, named step-012.0.png and so on")
          ->type_name("DIR");
  AddNumber(app, "--preview-every", &options->preview_every,
            "A preview every so many steps");
  CLI::Option* every = app->get_option("--preview-every");
  every->needs(dir);
  dir->needs(every);
  app->add_option(
         "--preview-kind", options->preview_kind,
         "rgb: small and free; vae: full size, at the cost of a decode")
      ->check(CLI::IsMember({"rgb", "vae"}))
      ->needs(every);
  AddTimeoutOption(app, &options->timeout_s);
  app->add_option("--request-id", options->request_id,
                  "A name for `ella cancel` and the server's log")
      ->type_name("ID");
  AddNumber(app, "--priority", &options->priority, "Larger is more urgent");
  app->add_flag("--json", options->json,
                "Print one JSON object, and nothing else");
}

}  // namespace ella
