// SPDX-License-Identifier: Apache-2.0
// JsonPath: one value out of a JSON text, as Spark 4.3's get_json_object takes it (GetJsonObjectEvaluator).
//
//  1. The path is names and indexes: $.a.b[0], $['a b'].
//  2. A text is given without quotes and escapes; any other value as Jackson writes it again, without space.
//  3. nullopt where the path leads nowhere or to null, and where the text is not JSON as far as its first value goes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json/json_cursor.h"

namespace hf {

class JsonPath {
 public:
  // nullopt for a path of another form.
  static std::optional<JsonPath> Parse(std::string_view path);

  [[nodiscard]] std::optional<std::string> Find(std::string_view json) const;

 private:
  struct Step {
    std::optional<std::string> name;
    std::size_t index = 0;  // without a name
  };
  enum class Found { kNot, kYes, kMalformed };

  [[nodiscard]] Found Follow(JsonCursor& cursor, std::size_t step, std::string* out) const;
  // The value that stands here: goes on in it, or passes over it and has found as much as before.
  [[nodiscard]] Found FollowOrSkip(bool matches, Found found, JsonCursor& cursor, std::size_t step,
                                   std::string* out) const;
  [[nodiscard]] Found FollowName(JsonCursor& cursor, std::size_t step, std::string* out) const;
  [[nodiscard]] Found FollowIndex(JsonCursor& cursor, std::size_t step, std::string* out) const;

  std::vector<Step> steps_;
};

}  // namespace hf
