// SPDX-License-Identifier: Apache-2.0
#include "codec/unsafe_row/unsafe_row_format.h"

#include <fmt/format.h>

#include <set>
#include <string_view>

namespace hf::unsafe_row {
namespace {

Status Check(const DataType& type, int depth, const std::string& path, const std::string& subject) {
  if (depth > kDepthMax) {
    return Invalid(fmt::format("{}: field '{}' nests deeper than {}", subject, path, kDepthMax));
  }
  std::set<std::string_view> names;
  for (const StructField& child : type.children()) {
    const std::string child_path = path.empty() ? child.name : path + "." + child.name;
    if (!names.insert(child.name).second) {
      return Invalid(fmt::format("{}: two fields are called '{}'", subject, child_path));
    }
    HF_RETURN_IF_ERROR(Check(child.type, depth + 1, child_path, subject));
  }
  return {};
}

}  // namespace

std::size_t ElementBytes(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kByte: return 1;
    case TypeKind::kShort: return 2;
    case TypeKind::kInt:
    case TypeKind::kFloat:
    case TypeKind::kDate: return 4;
    default: return kWordBytes;
  }
}

Status CheckUnsafeRowState(const Schema& schema, const std::string& subject) {
  return Check(schema.type(), 0, "", subject);
}

}  // namespace hf::unsafe_row
