// SPDX-License-Identifier: Apache-2.0
// Texts and binary that are padded, repeated, translated or put into capitals (Spark 4.3 stringExpressions.scala,
// UTF8String, ByteArray), digests of them, and xxhash64.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/digest.h"
#include "base/utf8.h"
#include "expressions/case_mapping.h"
#include "expressions/routine.h"
#include "rows/xxhash64_spark.h"

namespace hf {
namespace {

enum class Side { kLeft, kRight };

// Where a text is counted in characters, binary is in bytes.
struct Characters {
  static bool Begins(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }
};
struct Bytes {
  static bool Begins(char) { return true; }
};

template <typename Unit>
std::int64_t Count(std::string_view text) {
  return std::count_if(text.begin(), text.end(), Unit::Begins);
}

// The first `count` units.
template <typename Unit>
std::string_view Front(std::string_view text, std::int64_t count) {
  std::int64_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    seen += Unit::Begins(text[i]) ? 1 : 0;
    if (seen > count) {
      return text.substr(0, i);
    }
  }
  return text;
}

constexpr std::size_t kBytesMax = 0x7FFFFFFF;

void FailTooLong(RowOutcome& outcome) { outcome.Fail("", "a text or binary would be longer than 2,147,483,647 bytes"); }

template <typename Unit, Side side>
std::string Pad(RowOutcome& outcome, std::string_view text, std::int32_t length, std::string_view pad) {
  const std::int64_t missing = length - Count<Unit>(text);
  if (missing <= 0 || pad.empty()) {
    return std::string(Front<Unit>(text, std::max(length, 0)));
  }
  const std::int64_t units = Count<Unit>(pad);
  const std::string_view last = units > 0 ? Front<Unit>(pad, missing % units) : std::string_view();
  const auto whole = static_cast<std::size_t>(units > 0 ? missing / units : 0);
  if (whole > (kBytesMax - text.size()) / pad.size()) {
    FailTooLong(outcome);
    return {};
  }
  std::string made(side == Side::kRight ? text : std::string_view());
  made.reserve(text.size() + whole * pad.size() + last.size());
  for (std::size_t i = 0; i < whole; ++i) {
    made += pad;
  }
  made += last;
  return side == Side::kLeft ? made.append(text) : made;
}

std::string Repeat(RowOutcome& outcome, std::string_view text, std::int32_t count) {
  if (count > 0 && text.size() > kBytesMax / static_cast<std::size_t>(count)) {
    FailTooLong(outcome);
    return {};
  }
  std::string made;
  made.reserve(text.size() * static_cast<std::size_t>(std::max(count, 0)));
  for (std::int32_t i = 0; i < count; ++i) {
    made += text;
  }
  return made;
}

// The character in front of `text`, which is taken away; a byte that is no UTF-8 stands for itself.
std::string_view TakeCharacter(std::string_view* text) {
  const std::string_view character = text->substr(0, std::max<std::size_t>(DecodeUtf8(*text).size_bytes, 1));
  text->remove_prefix(character.size());
  return character;
}

// Characters of `from` become those at the same place in `to`; those without one, and those that would become a zero,
// are left out.
std::string Translate(RowOutcome&, std::string_view text, std::string_view from, std::string_view to) {
  std::map<std::string_view, std::string_view> replaced;
  while (!from.empty()) {
    const std::string_view with = to.empty() ? to : TakeCharacter(&to);
    replaced.emplace(TakeCharacter(&from), with == std::string_view("\0", 1) ? std::string_view() : with);
  }
  std::string made;
  while (!text.empty()) {
    const std::string_view character = TakeCharacter(&text);
    const auto found = replaced.find(character);
    made += found == replaced.end() ? character : found->second;
  }
  return made;
}

std::string InitCap(RowOutcome&, std::string_view text) { return ToTitleCase(text); }

template <std::string (*Digest)(std::string_view)>
std::string HexDigest(std::string_view bytes) {
  std::string digits;
  for (const char byte : Digest(bytes)) {
    digits += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return digits;
}

template <std::string (*Digest)(std::string_view)>
std::string DigestOf(RowOutcome&, std::string_view bytes) {
  return HexDigest<Digest>(bytes);
}

std::string Sha2Of(RowOutcome& outcome, std::string_view bytes, std::int32_t bits) {
  switch (bits) {
    case 224: return HexDigest<Sha224>(bytes);
    case 0:
    case 256: return HexDigest<Sha256>(bytes);
    case 384: return HexDigest<Sha384>(bytes);
    case 512: return HexDigest<Sha512>(bytes);
    default: outcome.SetNull(); return {};
  }
}

// xxhash64(42, a) is the seed of the next argument; a null leaves the seed as it is.
Status XxHash(const Arguments& arguments, ColumnBuilder& out) {
  const ValuesOf<std::int64_t> seeds(arguments.vectors[0]);
  const Vector& values = arguments.vectors[1];
  for (std::int64_t row = 0; row < arguments.rows; ++row) {
    out.AppendFixed(XxHash64(values.column, values.At(row), seeds[row]));
  }
  return {};
}

}  // namespace

void AddTextMakers(std::vector<Routine>& list) {
  constexpr TypeKind kString = TypeKind::kString;
  constexpr TypeKind kBinary = TypeKind::kBinary;
  constexpr TypeKind kInt = TypeKind::kInt;
  const auto add = [&](std::string_view name, std::vector<TypeKind> from, TypeKind to, Kernel kernel, bool can_fail) {
    list.push_back({.name = std::string(name),
                    .arguments = std::move(from),
                    .result = to,
                    .kernel = kernel,
                    .can_fail = can_fail});
  };
  add("lpad", {kString, kInt, kString}, kString, EachRow<&Pad<Characters, Side::kLeft>>::Run, true);
  add("rpad", {kString, kInt, kString}, kString, EachRow<&Pad<Characters, Side::kRight>>::Run, true);
  add("lpad", {kBinary, kInt, kBinary}, kBinary, EachRow<&Pad<Bytes, Side::kLeft>>::Run, true);
  add("rpad", {kBinary, kInt, kBinary}, kBinary, EachRow<&Pad<Bytes, Side::kRight>>::Run, true);
  add("repeat", {kString, kInt}, kString, EachRow<&Repeat>::Run, true);
  add("translate", {kString, kString, kString}, kString, EachRow<&Translate>::Run, false);
  add("initcap", {kString}, kString, EachRow<&InitCap>::Run, false);
  add("md5", {kBinary}, kString, EachRow<&DigestOf<Md5>>::Run, false);
  add("sha1", {kBinary}, kString, EachRow<&DigestOf<Sha1>>::Run, false);
  add("sha2", {kBinary, kInt}, kString, EachRow<&Sha2Of>::Run, false);
  list.back().makes_null = true;
  for (int kind = static_cast<int>(TypeKind::kBoolean); kind < static_cast<int>(TypeKind::kArray); ++kind) {
    list.push_back({.name = "xxhash64",
                    .arguments = {TypeKind::kLong, static_cast<TypeKind>(kind)},
                    .result = TypeKind::kLong,
                    .kernel = XxHash,
                    .nulls = NullRule::kSeesNever});
  }
}

}  // namespace hf
