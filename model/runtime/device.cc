#include "model/runtime/device.h"

#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <optional>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ella {
namespace {

constexpr char kCudaLibrary[] = "libtorch_cuda.so";

std::string TypeName(at::ScalarType type) {
  switch (type) {
    case at::kHalf:
      return "float16";
    case at::kBFloat16:
      return "bfloat16";
    default:
      return "float32";
  }
}

std::optional<at::ScalarType> ParseType(const std::string& name) {
  for (at::ScalarType type : {at::kFloat, at::kHalf, at::kBFloat16}) {
    if (name == TypeName(type)) return type;
  }
  return std::nullopt;
}

// Makes CUDA known to torch, whose CPU half alone is linked. It must come
// before torch is first asked about CUDA. Returns why not, or nothing.
std::string LoadCuda() {
  if (dlopen(kCudaLibrary, RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return dlerror();
  }
  if (!at::globalContext().hasCUDA() ||
      at::detail::getCUDAHooks().deviceCount() == 0) {
    return "no NVIDIA driver or GPU was found";
  }
  return "";
}

absl::StatusOr<at::Device> ChooseDevice(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  if (name == "auto") {
    return LoadCuda().empty() ? at::Device(at::kCUDA, 0) : at::Device(at::kCPU);
  }
  absl::string_view index_text = name;
  int index = 0;
  if (name != "cuda" && !(absl::ConsumePrefix(&index_text, "cuda:") &&
                          absl::SimpleAtoi(index_text, &index) && index >= 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat("device must be auto, cpu, cuda or cuda:N, was ", name));
  }
  if (const std::string why = LoadCuda(); !why.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("device ", name, " can't be used: ", why));
  }
  const int count = at::detail::getCUDAHooks().deviceCount();
  if (index >= count) {
    return absl::InvalidArgumentError(
        absl::StrCat("device ", name, " does not exist, there are ", count));
  }
  return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(index));
}

// Processors with AMX have AVX512_BF16 as well.
bool CpuIsFastInBfloat16() { return __builtin_cpu_supports("avx512bf16"); }

absl::StatusOr<at::ScalarType> ChooseType(const std::string& name,
                                          at::Device device) {
  if (name == "auto") {
    if (device.is_cuda()) return at::kHalf;
    return CpuIsFastInBfloat16() ? at::kBFloat16 : at::kFloat;
  }
  const std::optional<at::ScalarType> type = ParseType(name);
  if (!type.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "dtype must be auto, float32, bfloat16 or float16, was ", name));
  }
  if (*type == at::kHalf && device.is_cpu()) {
    return absl::InvalidArgumentError(
        "dtype float16 is not for a CPU, where it is slow; use bfloat16 or "
        "float32");
  }
  return *type;
}

}  // namespace

std::string ComputePlan::DeviceText() const {
  if (device.is_cpu()) return "cpu";
  return absl::StrCat("cuda:", device.index());
}

std::string ComputePlan::DtypeText() const { return TypeName(dtype); }

std::string ComputePlan::T5Text() const {
  if (t5_weights == t5_compute) return TypeName(t5_weights);
  return absl::StrCat(TypeName(t5_weights), " weights, computed in ",
                      TypeName(t5_compute));
}

absl::StatusOr<ComputePlan> PlanCompute(const EngineOptions& options) {
  if (options.threads < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("threads must not be negative, was ", options.threads));
  }
  const absl::StatusOr<at::Device> device = ChooseDevice(options.device);
  if (!device.ok()) return device.status();
  const absl::StatusOr<at::ScalarType> dtype =
      ChooseType(options.dtype, *device);
  if (!dtype.ok()) return dtype.status();
  const std::optional<at::ScalarType> t5 = ParseType(options.t5_dtype);
  if (!t5.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat("t5-dtype must be float32, float16 or bfloat16, was ",
                     options.t5_dtype));
  }
  if (options.threads > 0) at::set_num_threads(options.threads);
  at::globalContext().setAllowTF32CuDNN(false);
  at::globalContext().setAllowTF32CuBLAS(false);
  ComputePlan plan;
  plan.device = *device;
  plan.dtype = *dtype;
  plan.t5_weights = *t5;
  plan.t5_compute = device->is_cuda() ? *t5 : at::kFloat;
  return plan;
}

void Synchronize(at::Device device) {
  if (device.is_cpu()) return;
  c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
}

}  // namespace ella
