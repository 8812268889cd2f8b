#include "client/generate_options.h"

#include "CLI/CLI.hpp"
#include "client/common_options.h"
#include "client/server_access_options.h"

namespace ella {
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
  AddServerOptions(app, &options->server);
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
  AddNumberOption(app, "--steps", &options->steps, "Denoising steps");
  AddNumberOption(app, "--guidance", &options->guidance,
                  "Guidance scale, 0 to 100; at most 1: none");
  app->add_option("--sampler", options->sampler, "One of `ella models`")
      ->type_name("NAME");
  AddSizeOption(app, &options->width, &options->height);
  AddNumberOption(
      app, "--seed", &options->seed,
      "Of the first image, modulo 2^32; each further one has the next. "
      "Without it, the server draws one");
  AddNumberOption(app, "--count", &options->count, "How many images");
  CLI::Option* dir =
      app->add_option("--preview-dir", options->preview_dir,
                      "Folder for previews, named step-012.0.png and so on")
          ->type_name("DIR");
  AddNumberOption(app, "--preview-every", &options->preview_every,
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
  AddNumberOption(app, "--priority", &options->priority,
                  "Larger is more urgent");
  app->add_flag("--json", options->json,
                "Print one JSON object, and nothing else");
}

}  // namespace ella
