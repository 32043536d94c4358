// SPDX-License-Identifier: Apache-2.0
// StructType.toDDL and the part of Spark's SqlBaseParser.g4 that reads it back: colTypeList, dataType,
// complexColType.
#include "base/json.h"

#include <fmt/core.h>

#include "base/utf8.h"
#include "holdfast/types.h"
#include "rows/type_names.h"

namespace hf {
namespace {

// Spark 4.3 QuotingUtils.escapeSingleQuotedString.
std::string CommentText(std::string_view comment) {
  std::string out;
  for (const char c : comment) {
    out += c == '\'' ? std::string("\\'") : std::string(1, c);
  }
  return out;
}

std::string MetadataText(const StructField& field, std::string_view key) {
  if (field.metadata_json == "{}") {
    return {};
  }
  auto metadata = ParseJson(field.metadata_json);
  if (!metadata.ok()) {
    return {};
  }
  auto text = GetString(*metadata, key);
  return text.ok() ? *std::move(text) : std::string();
}

std::string CommentClause(const StructField& field) {
  const std::string comment = MetadataText(field, "comment");
  return comment.empty() ? comment : fmt::format(" COMMENT '{}'", CommentText(comment));
}

std::string NotNullClause(const StructField& field) { return field.nullable ? "" : " NOT NULL"; }

struct Token {
  enum class Kind { kEnd, kWord, kQuoted, kText, kSymbol };
  Kind kind = Kind::kEnd;
  std::string text;  // kWord as written; kQuoted and kText without quotes and escapes
  std::size_t at = 0;
};

bool EqualsIgnoringCase(std::string_view a, std::string_view upper) {
  if (a.size() != upper.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    const char c = a[i] >= 'a' && a[i] <= 'z' ? static_cast<char>(a[i] - 'a' + 'A') : a[i];
    if (c != upper[i]) {
      return false;
    }
  }
  return true;
}

constexpr const char* kSyntaxError = "PARSE_SYNTAX_ERROR";

class DdlParser {
 public:
  explicit DdlParser(std::string_view ddl) : ddl_(ddl) {}

  Result<DataType> ParseWhole() {
    HF_RETURN_IF_ERROR(Next());
    if (EqualsIgnoringCase(token_.text, "STRUCT") &&
        ddl_.substr(at_).find_first_not_of(" \t\r\n") != std::string_view::npos &&
        ddl_[at_ + ddl_.substr(at_).find_first_not_of(" \t\r\n")] == '<') {
      HF_ASSIGN_OR_RETURN(DataType type, ParseType(0));
      HF_RETURN_IF_ERROR(ExpectEnd());
      return type;
    }
    std::vector<StructField> fields;
    if (token_.kind != Token::Kind::kEnd) {
      HF_ASSIGN_OR_RETURN(fields, ParseFields(0));
    }
    HF_RETURN_IF_ERROR(ExpectEnd());
    return DataType::Struct(std::move(fields));
  }

 private:
  Status SyntaxError(std::string_view expected) const {
    const std::string found = token_.kind == Token::Kind::kEnd ? "the end" : fmt::format("'{}'", token_.text);
    return Invalid(fmt::format("schema text, character {}: expected {}, found {}", token_.at + 1, expected, found),
                   kSyntaxError);
  }

  Status ExpectEnd() const { return token_.kind == Token::Kind::kEnd ? Status() : SyntaxError("',' or the end"); }

  bool IsSymbol(char symbol) const { return token_.kind == Token::Kind::kSymbol && token_.text[0] == symbol; }
  bool IsWord(std::string_view upper) const {
    return token_.kind == Token::Kind::kWord && EqualsIgnoringCase(token_.text, upper);
  }

  Status Expect(char symbol) {
    if (!IsSymbol(symbol)) {
      return SyntaxError(fmt::format("'{}'", symbol));
    }
    return Next();
  }

  static bool IsWordByte(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
  }

