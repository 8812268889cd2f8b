#include "model/api/engine.h"
#include "server/run_server.h"

int main(int argc, char** argv) {
  return ella::RunServer({argv + 1, argv + argc}, ella::CreateEngine);
}
