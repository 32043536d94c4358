// SPDX-License-Identifier: Apache-2.0
// Strings and binary (Spark 4.3 stringExpressions.scala, UTF8String). Positions and lengths count characters.
#include <fmt/format.h>

#include <algorithm>

#include "base/crc32.h"
#include "base/utf8.h"
#include "expressions/case_mapping.h"
#include "expressions/routine.h"
#include "rows/murmur3_spark.h"

namespace hf {
namespace {

bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

std::int32_t Count(std::string_view text) {
  return static_cast<std::int32_t>(std::count_if(text.begin(), text.end(), BeginsCharacter));
}

// The byte at which character `index` begins, or the end.
std::size_t ByteOf(std::string_view text, std::int64_t index) {
  std::int64_t seen = -1;
  for (std::size_t i = 0; i < text.size(); ++i) {
    seen += BeginsCharacter(text[i]) ? 1 : 0;
    if (seen >= index) {
      return i;
    }
  }
  return text.size();
}

// Characters [begin, end); what is before the first is cut.
std::string_view Slice(std::string_view text, std::int64_t begin, std::int64_t end) {
  if (end <= begin || end <= 0) {
    return {};
  }
  const std::size_t from = ByteOf(text, std::max<std::int64_t>(begin, 0));
  return text.substr(from, ByteOf(text.substr(from), end - std::max<std::int64_t>(begin, 0)));
}

std::string_view SubstringOf(std::string_view text, std::int64_t position, std::int64_t length) {
  const std::int64_t begin = position > 0 ? position - 1 : position < 0 ? Count(text) + position : 0;
  return Slice(text, begin, std::clamp<std::int64_t>(begin + length, INT32_MIN, INT32_MAX));
}

std::int32_t Length(RowOutcome&, std::string_view text) { return Count(text); }
std::int32_t Bytes(RowOutcome&, std::string_view bytes) { return static_cast<std::int32_t>(bytes.size()); }
std::int32_t Bits(RowOutcome&, std::string_view bytes) { return static_cast<std::int32_t>(bytes.size() * 8); }

std::string_view Substring(RowOutcome&, std::string_view text, std::int32_t position, std::int32_t length) {
  return SubstringOf(text, position, length);
}
std::string_view Left(RowOutcome&, std::string_view text, std::int32_t length) { return SubstringOf(text, 1, length); }
std::string_view Right(RowOutcome&, std::string_view text, std::int32_t length) {
  return length <= 0 ? std::string_view() : SubstringOf(text, -std::int64_t{length}, INT32_MAX);
}

std::string_view TrimLeft(RowOutcome&, std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text;
}
std::string_view TrimRight(RowOutcome&, std::string_view text) {
  return text.substr(0, text.find_last_not_of(' ') + 1);
}
std::string_view Trim(RowOutcome& outcome, std::string_view text) {
  return TrimRight(outcome, TrimLeft(outcome, text));
}

std::string Replace(RowOutcome&, std::string_view text, std::string_view search, std::string_view with) {
  std::string made;
  std::size_t at = 0;
  while (!search.empty()) {
    const std::size_t found = text.find(search, at);
    if (found == std::string_view::npos) {
      break;
    }
    made.append(text, at, found - at).append(with);
    at = found + search.size();
  }
  return made.append(text, at);
}

bool StartsWith(RowOutcome&, std::string_view text, std::string_view with) { return text.starts_with(with); }
bool EndsWith(RowOutcome&, std::string_view text, std::string_view with) { return text.ends_with(with); }
bool Contains(RowOutcome&, std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// From 1; 0 when `part` is not in the text.
std::int32_t Instr(RowOutcome&, std::string_view text, std::string_view part) {
  const std::size_t found = text.find(part);
  return found == std::string_view::npos ? 0 : Count(text.substr(0, found)) + 1;
}
std::int32_t Locate(RowOutcome& outcome, std::string_view part, std::string_view text) {
  return Instr(outcome, text, part);
}

std::string Upper(RowOutcome&, std::string_view text) { return ToUpperCase(text); }
std::string Lower(RowOutcome&, std::string_view text) { return ToLowerCase(text); }

std::int64_t Crc32Of(RowOutcome&, std::string_view bytes) { return Crc32(bytes); }

// hash(42, a) is the seed of the next argument; a null leaves the seed as it is.
Status Hash(const Arguments& arguments, ColumnBuilder& out) {
  const ValuesOf<std::int32_t> seeds(arguments.vectors[0]);
  const Vector& values = arguments.vectors[1];
  const Column* const column = &values.column;
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    out.AppendFixed(HashRow({&column, 1}, values.At(row), seeds[row]));
  }
  return {};
}

std::string Reverse(RowOutcome&, std::string_view text) {
  std::string made;
  made.reserve(text.size());
  for (std::size_t end = text.size(); end > 0;) {
    std::size_t begin = end - 1;
    while (begin > 0 && !BeginsCharacter(text[begin])) {
      --begin;
    }
    made.append(text, begin, end - begin);
    end = begin;
  }
  return made;
}

std::int32_t Ascii(RowOutcome&, std::string_view text) {
  return text.empty() ? 0 : static_cast<std::int32_t>(DecodeUtf8(text).value);
}

std::string SplitPart(RowOutcome& outcome, std::string_view text, std::string_view delimiter, std::int32_t part) {
  if (part == 0) {
    outcome.Fail("INVALID_INDEX_OF_ZERO", "split_part counts parts from 1 or, from behind, from -1");
    return {};
  }
  std::vector<std::string_view> parts;
  std::size_t at = 0;
  while (!delimiter.empty()) {
    const std::size_t found = text.find(delimiter, at);
    if (found == std::string_view::npos) {
      break;
    }
    parts.push_back(text.substr(at, found - at));
    at = found + delimiter.size();
  }
  parts.push_back(text.substr(at));
  const std::int64_t index = part > 0 ? part - 1 : static_cast<std::int64_t>(parts.size()) + part;
  const bool there = index >= 0 && index < static_cast<std::int64_t>(parts.size());
  return there ? std::string(parts[static_cast<std::size_t>(index)]) : std::string();
}

Status Concat(const Arguments& arguments, ColumnBuilder& out) {
  std::string made;
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    made.clear();
    bool is_null = false;
    for (const Vector& vector : arguments.vectors) {
      is_null = is_null || vector.IsNull(row);
      made += is_null ? std::string_view() : ValuesOf<std::string_view>(vector)[row];
    }
    if (is_null) {
      out.AppendNull();
    } else {
      out.AppendBytes(made);
    }
  }
  return {};
}

// Nulls behind the separator are left out; a null separator makes null.
Status ConcatWithSeparator(const Arguments& arguments, ColumnBuilder& out) {
  std::string made;
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    if (arguments.vectors[0].IsNull(row)) {
      out.AppendNull();
      continue;
    }
    const std::string_view separator = ValuesOf<std::string_view>(arguments.vectors[0])[row];
    made.clear();
    bool first = true;
    for (const Vector& vector : arguments.vectors.subspan(1)) {
      if (!vector.IsNull(row)) {
        made += first ? std::string_view() : separator;
        made += ValuesOf<std::string_view>(vector)[row];
        first = false;
      }
    }
    out.AppendBytes(made);
  }
  return {};
}

