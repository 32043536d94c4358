// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"

namespace hf {

void FailCheck(std::string_view file, int line, std::string_view condition, std::string_view message) {
  // The path is the builder's; only the part below the source tree means something to a reader.
  for (std::string_view root : {"/src/", "/cli/", "/include/"}) {
    if (auto at = file.rfind(root); at != std::string_view::npos) {
      file.remove_prefix(at + 1);
      break;
    }
  }
  if (message.empty()) {
    throw InvariantError(fmt::format("{}:{}: check failed: {}", file, line, condition));
  }
  throw InvariantError(fmt::format("{}:{}: check failed: {} ({})", file, line, condition, message));
}

}  // namespace hf