  Status Next() {
    while (at_ < ddl_.size() && std::string_view(" \t\r\n").find(ddl_[at_]) != std::string_view::npos) {
      ++at_;
    }
    token_ = Token{};
    token_.at = at_;
    if (at_ == ddl_.size()) {
      return {};
    }
    const char c = ddl_[at_];
    if (c == '`' || c == '\'' || c == '"') {
      return NextQuoted(c);
    }
    if (IsWordByte(c)) {
      const std::size_t begin = at_;
      while (at_ < ddl_.size() && IsWordByte(ddl_[at_])) {
        ++at_;
      }
      token_.kind = Token::Kind::kWord;
      token_.text = ddl_.substr(begin, at_ - begin);
      return {};
    }
    token_.kind = Token::Kind::kSymbol;
    token_.text = c;
    ++at_;
    return {};
  }

  // A doubled quote stands for itself; only texts know the backslash (Spark 4.3 SparkParserUtils.unescapeSQLString).
  Status NextQuoted(char quote) {
    token_.kind = quote == '`' ? Token::Kind::kQuoted : Token::Kind::kText;
    for (++at_; at_ < ddl_.size(); ++at_) {
      const char c = ddl_[at_];
      if (c == quote) {
        if (at_ + 1 < ddl_.size() && ddl_[at_ + 1] == quote) {
          ++at_;
        } else {
          ++at_;
          return {};
        }
      } else if (c == '\\' && quote != '`' && at_ + 1 < ddl_.size()) {
        ++at_;
        AppendEscape(ddl_[at_]);
        continue;
      }
      token_.text += ddl_[at_];
    }
    return Invalid(fmt::format("schema text, character {}: the quote {} is never closed", token_.at + 1, quote),
                   kSyntaxError);
  }

  void AppendEscape(char c) {
    switch (c) {
      case 'n': token_.text += '\n'; return;
      case 't': token_.text += '\t'; return;
      case 'r': token_.text += '\r'; return;
      case 'b': token_.text += '\b'; return;
      case '0': token_.text += '\0'; return;
      case 'Z': token_.text += '\x1A'; return;
      case '%':
      case '_':
        token_.text += '\\';
        token_.text += c;
        return;
      default: token_.text += c; return;
    }
  }

  Result<std::vector<StructField>> ParseFields(int depth) {
    std::vector<StructField> fields;
    while (true) {
      HF_ASSIGN_OR_RETURN(fields.emplace_back(), ParseField(depth));
      if (!IsSymbol(',')) {
        return fields;
      }
      HF_RETURN_IF_ERROR(Next());
    }
  }

  Result<StructField> ParseField(int depth) {
    const bool is_number = token_.text.find_first_not_of("0123456789") == std::string::npos;
    if (token_.kind != Token::Kind::kQuoted && (token_.kind != Token::Kind::kWord || is_number)) {
      return SyntaxError("the name of a column (others than letters, digits and _ need backticks)");
    }
    StructField field{.name = token_.text};
    HF_RETURN_IF_ERROR(Next());
    if (IsSymbol(':')) {
      HF_RETURN_IF_ERROR(Next());
    }
    HF_ASSIGN_OR_RETURN(field.type, ParseType(depth));
    if (IsWord("NOT")) {
      HF_RETURN_IF_ERROR(Next());
      if (!IsWord("NULL")) {
        return SyntaxError("NULL behind NOT");
      }
      HF_RETURN_IF_ERROR(Next());
      field.nullable = false;
    }
    if (IsWord("COMMENT")) {
      HF_RETURN_IF_ERROR(Next());
      if (token_.kind != Token::Kind::kText) {
        return SyntaxError("a quoted comment");
      }
      if (!IsValidUtf8(token_.text)) {
        return SyntaxError("a comment in UTF-8");
      }
      Json metadata = Json::object();
      metadata["comment"] = token_.text;
      field.metadata_json = DumpJson(metadata);
      HF_RETURN_IF_ERROR(Next());
    }
    return field;
  }