// One piece of a LIKE pattern: a character, any character, or any text.
struct Piece {
  enum class Kind : std::uint8_t { kText, kOne, kMany } kind;
  std::string_view text;  // of one character
};

// StringUtils.escapeLikeRegex.
bool ReadPattern(RowOutcome& outcome, std::string_view pattern, std::string_view escape, std::vector<Piece>* pieces) {
  pieces->clear();
  for (std::size_t at = 0; at < pattern.size();) {
    const auto character = [&] { return pattern.substr(at, ByteOf(pattern.substr(at), 1)); };
    std::string_view here = character();
    at += here.size();
    if (here == escape) {
      if (at == pattern.size()) {
        outcome.Fail("INVALID_FORMAT.ESC_AT_THE_END", fmt::format("the pattern '{}' ends with its escape", pattern));
        return false;
      }
      here = character();
      at += here.size();
      if (here != "_" && here != "%" && here != escape) {
        outcome.Fail("INVALID_FORMAT.ESC_IN_THE_MIDDLE",
                     fmt::format("the pattern '{}' escapes '{}', which needs no escape", pattern, here));
        return false;
      }
      pieces->push_back({Piece::Kind::kText, here});
    } else {
      pieces->push_back({here == "%"   ? Piece::Kind::kMany
                         : here == "_" ? Piece::Kind::kOne
                                       : Piece::Kind::kText,
                         here});
    }
  }
  return true;
}

bool Matches(std::string_view text, const std::vector<Piece>& pieces) {
  std::size_t at = 0;
  std::size_t piece = 0;
  std::size_t many = pieces.size();  // the last % passed, and the text it has taken so far
  std::size_t taken = 0;
  while (at < text.size()) {
    const std::size_t size = ByteOf(text.substr(at), 1);
    if (piece < pieces.size() && pieces[piece].kind == Piece::Kind::kMany) {
      many = piece++;
      taken = at;
    } else if (piece < pieces.size() &&
               (pieces[piece].kind == Piece::Kind::kOne || pieces[piece].text == text.substr(at, size))) {
      ++piece;
      at += size;
    } else if (many < pieces.size()) {
      piece = many + 1;
      taken += ByteOf(text.substr(taken), 1);
      at = taken;
    } else {
      return false;
    }
  }
  while (piece < pieces.size() && pieces[piece].kind == Piece::Kind::kMany) {
    ++piece;
  }
  return piece == pieces.size();
}

