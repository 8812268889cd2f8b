#include <unistd.h>

#include "client/cli.h"

int main(int argc, char** argv) {
  return ella::RunElla(argc, argv, {.terminal = isatty(STDERR_FILENO) == 1});
}
