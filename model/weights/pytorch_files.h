// Help for who has weights in PyTorch's own formats, which we don't read: their
// pickles may run any code.
#pragma once

#include <string>

namespace ella {

// Where folder holds .bin, .pt, .pth or .ckpt files: says so, and gives the
// Python line that makes STEM.safetensors of them. Else empty.
std::string PytorchConversionAdvice(const std::string& folder,
                                    const std::string& stem);

}  // namespace ella
