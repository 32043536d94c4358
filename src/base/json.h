// SPDX-License-Identifier: Apache-2.0
// JSON as Spark's files hold it. The only door to the JSON library: nobody else includes it.
//
//  1. Keys keep their order, so that what is read can be written again with the same bytes.
//  2. Text is hostile: parsing never throws and refuses nesting deeper than kJsonDepthMax (Jackson's limit).
//  3. The getters never throw. Json's own accessors do: use those only on values of known type.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "holdfast/status.h"

namespace hf {

using Json = nlohmann::ordered_json;

inline constexpr int kJsonDepthMax = 1000;

enum class RepeatedKeys {
  kLastWins,  // as in Jackson
  kRefused,   // for what people write
};

// kCorrupt says at which byte the text stops being JSON, or which key of an object is there twice.
Result<Json> ParseJson(std::string_view text, RepeatedKeys repeated = RepeatedKeys::kLastWins);

// Writes `value` compactly, byte for byte as Jackson does: no spaces, control characters as \u001F, non-ASCII
// as it is, doubles as Java's Double.toString, NaN and infinities as strings. Bytes that are not UTF-8
// become U+FFFD.
std::string DumpJson(const Json& value);
// As DumpJson, with Jackson's default pretty printer ("key" : value, two spaces, arrays on one line).
std::string DumpJsonPretty(const Json& value);

// The member `key`, or nullptr when `object` is no object or lacks it. Lives as long as `object`.
const Json* FindKey(const Json& object, std::string_view key);

// Each returns kCorrupt that names the key when it is missing or its value has another type. Integers with a
// fraction or beyond 64 bits are not taken. Pointers live as long as `object`.
Result<std::string> GetString(const Json& object, std::string_view key);
Result<std::int64_t> GetInt64(const Json& object, std::string_view key);
Result<double> GetDouble(const Json& object, std::string_view key);  // takes integers too
Result<bool> GetBool(const Json& object, std::string_view key);
Result<const Json*> GetObject(const Json& object, std::string_view key);
Result<const Json*> GetArray(const Json& object, std::string_view key);

// As the getters, but nullopt when the key is absent or null.
Result<std::optional<std::string>> FindString(const Json& object, std::string_view key);
Result<std::optional<std::int64_t>> FindInt64(const Json& object, std::string_view key);
Result<std::optional<bool>> FindBool(const Json& object, std::string_view key);

}  // namespace hf
