// SPDX-License-Identifier: Apache-2.0
// The formats behind MakeInputFormat, one file each.
#pragma once

#include "connect/file/input_format.h"

namespace hf {

Result<std::shared_ptr<const InputFormat>> MakeParquetInput(const Schema& schema, const OptionMap& options);
Result<std::shared_ptr<const InputFormat>> MakeJsonInput(const Schema& schema, const OptionMap& options,
                                                         const std::string& time_zone, InputUse use);
Result<std::shared_ptr<const InputFormat>> MakeCsvInput(const Schema& schema, const OptionMap& options,
                                                        const std::string& time_zone, InputUse use);
Result<std::shared_ptr<const InputFormat>> MakeLinesInput(const Schema& schema, const OptionMap& options);

// How the columns of files are found. Formats that it makes have no rows: they only look at the lines.
class FoundColumns {
 public:
  virtual ~FoundColumns() = default;
  // `this` must outlive the format.
  virtual std::shared_ptr<const InputFormat> Looker() = 0;
  [[nodiscard]] virtual Result<Schema> Columns() const = 0;
};
Result<std::unique_ptr<FoundColumns>> FindJsonColumns(const OptionMap& options, const std::string& time_zone);
Result<std::unique_ptr<FoundColumns>> FindCsvColumns(const OptionMap& options, const std::string& time_zone);

// kInvalid for other columns than the one of strings that the format text reads and writes.
Status CheckTextColumns(const Schema& schema);

}  // namespace hf
