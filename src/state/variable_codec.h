// SPDX-License-Identifier: Apache-2.0
// VariableCodec: the stored rows of one variable - a value, a list's element or a map's value - to objects of the type
// that the processor declared, whichever schema wrote them, and back. With TTL each row carries its expiration.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "state/state_plan.h"
#include "state/state_row_codec.h"

namespace hf {

// The expiration of what never expires. Spark 4.3 writes -1 for it; a variable with TTL has none such, but reads them.
inline constexpr std::int64_t kNeverExpires = -1;

// What became of the rows of one variable, by the schema id that they were written with.
struct SchemaUse {
  std::map<int, std::int64_t> read;  // decoded; a row that is read twice counts twice
  // Of older schemas, at hand, and replaced by a row of the stored one. A write looks at nothing for the sake of this:
  // what is written over blindly in a list or map is not among them.
  std::map<int, std::int64_t> rewritten;
};

class VariableCodec {
 public:
  // `plan` and `layout` outlive the codec. Also how a start finds out whether values of every written schema can be
  // read into `layout` and its values be written: kInvalid says which cannot.
  static Result<VariableCodec> Make(const RowFrame& frame, const VariablePlan& plan, const TypeLayout& layout);

  // Appends the row behind its head. Throws StatusError for what the encoding cannot hold; `out` is then as before.
  void Encode(const void* object, std::int64_t expiration_ms, std::string& out) const;
  // Fills `object` and returns the expiration. Throws StatusError when the bytes are not a row of a known schema.
  std::int64_t Decode(const FramedRow& row, void* object) const;
  // The expiration alone. Throws StatusError.
  [[nodiscard]] std::int64_t Expiration(const FramedRow& row) const;
  // The framed row of a value that is no list. Throws StatusError.
  [[nodiscard]] FramedRow RowOf(std::string_view value) const;

  // Whether there are rows of several schemas, whose use is counted: reads by Decode.
  [[nodiscard]] bool counts_use() const { return !uses_.empty(); }
  // A row of the stored schema takes the place of `row`, which may be damaged.
  void CountRewritten(const FramedRow& row) const {
    const auto id = static_cast<std::size_t>(row.schema_id);
    if (row.schema_id != plan_->stored_id && id < uses_.size()) {
      ++uses_[id].rewritten;
    }
  }
  // Since the last call; empty without several schemas.
  [[nodiscard]] SchemaUse TakeUse() const;

  [[nodiscard]] const RowFrame& frame() const { return frame_; }
  [[nodiscard]] const VariablePlan& plan() const { return *plan_; }
  [[nodiscard]] bool has_ttl() const { return plan_->has_ttl; }

 private:
  VariableCodec(const RowFrame& frame, const VariablePlan& plan) : frame_(frame), plan_(&plan) {}
  struct Use {
    std::int64_t read = 0;
    std::int64_t rewritten = 0;
  };
  [[noreturn]] void Fail(const std::string& what) const;

  RowFrame frame_;
  const VariablePlan* plan_;
  StateRowWriter writer_;
  std::vector<std::optional<StateRowReader>> readers_;  // by schema id
  mutable std::vector<Use> uses_;                       // by schema id; empty where there is one schema alone
  mutable std::string row_;                             // scratch
};

// Expired: the clock of the batch has reached its expiration (Spark 4.3 StateTTL.isExpired).
inline bool IsExpired(std::int64_t expiration_ms, std::int64_t now_ms) {
  return expiration_ms != kNeverExpires && now_ms >= expiration_ms;
}
// When what is written now expires.
inline std::int64_t ExpirationAfter(std::int64_t now_ms, std::int64_t ttl_ms) {
  return now_ms > std::numeric_limits<std::int64_t>::max() - ttl_ms ? std::numeric_limits<std::int64_t>::max()
                                                                    : now_ms + ttl_ms;
}

}  // namespace hf