  Result<DataType> ParseType(int depth) {
    if (depth > kTypeDepthMax) {
      return Invalid(
          fmt::format("schema text, character {}: a type nests deeper than {} levels", token_.at + 1, kTypeDepthMax));
    }
    if (token_.kind != Token::Kind::kWord) {
      return SyntaxError("a type");
    }
    const std::string word = token_.text;
    const std::size_t at = token_.at;
    HF_RETURN_IF_ERROR(Next());
    if (EqualsIgnoringCase(word, "ARRAY")) {
      HF_RETURN_IF_ERROR(Expect('<'));
      HF_ASSIGN_OR_RETURN(DataType element, ParseType(depth + 1));
      HF_RETURN_IF_ERROR(Expect('>'));
      return DataType::Array(std::move(element));
    }
    if (EqualsIgnoringCase(word, "MAP")) {
      HF_RETURN_IF_ERROR(Expect('<'));
      HF_ASSIGN_OR_RETURN(DataType key, ParseType(depth + 1));
      HF_RETURN_IF_ERROR(Expect(','));
      HF_ASSIGN_OR_RETURN(DataType value, ParseType(depth + 1));
      HF_RETURN_IF_ERROR(Expect('>'));
      return DataType::Map(std::move(key), std::move(value));
    }
    if (EqualsIgnoringCase(word, "STRUCT")) {
      HF_RETURN_IF_ERROR(Expect('<'));
      std::vector<StructField> fields;
      if (!IsSymbol('>')) {
        HF_ASSIGN_OR_RETURN(fields, ParseFields(depth + 1));
      }
      HF_RETURN_IF_ERROR(Expect('>'));
      return DataType::Struct(std::move(fields));
    }
    Result<DataType> scalar = ParseScalar(word);
    if (!scalar.ok() && scalar.status().condition() != kSyntaxError) {  // that one says where by itself
      return scalar.status().WithContext(fmt::format("schema text, character {}", at + 1));
    }
    return scalar;
  }

  Result<DataType> ParseScalar(std::string_view word) {
    struct Synonym {
      std::string_view name;
      DataType type;
    };
    static const std::vector<Synonym> synonyms = {{"BOOLEAN", DataType::Boolean()},
                                                  {"TINYINT", DataType::Byte()},
                                                  {"BYTE", DataType::Byte()},
                                                  {"SMALLINT", DataType::Short()},
                                                  {"SHORT", DataType::Short()},
                                                  {"INT", DataType::Int()},
                                                  {"INTEGER", DataType::Int()},
                                                  {"BIGINT", DataType::Long()},
                                                  {"LONG", DataType::Long()},
                                                  {"FLOAT", DataType::Float()},
                                                  {"REAL", DataType::Float()},
                                                  {"DOUBLE", DataType::Double()},
                                                  {"DATE", DataType::Date()},
                                                  {"BINARY", DataType::Binary()},
                                                  {"VOID", DataType::Null()},
                                                  {"TIMESTAMP_LTZ", DataType::Timestamp()},
                                                  {"TIMESTAMP_NTZ", DataType::TimestampNtz()}};
    for (const Synonym& synonym : synonyms) {
      if (EqualsIgnoringCase(word, synonym.name)) {
        return synonym.type;
      }
    }
    if (EqualsIgnoringCase(word, "STRING")) {
      return IsWord("COLLATE") ? Result<DataType>(UnsupportedType("string with a collation")) : DataType::String();
    }
    if (EqualsIgnoringCase(word, "TIMESTAMP")) {
      return ParseTimestamp();
    }
    if (EqualsIgnoringCase(word, "DECIMAL") || EqualsIgnoringCase(word, "DEC") || EqualsIgnoringCase(word, "NUMERIC")) {
      return ParseDecimal();
    }
    static constexpr std::string_view kForeign[] = {"INTERVAL", "VARIANT", "CHAR",     "CHARACTER",
                                                    "VARCHAR",  "TIME",    "GEOMETRY", "GEOGRAPHY"};
    for (const std::string_view foreign : kForeign) {
      if (EqualsIgnoringCase(word, foreign)) {
        return UnsupportedType(word);
      }
    }
    return Invalid(fmt::format("\"{}\" is not the name of a type", word), "UNSUPPORTED_DATATYPE");
  }

