// The one place where torch's exceptions become statuses.
#pragma once

#include <ATen/ATen.h>

#include <new>
#include <string>
#include <type_traits>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace ella {

// Whether CUDA documents of the error that "the process must be terminated and
// relaunched": every further call would give it again.
inline bool IsDeviceLost(int32_t cuda_error) {
  switch (cuda_error) {
    case 214:  // cudaErrorECCUncorrectable
    case 220:  // cudaErrorNvlinkUncorrectable
    case 700:  // cudaErrorIllegalAddress
    case 702:  // cudaErrorLaunchTimeout
    case 709:  // cudaErrorContextIsDestroyed
    case 710:  // cudaErrorAssert
    case 714:  // cudaErrorHardwareStackError
    case 715:  // cudaErrorIllegalInstruction
    case 716:  // cudaErrorMisalignedAddress
    case 717:  // cudaErrorInvalidAddressSpace
    case 718:  // cudaErrorInvalidPc
    case 719:  // cudaErrorLaunchFailure
    case 911:  // cudaErrorExternalDevice
    case 999:  // cudaErrorUnknown
      return true;
    default:
      return false;
  }
}

// The status of the exception that is being handled: ResourceExhausted for
// memory, Unavailable for a device that is lost, Internal for the rest. To be
// called in a catch block.
inline absl::Status StatusOfException() {
  try {
    throw;
  } catch (const c10::AcceleratorError& error) {
    const std::string what = error.what_without_backtrace();
    return IsDeviceLost(error.get_error_code()) ? absl::UnavailableError(what)
                                                : absl::InternalError(what);
  } catch (const c10::OutOfMemoryError& error) {
    return absl::ResourceExhaustedError(
        absl::StrCat("out of device memory: ", error.what_without_backtrace()));
  } catch (const c10::Error& error) {
    const std::string what = error.what_without_backtrace();
    // The CPU allocator has no type of its own.
    if (absl::StrContains(what, "DefaultCPUAllocator")) {
      return absl::ResourceExhaustedError(
          absl::StrCat("out of memory: ", what));
    }
    return absl::InternalError(what);
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError("out of memory");
  } catch (const std::exception& error) {
    return absl::InternalError(error.what());
  }
}

// What the function returns, an absl::Status or StatusOr, or the status of what
// it throws.
template <typename Function>
auto CatchTorch(Function&& function) -> std::invoke_result_t<Function> {
  try {
    return function();
  } catch (...) {
    return StatusOfException();
  }
}

}  // namespace ella
