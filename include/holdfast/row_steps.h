// SPDX-License-Identifier: Apache-2.0
// RowSteps: the steps of a query over rows that are in no query, such as a table in memory or what ReadRows gives.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "holdfast/query.h"

namespace hf {

class RowSteps {
 public:
  // Checks every step against the columns that it gets, as a query's start does, and with the same errors. A watermark
  // is checked and then changes nothing, as in a batch of Spark. `session_time_zone`: a name as of
  // spark.sql.session.timeZone; empty: UTC. current_timestamp() and the like are the time of this call; rand()
  // and uuid() differ from call to call, unless they have a seed. kInvalid carries Spark's condition where it has one.
  static Result<std::shared_ptr<RowSteps>> Compile(const Schema& input, const std::vector<StepDescription>& steps,
                                                   const std::string& session_time_zone = {});
  virtual ~RowSteps() = default;
  // The columns of the rows that come out.
  [[nodiscard]] virtual const Schema& output() const = 0;
  // The rows after all steps, in their order; columns that no step changed share the memory of `rows`. Rows may be
  // given in any pieces. kInvalid for rows with other columns than the input, or with the condition of an expression
  // that fails. By one thread at a time.
  virtual Result<ColumnBatch> Apply(const ColumnBatch& rows) = 0;
};

}  // namespace hf
