#pragma once

#include <dlfcn.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace ella {

// A program's own definition of a shared library's function comes before the
// library's, for all who call it; this finds the library's. `Function` is a
// pointer to a function or to a member function that isn't virtual.
template <typename Function>
Function LibraryFunction(Function ours) {
  void* address;
  std::memcpy(&address, &ours, sizeof(address));
  Dl_info info;
  if (dladdr(address, &info) != 0 && info.dli_saddr == address) {
    address = dlsym(RTLD_NEXT, info.dli_sname);
    if (address != nullptr) {
      std::memcpy(&ours, &address, sizeof(address));
      return ours;
    }
  }
  std::fputs("no library has this function\n", stderr);
  std::abort();
}

}  // namespace ella
