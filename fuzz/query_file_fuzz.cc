// SPDX-License-Identifier: Apache-2.0
// Query files, with a processor that is there whatever library they name; and the words of a trigger. First byte:
// which.
#include "fuzz_target.h"
#include "holdfast/processor.h"
#include "query/query_text.h"
#include "query/trigger_text.h"

namespace hf {
namespace {

struct Click {
  std::string session_id;
};
HOLDFAST_STRUCT(Click, session_id);

class Passes final : public StatefulProcessor<std::string, Click, Click> {
 public:
  void Init(StatefulProcessorHandle&) override {}
  void HandleInputRows(const std::string&, RowsOf<Click>, const TimerValues&, Output<Click>&) override {}
};

Result<std::shared_ptr<const ProcessorFactory>> Load(const std::string&, const std::string&) {
  return std::shared_ptr<const ProcessorFactory>(std::make_shared<TypedProcessorFactory<Passes>>(Passes()));
}

void TryWords(const std::string& text) {
  if (const auto interval = ParseInterval(text); interval.ok()) {
    HF_FUZZ_CHECK(interval->count() >= 0);
    const auto again = ParseInterval(std::to_string(interval->count()) + " milliseconds");
    HF_FUZZ_CHECK(again.ok() && *again == *interval);
  }
  static_cast<void>(ParseOutputMode(text));
  static_cast<void>(ParseTimeMode(text));
}

}  // namespace

HOLDFAST_FUZZ_TARGET(query_file) {
  if (fuzz::TakeByte(bytes) % 2 == 0) {
    static_cast<void>(ParseQueryText(bytes, "/queries", Load));
  } else {
    TryWords(std::string(bytes));
  }
}

}  // namespace hf
