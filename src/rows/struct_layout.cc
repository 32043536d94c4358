// SPDX-License-Identifier: Apache-2.0
#include "holdfast/struct_layout.h"

namespace hf {

const TypeLayout& ValueLayout() {
  static const TypeLayout layout = detail::ScalarLayout<Value>(MemoryKind::kValue, DataType::Null());
  return layout;
}

std::shared_ptr<const TypeLayout> RowLayout(const Schema& schema) {
  auto layout = std::make_shared<TypeLayout>(detail::ScalarLayout<Row>(MemoryKind::kRow, schema.type()));
  for (std::size_t i = 0; i < schema.size(); ++i) {
    layout->fields.push_back({.name = schema.field(i).name, .offset = i, .place = {.type = &ValueLayout()}});
  }
  return layout;
}

}  // namespace hf
