// SPDX-License-Identifier: Apache-2.0
// Expressions (expressions/): what Holdfast makes of each, row by row, is what real Spark made of it: value, error
// condition, type, nullability and name of the column.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <zlib.h>

#include <algorithm>
#include <bit>
#include <map>
#include <set>

#include "base/json.h"
#include "base/utf8.h"
#include "expressions/routine.h"
#include "expressions/sql_step.h"
#include "expressions/wide_decimal.h"
#include "rows/scalar_text.h"

namespace hf {
namespace {

struct Case {
  std::string table;
  std::string expression;
  std::string zone = "UTC";
  std::size_t step = 1;
  Json spark = nullptr;
};

struct Recording {
  std::map<std::string, ColumnBatch> tables;
  std::vector<Case> cases;
};

std::string ReadRecording() {
  std::string text;
  gzFile file = gzopen(HOLDFAST_SOURCE_DIR "/test/spark_compat/expressions/spark-4.3.0.jsonl.gz", "rb");
  char buffer[1 << 16];
  for (int got = 0; (got = gzread(file, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  gzclose(file);
  return text;
}

std::string UnHex(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

// expressions/tables.py says how a value is written.
Value ReadValue(const std::string& text, const DataType& type) {
  const auto whole = [&] { return ParseInteger(text, INT64_MIN, INT64_MAX).value(); };
  switch (type.kind()) {
    case TypeKind::kBoolean: return text == "true";
    case TypeKind::kByte: return static_cast<std::int8_t>(whole());
    case TypeKind::kShort: return static_cast<std::int16_t>(whole());
    case TypeKind::kInt: return static_cast<std::int32_t>(whole());
    case TypeKind::kLong: return whole();
    case TypeKind::kFloat: return std::bit_cast<float>(static_cast<std::uint32_t>(std::stoul(text, nullptr, 16)));
    case TypeKind::kDouble: return std::bit_cast<double>(static_cast<std::uint64_t>(std::stoull(text, nullptr, 16)));
    case TypeKind::kDecimal: return Decimal{ParseDecimal(text, type.precision(), type.scale()).value(), type.scale()};
    case TypeKind::kString: return text;
    case TypeKind::kBinary: return Binary{UnHex(text)};
    case TypeKind::kDate: return Date{static_cast<std::int32_t>(whole())};
    case TypeKind::kTimestamp: return Timestamp{whole()};
    case TypeKind::kTimestampNtz: return TimestampNtz{whole()};
    default: return {};
  }
}

std::string DecimalText(const Decimal& decimal) {
  std::string digits = WideOf(decimal.unscaled < 0 ? -decimal.unscaled : decimal.unscaled).str();
  const auto scale = static_cast<std::size_t>(decimal.scale);
  if (digits.size() <= scale) {
    digits.insert(0, scale + 1 - digits.size(), '0');
  }
  if (scale > 0) {
    digits.insert(digits.size() - scale, 1, '.');
  }
  return (decimal.unscaled < 0 ? "-" : "") + digits;
}

// As the recording writes a value; every NaN is Java's.
Json WriteValue(const Value& value, const DataType& type) {
  switch (value.is_null() ? TypeKind::kNull : type.kind()) {
    case TypeKind::kBoolean: return std::get<bool>(value) ? "true" : "false";
    case TypeKind::kByte: return fmt::format("{}", std::get<std::int8_t>(value));
    case TypeKind::kShort: return fmt::format("{}", std::get<std::int16_t>(value));
    case TypeKind::kInt: return fmt::format("{}", std::get<std::int32_t>(value));
    case TypeKind::kLong: return fmt::format("{}", std::get<std::int64_t>(value));
    case TypeKind::kFloat: {
      const float one = std::get<float>(value);
      return fmt::format("{:08x}", one != one ? 0x7FC00000U : std::bit_cast<std::uint32_t>(one));
    }
    case TypeKind::kDouble: {
      const double one = std::get<double>(value);
      return fmt::format("{:016x}", one != one ? 0x7FF8000000000000ULL : std::bit_cast<std::uint64_t>(one));
    }
    case TypeKind::kDecimal: return DecimalText(std::get<Decimal>(value));
    case TypeKind::kString: return ReplaceInvalidUtf8(std::get<std::string>(value));
    case TypeKind::kBinary: {
      std::string digits;
      for (const char byte : std::get<Binary>(value).bytes) {
        digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
      }
      return digits;
    }
    case TypeKind::kDate: return fmt::format("{}", std::get<Date>(value).days);
    case TypeKind::kTimestamp: return fmt::format("{}", std::get<Timestamp>(value).micros);
    case TypeKind::kTimestampNtz: return fmt::format("{}", std::get<TimestampNtz>(value).micros);
    case TypeKind::kArray: {
      Json made = Json::array();
      for (const Value& element : std::get<ArrayValue>(value).elements) {
        made.push_back(WriteValue(element, type.children()[0].type));
      }
      return made;
    }
    case TypeKind::kMap: {
      Json made = Json::array();
      for (const auto& [key, mapped] : std::get<MapValue>(value).entries) {
        made.push_back({WriteValue(key, type.children()[0].type), WriteValue(mapped, type.children()[1].type)});
      }
      return Json{{"entries", made}};
    }
    case TypeKind::kStruct: {
      Json made = Json::array();
      const Row& fields = std::get<StructValue>(value).fields;
      for (std::size_t i = 0; i < fields.size(); ++i) {
        made.push_back(WriteValue(fields[i], type.children()[i].type));
      }
      return made;
    }
    default: return nullptr;
  }
}

Value ReadDatum(const Json& written, const DataType& type) {
  if (written.is_null()) {
    return {};
  }
  if (type.kind() == TypeKind::kArray) {
    ArrayValue made;
    for (const Json& element : written) {
      made.elements.push_back(ReadDatum(element, type.children()[0].type));
    }
    return made;
  }
  if (type.kind() == TypeKind::kMap) {
    MapValue made;
    for (const Json& entry : written.at("entries")) {
      made.entries.emplace_back(ReadDatum(entry[0], type.children()[0].type),
                                ReadDatum(entry[1], type.children()[1].type));
    }
    return made;
  }
  if (type.kind() != TypeKind::kStruct) {
    return ReadValue(written.get<std::string>(), type);
  }
  StructValue made;
  for (std::size_t i = 0; i < written.size(); ++i) {
    made.fields.push_back(ReadDatum(written[i], type.children()[i].type));
  }
  return made;
}

ColumnBatch ReadTable(const Json& line) {
  const Schema schema = Schema::FromDdl(line.at("columns").get<std::string>()).value();
  std::vector<Row> rows;
  for (const Json& texts : line.at("rows")) {
    Row& row = rows.emplace_back();
    for (std::size_t i = 0; i < schema.size(); ++i) {
      row.push_back(ReadDatum(texts[i], schema.field(i).type));
    }
  }
  return ColumnBatch::FromRows(schema, rows).value();
}

const Recording& Recorded() {
  static const auto recording = [] {
    Recording made;
    const std::string text = ReadRecording();
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = text.find('\n', begin);
      Json line = ParseJson(text.substr(begin, end - begin)).value();
      begin = end + 1;
      const std::string table = line.at("table").get<std::string>();
      if (line.contains("columns")) {
        made.tables.emplace(table, ReadTable(line));
        continue;
      }
      Case one{.table = table, .expression = line.at("expression").get<std::string>()};
      one.zone = line.contains("zone") ? line.at("zone").get<std::string>() : one.zone;
      one.step = line.contains("step") ? line.at("step").get<std::size_t>() : 1;
      one.spark = std::move(line);
      made.cases.push_back(std::move(one));
    }
    return made;
  }();
  return recording;
}

// Spark takes these, for words that are keywords here stand as names there.
bool IsTakenBySparkAlone(std::string_view expression) {
  static const std::set<std::string_view> taken = {"i1 LIKE", "i1 NOT", "t1 OR", "i1 AS"};
  return taken.contains(expression);
}

// Both refuse, but say why in other words: keywords that Spark takes for names, and * within an expression.
bool IsRefusedInOtherWords(std::string_view expression) {
  static const std::set<std::string_view> refused = {"CASE END", "* + 1", "NOT", "AND t1", "DISTINCT i1"};
  return refused.contains(expression);
}

bool HasAny(std::string_view text, std::initializer_list<std::string_view> parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [text](std::string_view part) { return text.find(part) != text.npos; });
}

// The differences that expressions/README.md lists. `input` is the row as JSON, for tables of few columns.
bool IsKnownDifference(const Case& one, std::string_view input, std::string_view spark, std::string_view ours) {
  // Digits of other scripts are no number here.
  if (HasAny(one.expression, {"CAST(x AS DECIMAL"}) && HasAny(input, {"\uFF11", "\u0663"})) {
    return ours == R"("!CAST_INVALID_INPUT")";
  }
  // Java 17 prints some doubles and floats with another last digit than Java 19 and later.
  if (HasAny(one.expression, {"CAST(d AS STRING)", "CAST(f AS STRING)"})) {
    const bool single = one.expression[5] == 'f';
    const auto text = [](std::string_view quoted) { return quoted.substr(1, quoted.size() - 2); };
    return single ? ParseFloat(text(spark)) == ParseFloat(text(ours))
                  : ParseDouble(text(spark)) == ParseDouble(text(ours));
  }
  if (HasAny(one.expression, {"CAST(d AS DECIMAL", "CAST(f AS DECIMAL"})) {
    return HasAny(input, {"\"d\":9.223372036854775E18", "\"f\":1.2345679E17", "\"d\":1.0E18"});
  }
  // Half of a pair of \u escapes is a question mark here.
  if (HasAny(one.expression, {"get_json_object"}) && HasAny(input, {R"("{\"b\":\"\\ud83d\"}")"})) {
    return true;
  }
  // Spark computes what nullif and BETWEEN look at twice beforehand, also for rows for which nobody asks.
  if (HasAny(one.expression, {"nullif", "BETWEEN"}) && spark.starts_with("!")) {
    return true;
  }
  // Bytes that are no UTF-8 were recorded as Java replaces them.
  if (HasAny(one.expression, {"CAST(y1 AS STRING)", "pad(y1, 4, 'a')", "pad(x1, 4, y2)", "repeat(y1", "initcap(y1)"})) {
    return HasAny(spark, {"\uFFFD"});
  }
  // Spark's optimizer makes null of what has a constant null within, and does not evaluate the rest.
  if (HasAny(one.expression, {"NULL"}) && spark == "null" && ours.starts_with("\"!")) {
    return true;
  }
  // The ends of the range of instants, read in another zone than UTC.
  if (one.zone != "UTC" && HasAny(input, {"-290308-12-21", "294247-01-10"})) {
    return true;
  }
  // Changes of the clock after 2037 are not known.
  return one.zone == "America/Los_Angeles" && HasAny(input, {"\"c\":\"9999-12-31"});
}

// In 2026; no recorded value depends on it.
constexpr std::int64_t kPresent = 1'795'927'763'210'000;
// Nor does any depend on what is drawn.
constexpr std::uint64_t kSeed = 2026;

// Compares one case with Spark; gathers what was found.
class Comparison {
 public:
  void Run(const Case& one) {
    ++cases_;
    const ColumnBatch& table = Recorded().tables.at(one.table);
    auto step = SqlStep::Select(table.schema(), {one.expression}, TimeZone::Find(one.zone).value());
    if (step.ok()) {
      (*step)->SetTime(kPresent);
      (*step)->SetChance(kSeed, 0);
    }
    if (one.spark.contains("refused")) {
      CheckRefusal(one, step.ok() ? Applied(**step, one, table) : step.status());
      return;
    }
    if (!step.ok()) {
      const bool unproven = step.status().condition() == "HOLDFAST_UNPROVEN_EXPRESSION";
      not_offered_ += unproven ? 1 : 0;
      if (!unproven && !IsTakenBySparkAlone(one.expression)) {
        Differs(one, "is taken by Spark", step.status().ToString());
      }
      return;
    }
    ++offered_;
    const StructField& field = (*step)->output().field(0);
    Expect(one, "name", one.spark.at("name").get<std::string>(), field.name);
    Expect(one, "type", one.spark.at("type").get<std::string>(), field.type.ToString());
    Expect(one, "nullable", one.spark.at("nullable").dump(), field.nullable ? "true" : "false");
    if (one.spark.at("type").get<std::string>() == field.type.ToString()) {
      CheckValues(one, **step, table);
    }
  }

  // Where the two differ, at most `most` lines.
  [[nodiscard]] std::string Differences(std::size_t most) const {
    std::string text;
    for (std::size_t i = 0; i < std::min(most, differences_.size()); ++i) {
      text += differences_[i] + "\n";
    }
    return fmt::format("{} differences\n{}", differences_.size(), text);
  }
  [[nodiscard]] std::string Counts() const {
    return fmt::format("{} expressions: {} offered over {} values and {} errors, {} not offered, {} refused by both",
                       cases_, offered_, values_, errors_, not_offered_, refused_);
  }
  [[nodiscard]] bool found() const { return !differences_.empty(); }
  // The routines of which Spark's value in some row, other than null, was seen.
  [[nodiscard]] const std::set<const Routine*>& seen() const { return seen_; }

 private:
  void Differs(const Case& one, std::string_view what, const std::string& found) {
    constexpr int kShown = 2;  // of one expression
    if (++shown_[&one] <= kShown) {
      differences_.push_back(fmt::format("{} [{} {}] {}: {}", one.expression, one.table, one.zone, what, found));
    }
  }
  void Expect(const Case& one, std::string_view what, const std::string& spark, const std::string& ours) {
    if (spark != ours) {
      Differs(one, what, fmt::format("Spark {}, here {}", spark, ours));
    }
  }

  static Status Applied(SqlStep& step, const Case& one, const ColumnBatch& table) {
    for (std::int64_t row = 0; row < table.rows(); row += static_cast<std::int64_t>(one.step)) {
      HF_RETURN_IF_ERROR(step.Apply(table.Slice(row, 1)).status());
    }
    return {};
  }

  void CheckRefusal(const Case& one, const Status& ours) {
    ++refused_;
    const std::string spark = one.spark.at("refused").get<std::string>();
    if (ours.ok()) {
      if (spark.find('_') != std::string::npos) {
        Differs(one, "is refused by Spark", spark);
      }
    } else if (!ours.condition().starts_with("HOLDFAST_") && ours.condition() != spark &&
               !IsRefusedInOtherWords(one.expression)) {
      Differs(one, "is refused otherwise", fmt::format("Spark {}, here {}", spark, ours.ToString()));
    }
  }

  void CheckValues(const Case& one, SqlStep& step, const ColumnBatch& table) {
    const DataType& type = step.output().field(0).type;
    const Json& values = one.spark.at("values");
    std::vector<Row> rows;
    std::vector<std::size_t> expected;
    bool seen = false;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto row = static_cast<std::int64_t>(i * one.step);
      if (!values[i].is_object() || !values[i].contains("error")) {
        rows.push_back(table.RowAt(row));
        expected.push_back(i);
        seen = seen || !values[i].is_null();
        continue;
      }
      ++errors_;
      const auto failed = step.Apply(table.Slice(row, 1));
      const std::string spark = values[i].at("error").get<std::string>();
      const std::string ours = failed.ok() ? "a value" : std::string(failed.status().condition());
      // Errors of Java that have no condition of Spark are any here.
      if (spark != ours && (failed.ok() || !spark.starts_with("java."))) {
        Mismatch(one, table, row, "!" + spark, failed.ok() ? WriteValue(failed->At(0, 0), type).dump() : "!" + ours);
      }
    }
    if (seen) {
      const auto routines = step.routines();
      seen_.insert(routines.begin(), routines.end());
    }
    CheckBatch(one, step, table, ColumnBatch::FromRows(table.schema(), rows).value(), expected);
  }

  // The rows without errors, all at once.
  void CheckBatch(const Case& one, SqlStep& step, const ColumnBatch& table, const ColumnBatch& rows,
                  const std::vector<std::size_t>& expected) {
    const DataType& type = step.output().field(0).type;
    const Json& values = one.spark.at("values");
    const auto all = step.Apply(rows);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ++values_;
      const auto row = static_cast<std::int64_t>(i);
      const auto single = all.ok() ? all : step.Apply(rows.Slice(row, 1));
      const Json& spark = values[expected[i]];
      const Json ours = single.ok() ? WriteValue(single->At(0, all.ok() ? row : 0), type)
                                    : Json("!" + std::string(single.status().condition()));
      if (spark != ours) {
        Mismatch(one, table, static_cast<std::int64_t>(expected[i] * one.step), spark.dump(), ours.dump());
      }
    }
  }

  void Mismatch(const Case& one, const ColumnBatch& table, std::int64_t row, const std::string& spark,
                const std::string& ours) {
    const std::string input = table.columns().size() <= 3 ? ToJson(table.RowAt(row), table.schema()) : "";
    if (!IsKnownDifference(one, input, spark, ours)) {
      Differs(one, fmt::format("row {} {}", row, input), fmt::format("Spark {}, here {}", spark, ours));
    }
  }

  std::size_t cases_ = 0;
  std::size_t offered_ = 0;
  std::size_t values_ = 0;
  std::size_t errors_ = 0;
  std::size_t not_offered_ = 0;
  std::size_t refused_ = 0;
  std::vector<std::string> differences_;
  std::map<const Case*, int> shown_;
  std::set<const Routine*> seen_;
};

const Comparison& Compared() {
  static const auto comparison = [] {
    Comparison made;
    for (const Case& one : Recorded().cases) {
      made.Run(one);
    }
    return made;
  }();
  return comparison;
}

TEST(SparkExpressions, GiveSparksValuesAndErrorsInEveryRow) {
  EXPECT_FALSE(Compared().found()) << Compared().Differences(1000);
  RecordProperty("counts", Compared().Counts());
  std::printf("%s\n", Compared().Counts().c_str());
}

TEST(SparkExpressions, EveryRoutineOfTheListHasARecordedCase) {
  std::string missing;
  for (const Routine& routine : Routines()) {
    if (!Compared().seen().contains(&routine)) {
      missing += RoutineText(routine) + "\n";
    }
  }
  EXPECT_EQ(missing, "");
}

TEST(SparkExpressions, AFilterKeepsTheRowsForWhichTheConditionIsTrue) {
  std::size_t filters = 0;
  for (const Case& one : Recorded().cases) {
    if (one.spark.value("type", "") != "boolean" || one.zone != "UTC") {
      continue;
    }
    const ColumnBatch& table = Recorded().tables.at(one.table);
    auto filter = SqlStep::Filter(table.schema(), one.expression);
    if (!filter.ok()) {
      continue;
    }
    (*filter)->SetTime(kPresent);
    (*filter)->SetChance(kSeed, 0);
    ++filters;
    std::vector<Row> rows;
    std::vector<Row> kept;
    for (std::size_t i = 0; i < one.spark.at("values").size(); ++i) {
      const Json& value = one.spark.at("values")[i];
      if (value.is_object() && value.contains("error")) {
        continue;
      }
      rows.push_back(table.RowAt(static_cast<std::int64_t>(i * one.step)));
      if (value == "true") {
        kept.push_back(rows.back());
      }
    }
    const auto found = (*filter)->Apply(ColumnBatch::FromRows(table.schema(), rows).value());
    ASSERT_TRUE(found.ok()) << one.expression << ": " << found.status().ToString();
    EXPECT_EQ(found->rows(), static_cast<std::int64_t>(kept.size())) << one.expression;
    for (std::int64_t row = 0; row < found->rows(); ++row) {
      ASSERT_EQ(ToJson(found->RowAt(row), table.schema()), ToJson(kept[static_cast<std::size_t>(row)], table.schema()))
          << one.expression;
    }
  }
  EXPECT_GT(filters, 500U);
}

}  // namespace
}  // namespace hf