bool LikeEscaped(RowOutcome& outcome, std::string_view text, std::string_view pattern, std::string_view escape) {
  std::vector<Piece> pieces;
  return ReadPattern(outcome, pattern, escape, &pieces) && Matches(text, pieces);
}
bool Like(RowOutcome& outcome, std::string_view text, std::string_view pattern) {
  return LikeEscaped(outcome, text, pattern, "\\");
}

}  // namespace

void AddTexts(std::vector<Routine>& list) {
  constexpr TypeKind kString = TypeKind::kString;
  constexpr TypeKind kBinary = TypeKind::kBinary;
  constexpr TypeKind kInt = TypeKind::kInt;
  const auto add = [&](std::string_view name, std::vector<TypeKind> from, TypeKind to, Kernel kernel,
                       bool can_fail = false) {
    list.push_back({.name = std::string(name),
                    .arguments = std::move(from),
                    .result = to,
                    .kernel = kernel,
                    .can_fail = can_fail});
  };
  add("length", {kString}, kInt, EachRow<&Length>::Run);
  add("length", {kBinary}, kInt, EachRow<&Bytes>::Run);
  for (const TypeKind kind : {kString, kBinary}) {
    add("octet_length", {kind}, kInt, EachRow<&Bytes>::Run);
    add("bit_length", {kind}, kInt, EachRow<&Bits>::Run);
    list.push_back({.name = "concat", .arguments = {kind}, .result = kind, .kernel = Concat, .variadic = true});
  }
  list.push_back({.name = "concat_ws",
                  .arguments = {kString},
                  .result = kString,
                  .kernel = ConcatWithSeparator,
                  .nulls = NullRule::kSeesFirst,
                  .variadic = true});
  add("startswith", {kString, kString}, TypeKind::kBoolean, EachRow<&StartsWith>::Run);
  add("endswith", {kString, kString}, TypeKind::kBoolean, EachRow<&EndsWith>::Run);
  add("contains", {kString, kString}, TypeKind::kBoolean, EachRow<&Contains>::Run);
  add("substring", {kString, kInt, kInt}, kString, EachRow<&Substring>::Run);
  add("left", {kString, kInt}, kString, EachRow<&Left>::Run);
  add("right", {kString, kInt}, kString, EachRow<&Right>::Run);
  add("trim", {kString}, kString, EachRow<&Trim>::Run);
  add("ltrim", {kString}, kString, EachRow<&TrimLeft>::Run);
  add("rtrim", {kString}, kString, EachRow<&TrimRight>::Run);
  add("replace", {kString, kString, kString}, kString, EachRow<&Replace>::Run);
  add("instr", {kString, kString}, kInt, EachRow<&Instr>::Run);
  add("locate", {kString, kString}, kInt, EachRow<&Locate>::Run);
  add("crc32", {kBinary}, TypeKind::kLong, EachRow<&Crc32Of>::Run);
  for (const TypeKind kind : {TypeKind::kBoolean, TypeKind::kByte, TypeKind::kShort, kInt, TypeKind::kLong,
                              TypeKind::kFloat, TypeKind::kDouble, TypeKind::kDecimal, kString, kBinary,
                              TypeKind::kDate, TypeKind::kTimestamp, TypeKind::kTimestampNtz}) {
    list.push_back(
        {.name = "hash", .arguments = {kInt, kind}, .result = kInt, .kernel = Hash, .nulls = NullRule::kSeesNever});
  }
  add("upper", {kString}, kString, EachRow<&Upper>::Run);
  add("lower", {kString}, kString, EachRow<&Lower>::Run);
  add("reverse", {kString}, kString, EachRow<&Reverse>::Run);
  add("ascii", {kString}, kInt, EachRow<&Ascii>::Run);
  add("split_part", {kString, kString, kInt}, kString, EachRow<&SplitPart>::Run, true);
  list.back().makes_null = true;  // as Spark says, though it never does
  add("like", {kString, kString}, TypeKind::kBoolean, EachRow<&Like>::Run, true);
  add("like", {kString, kString, kString}, TypeKind::kBoolean, EachRow<&LikeEscaped>::Run, true);
}

}  // namespace hf
