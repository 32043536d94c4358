// SPDX-License-Identifier: Apache-2.0
// The formats behind MakeInputFormat, one file each.
#pragma once

#include "connect/file/input_format.h"

namespace hf {

Result<std::shared_ptr<const InputFormat>> MakeParquetInput(const Schema& schema, const OptionMap& options);
Result<std::shared_ptr<const InputFormat>> MakeJsonInput(const Schema& schema, const OptionMap& options,
                                                         const std::string& time_zone);
Result<std::shared_ptr<const InputFormat>> MakeCsvInput(const Schema& schema, const OptionMap& options,
                                                        const std::string& time_zone);
Result<std::shared_ptr<const InputFormat>> MakeLinesInput(const Schema& schema, const OptionMap& options);

// kInvalid for other columns than the one of strings that the format text reads and writes.
Status CheckTextColumns(const Schema& schema);

}  // namespace hf
