// SPDX-License-Identifier: Apache-2.0
// Python functions that a query calls: foreachBatch, foreach and listeners.
#pragma once

#include <nanobind/nanobind.h>

#include <functional>
#include <memory>

#include "holdfast/foreach_writer.h"
#include "processor.h"

namespace hfpy {

using ForeachBatchCall = std::function<hf::Status(const hf::ColumnBatch& rows, std::int64_t batch_id)>;

// `call(rows, batch_id)`.
ForeachBatchCall MakeForeachBatch(nb::object call, std::shared_ptr<Thrown> thrown);

// `writer` has open(partition_id, epoch_id) -> bool, process(tuple) and close(message or None).
std::shared_ptr<hf::ForeachWriter<hf::Row>> MakeForeachWriter(nb::object writer, hf::Schema schema,
                                                              std::shared_ptr<Thrown> thrown);

}  // namespace hfpy
