// SPDX-License-Identifier: Apache-2.0
// HF_CHECK guards what must hold if our own code is right; it is never for bytes from outside, which get a
// Status. A failed check throws InvariantError, which ends the query and leaves the host process alive.
//
//   HF_CHECK(offset <= size);
//   HF_CHECK(offset <= size, "offset {} lies behind the end {}", offset, size);
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace hf {

// Throws InvariantError: "src/base/bytes.h:41: check failed: offset <= size (message)".
[[noreturn]] void FailCheck(std::string_view file, int line, std::string_view condition, std::string_view message = {});

}  // namespace hf

#define HF_CHECK(condition, ...)                                                                \
  do {                                                                                          \
    if (!(condition)) [[unlikely]] {                                                            \
      ::hf::FailCheck(__FILE__, __LINE__, #condition __VA_OPT__(, ::fmt::format(__VA_ARGS__))); \
    }                                                                                           \
  } while (false)

// For hot loops: gone under NDEBUG, where the condition is compiled but never evaluated.
#ifdef NDEBUG
#define HF_DCHECK(condition, ...)   \
  do {                              \
    if (false) {                    \
      static_cast<void>(condition); \
    }                               \
  } while (false)
#else
#define HF_DCHECK(condition, ...) HF_CHECK(condition __VA_OPT__(, ) __VA_ARGS__)
#endif