  // TIMESTAMP [WITHOUT TIME ZONE]
  Result<DataType> ParseTimestamp() {
    if (!IsWord("WITHOUT")) {
      return DataType::Timestamp();
    }
    HF_RETURN_IF_ERROR(Next());
    if (!IsWord("TIME")) {
      return SyntaxError("TIME ZONE behind WITHOUT");
    }
    HF_RETURN_IF_ERROR(Next());
    if (!IsWord("ZONE")) {
      return SyntaxError("ZONE behind TIME");
    }
    HF_RETURN_IF_ERROR(Next());
    return DataType::TimestampNtz();
  }

  Result<DataType> ParseDecimal() {
    if (!IsSymbol('(')) {
      return DataType::Decimal(10, 0);
    }
    HF_RETURN_IF_ERROR(Next());
    HF_ASSIGN_OR_RETURN(const int precision, ParseNumber());
    int scale = 0;
    if (IsSymbol(',')) {
      HF_RETURN_IF_ERROR(Next());
      HF_ASSIGN_OR_RETURN(scale, ParseNumber());
    }
    HF_RETURN_IF_ERROR(Expect(')'));
    return MakeDecimal(precision, scale);
  }

  Result<int> ParseNumber() {
    if (token_.kind != Token::Kind::kWord || token_.text.size() > 4 ||
        token_.text.find_first_not_of("0123456789") != std::string::npos) {
      return SyntaxError("a number of digits");
    }
    const int value = std::stoi(token_.text);
    HF_RETURN_IF_ERROR(Next());
    return value;
  }

  std::string_view ddl_;
  std::size_t at_ = 0;
  Token token_;
};

}  // namespace

std::string DataType::ToSql() const {
  switch (kind_) {
    case TypeKind::kDecimal: return fmt::format("DECIMAL({},{})", precision(), scale());
    case TypeKind::kArray: return fmt::format("ARRAY<{}>", children()[0].type.ToSql());
    case TypeKind::kMap: return fmt::format("MAP<{}, {}>", children()[0].type.ToSql(), children()[1].type.ToSql());
    case TypeKind::kStruct: {
      std::string out;
      for (const StructField& field : children()) {
        out += fmt::format("{}{}: {}{}{}", out.empty() ? "" : ", ", QuotedIfNeeded(field.name), field.type.ToSql(),
                           NotNullClause(field), CommentClause(field));
      }
      return "STRUCT<" + out + ">";
    }
    default: return std::string(NamesOf(kind_).sql);
  }
}

std::string Schema::ToDdl() const {
  std::string out;
  for (const StructField& field : fields()) {
    const std::string default_value = MetadataText(field, "CURRENT_DEFAULT");
    out += fmt::format("{}{} {}{}{}{}", out.empty() ? "" : ",", QuotedIfNeeded(field.name), field.type.ToSql(),
                       NotNullClause(field), default_value.empty() ? "" : " DEFAULT " + default_value,
                       CommentClause(field));
  }
  return out;
}

Result<Schema> Schema::FromDdl(std::string_view ddl) {
  if (!IsValidUtf8(ddl)) {
    return Invalid("the schema text is not UTF-8", kSyntaxError);
  }
  HF_ASSIGN_OR_RETURN(DataType type, DdlParser(ddl).ParseWhole());
  return Schema(std::move(type));
}

}  // namespace hf
