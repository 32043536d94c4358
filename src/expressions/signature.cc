// SPDX-License-Identifier: Apache-2.0
#include "expressions/signature.h"

#include <algorithm>
#include <array>

#include "expressions/coercion.h"

namespace hf {
namespace {

constexpr std::array kSignatures = {Signature{"negative", "negative", "n"},
                                    Signature{"positive", "positive", "n"},
                                    Signature{"~", "~", "w"},
                                    Signature{"abs", "abs", "n"},
                                    Signature{"sign", "sign", "D"},
                                    Signature{"signum", "sign", "D", "SIGNUM"},
                                    Signature{"floor", "floor", "f", "FLOOR"},
                                    Signature{"ceil", "ceil", "f", "CEIL"},
                                    Signature{"ceiling", "ceil", "f"},
                                    Signature{"sqrt", "sqrt", "D", "SQRT"},
                                    Signature{"exp", "exp", "D", "EXP"},
                                    Signature{"expm1", "expm1", "D", "EXPM1"},
                                    Signature{"ln", "ln", "D"},
                                    Signature{"log2", "log2", "D", "LOG2"},
                                    Signature{"log10", "log10", "D", "LOG10"},
                                    Signature{"log1p", "log1p", "D", "LOG1P"},
                                    Signature{"log", "log", "DD", "LOG"},
                                    Signature{"cbrt", "cbrt", "D", "CBRT"},
                                    Signature{"hypot", "hypot", "DD", "HYPOT"},
                                    Signature{"asin", "asin", "D", "ASIN"},
                                    Signature{"acos", "acos", "D", "ACOS"},
                                    Signature{"atan", "atan", "D", "ATAN"},
                                    Signature{"atan2", "atan2", "DD", "ATAN2"},
                                    Signature{"pow", "power", "DD"},
                                    Signature{"power", "power", "DD", "POWER"},
                                    Signature{"degrees", "degrees", "D", "DEGREES"},
                                    Signature{"radians", "radians", "D", "RADIANS"},
                                    Signature{"isnan", "isnan", "F"},
                                    Signature{"not", "not", "b"},
                                    Signature{"!", "not", "b"},
                                    Signature{"length", "length", "S"},
                                    Signature{"len", "length", "S"},
                                    Signature{"char_length", "length", "S"},
                                    Signature{"character_length", "length", "S"},
                                    Signature{"octet_length", "octet_length", "S"},
                                    Signature{"bit_length", "bit_length", "S"},
                                    Signature{"upper", "upper", "s"},
                                    Signature{"ucase", "upper", "s"},
                                    Signature{"lower", "lower", "s"},
                                    Signature{"lcase", "lower", "s"},
                                    Signature{"trim", "trim", "s"},
                                    Signature{"btrim", "trim", "s"},
                                    Signature{"ltrim", "ltrim", "s"},
                                    Signature{"rtrim", "rtrim", "s"},
                                    Signature{"crc32", "crc32", "B"},
                                    Signature{"repeat", "repeat", "si"},
                                    Signature{"translate", "translate", "sss"},
                                    Signature{"initcap", "initcap", "s"},
                                    Signature{"md5", "md5", "B"},
                                    Signature{"sha1", "sha1", "B"},
                                    Signature{"sha", "sha1", "B"},
                                    Signature{"sha2", "sha2", "Bi"},
                                    Signature{"unix_timestamp", "unix_timestamp", "M"},
                                    Signature{"to_unix_timestamp", "unix_timestamp", "M"},
                                    Signature{"reverse", "reverse", "S"},
                                    Signature{"ascii", "ascii", "s"},
                                    Signature{"substring", "substring", "Sii"},
                                    Signature{"substr", "substring", "Sii"},
                                    Signature{"left", "left", "Si"},
                                    Signature{"right", "right", "si"},
                                    Signature{"replace", "replace", "sss"},
                                    Signature{"startswith", "startswith", "SS"},
                                    Signature{"endswith", "endswith", "SS"},
                                    Signature{"contains", "contains", "SS"},
                                    Signature{"instr", "instr", "ss"},
                                    Signature{"split_part", "split_part", "ssi"},
                                    Signature{"year", "year", "d"},
                                    Signature{"quarter", "quarter", "d"},
                                    Signature{"month", "month", "d"},
                                    Signature{"day", "dayofmonth", "d"},
                                    Signature{"dayofmonth", "dayofmonth", "d"},
                                    Signature{"dayofweek", "dayofweek", "d"},
                                    Signature{"weekday", "weekday", "d"},
                                    Signature{"dayofyear", "dayofyear", "d"},
                                    Signature{"weekofyear", "weekofyear", "d"},
                                    Signature{"dayname", "dayname", "d"},
                                    Signature{"monthname", "monthname", "d"},
                                    Signature{"last_day", "last_day", "d"},
                                    Signature{"unix_date", "unix_date", "e"},
                                    Signature{"date_from_unix_date", "date_from_unix_date", "i"},
                                    Signature{"datediff", "datediff", "dd"},
                                    Signature{"date_diff", "datediff", "dd"},
                                    Signature{"date_add", "date_add", "dk"},
                                    Signature{"dateadd", "date_add", "dk", "date_add"},
                                    Signature{"date_sub", "date_sub", "dk"},
                                    Signature{"add_months", "add_months", "di"},
                                    Signature{"make_date", "make_date", "iii"},
                                    Signature{"trunc", "trunc", "ds"},
                                    Signature{"date_trunc", "date_trunc", "sT"},
                                    Signature{"hour", "hour", "t"},
                                    Signature{"minute", "minute", "t"},
                                    Signature{"second", "second", "t"},
                                    Signature{"unix_seconds", "unix_seconds", "E"},
                                    Signature{"unix_millis", "unix_millis", "E"},
                                    Signature{"unix_micros", "unix_micros", "E"},
                                    Signature{"timestamp_seconds", "timestamp_seconds", "n"},
                                    Signature{"timestamp_millis", "timestamp_millis", "W"},
                                    Signature{"timestamp_micros", "timestamp_micros", "W"}};

std::optional<DataType> If(bool allowed, const DataType& type) { return allowed ? std::optional(type) : std::nullopt; }

}  // namespace

const Signature* FindSignature(std::string_view name, std::size_t arguments) {
  for (const Signature& one : kSignatures) {
    if (one.name == name && one.arguments.size() == arguments) {
      return &one;
    }
  }
  return nullptr;
}

bool HasSignature(std::string_view name) {
  return std::any_of(kSignatures.begin(), kSignatures.end(), [name](const Signature& one) { return one.name == name; });
}

std::optional<DataType> ImplicitCast(const DataType& from, Wanted wanted) {
  const TypeKind kind = from.kind();
  const bool string = kind == TypeKind::kString;
  const bool null = kind == TypeKind::kNull;
  const bool numeric = IsNumeric(kind);
  const auto keep = [&](bool accepted) { return If(accepted, from); };
  switch (wanted) {
    case Wanted::kString: return If(!from.is_nested(), DataType::String());
    case Wanted::kInt: return If(numeric || string || null, DataType::Int());
    case Wanted::kLong: return If(numeric || string || null, DataType::Long());
    case Wanted::kSmallInteger:
      return string || null ? DataType::Int() : keep(IsIntegral(kind) && kind != TypeKind::kLong);
    case Wanted::kIntegral: return string ? DataType::Long() : null ? DataType::Int() : keep(IsIntegral(kind));
    case Wanted::kExactIntegral: return null ? DataType::Int() : keep(IsIntegral(kind));
    case Wanted::kNumeric: return string || null ? DataType::Double() : keep(numeric);
    case Wanted::kDouble: return If(numeric || string || null, DataType::Double());
    case Wanted::kFloating: return kind == TypeKind::kFloat ? from : If(numeric || string || null, DataType::Double());
    case Wanted::kRoundable:
      return kind == TypeKind::kDecimal || kind == TypeKind::kLong ? from
                                                                   : If(numeric || string || null, DataType::Double());
    case Wanted::kDate: return If(IsDateTime(kind) || string || null, DataType::Date());
    case Wanted::kInstant: return If(IsDateTime(kind) || string || null, DataType::Timestamp());
    case Wanted::kAnyMoment:
      return kind == TypeKind::kTimestampNtz ? from : If(IsDateTime(kind) || string || null, DataType::Timestamp());
    case Wanted::kExactDate: return null ? DataType::Date() : keep(kind == TypeKind::kDate);
    case Wanted::kExactMoment:
      return null ? DataType::Timestamp() : keep(kind == TypeKind::kTimestamp || kind == TypeKind::kTimestampNtz);
    case Wanted::kBytes: return kind == TypeKind::kBinary ? from : If(!from.is_nested(), DataType::String());
    case Wanted::kBinary: return If(kind == TypeKind::kBinary || string || null, DataType::Binary());
    case Wanted::kTimestamp: return keep(kind == TypeKind::kTimestamp);
    case Wanted::kBoolean: return If(kind == TypeKind::kBoolean || string || null, DataType::Boolean());
    case Wanted::kAny: return from;
  }
  return std::nullopt;
}

}  // namespace hf
