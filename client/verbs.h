// The verbs of the `ella` command.
#pragma once

#include <functional>
#include <iostream>

namespace CLI {
class App;
}

namespace ella {

struct Streams {
  std::istream& in = std::cin;
  std::ostream& out = std::cout;
  std::ostream& err = std::cerr;
  // Whether err is a terminal, which gets a progress line.
  bool terminal = false;
};

// A sub-command, and what runs it once its flags are parsed; run() returns an
// ExitCode.
struct Verb {
  CLI::App* app;
  std::function<int(const Streams&)> run;
};

// Each adds its sub-command to the command.
Verb AddGenerateVerb(CLI::App* ella);
Verb AddModelsVerb(CLI::App* ella);
Verb AddCancelVerb(CLI::App* ella);
Verb AddHealthVerb(CLI::App* ella);
Verb AddBenchVerb(CLI::App* ella);
Verb AddCompareVerb(CLI::App* ella);
Verb AddDpgVerb(CLI::App* ella);

// Each adds its sub-command to `dpg`.
Verb AddDpgGenerateVerb(CLI::App* dpg);

}  // namespace ella
