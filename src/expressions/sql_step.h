// SPDX-License-Identifier: Apache-2.0
// SqlStep: Spark's SQL expressions over a batch. A step has no state: the same batch at the same time, with the
// same chance, gives the same rows.
//
//  1. Every value is the one that Spark 4.3.0 gives in ANSI mode (its default); what is not proven to be is refused
//     when the step is made. docs/expressions.md lists what is offered and how it is proven.
//  2. An expression fails as Spark's does, with its condition ("DIVIDE_BY_ZERO"), and only for rows for which Spark
//     evaluates it.
//  3. Rows keep their order; columns that are taken as they are share the batch's memory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/batch.h"
#include "rows/time_zone.h"

namespace hf {

struct Routine;

class SqlStep {
 public:
  // Dataset.selectExpr: `expression [AS name]` and `*`. Each output column has the name that Spark gives it; where that
  // is not known, an alias is asked for. `zone` is Spark's session time zone. kInvalid carries Spark's condition, or
  // HOLDFAST_UNPROVEN_EXPRESSION, and names the expression and the place in it.
  static Result<std::unique_ptr<SqlStep>> Select(const Schema& input, const std::vector<std::string>& expressions,
                                                 const TimeZone& zone = {});
  // Dataset.filter: keeps the rows for which the condition is true, neither false nor null.
  static Result<std::unique_ptr<SqlStep>> Filter(const Schema& input, const std::string& condition,
                                                 const TimeZone& zone = {});
  // Dataset.withColumn: takes the place of every column of that name (case does not count), else is the last column.
  static Result<std::unique_ptr<SqlStep>> WithColumn(const Schema& input, const std::string& name,
                                                     const std::string& expression, const TimeZone& zone = {});
  virtual ~SqlStep() = default;

  [[nodiscard]] virtual const Schema& output() const = 0;
  // The input column that an output column is, unchanged; nullopt when it is computed.
  [[nodiscard]] virtual std::optional<std::size_t> SourceOf(std::size_t output_column) const = 0;
  // What of the list of routines the step uses.
  [[nodiscard]] virtual std::vector<const Routine*> routines() const = 0;

  // What current_timestamp() and the like give from now on: Spark fixes them for a whole batch.
  virtual void SetTime(std::int64_t now_micros) = 0;
  // A batch begins, and its rows are counted from here on. rand() and uuid() are a hash of `seed` and the place of the
  // row; with a seed of the user's, of that, `batch` and the place.
  virtual void SetChance(std::uint64_t seed, std::uint64_t batch) = 0;
  // REQUIRES: rows.schema() has the columns of the input. kInvalid carries the condition that Spark ends a query with.
  // Called by one thread at a time.
  virtual Result<ColumnBatch> Apply(const ColumnBatch& rows) = 0;
};

}  // namespace hf
