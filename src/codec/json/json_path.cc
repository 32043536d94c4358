// SPDX-License-Identifier: Apache-2.0
#include "codec/json/json_path.h"

#include <charconv>

#include "codec/json/json_rewriter.h"

namespace hf {
namespace {

bool IsNameByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The name at the front of `path`, which is taken away; empty when there is none.
std::string TakeName(std::string_view* path) {
  std::size_t size = 0;
  while (size < path->size() && IsNameByte((*path)[size])) {
    ++size;
  }
  std::string name(path->substr(0, size));
  path->remove_prefix(size);
  return name;
}

}  // namespace

std::optional<JsonPath> JsonPath::Parse(std::string_view path) {
  constexpr std::size_t kStepsMax = 1000;
  JsonPath made;
  if (!path.starts_with('$')) {
    return std::nullopt;
  }
  path.remove_prefix(1);
  while (!path.empty() && made.steps_.size() < kStepsMax) {
    Step& step = made.steps_.emplace_back();
    if (path.starts_with('.')) {
      path.remove_prefix(1);
      step.name = TakeName(&path);
    } else if (path.starts_with("['")) {
      const std::size_t end = path.find("']");
      if (end == std::string_view::npos) {
        return std::nullopt;
      }
      step.name = path.substr(2, end - 2);
      path.remove_prefix(end + 2);
      if (step.name->find_first_of("'?*") != std::string::npos || step.name->starts_with(' ')) {
        return std::nullopt;
      }
    } else {
      const std::size_t end = path.find(']');
      if (!path.starts_with('[') || end == std::string_view::npos || end > 9) {
        return std::nullopt;
      }
      const auto [stop, error] = std::from_chars(path.data() + 1, path.data() + end, step.index);
      if (error != std::errc() || stop != path.data() + end) {
        return std::nullopt;
      }
      path.remove_prefix(end + 1);
    }
    if (step.name.has_value() && step.name->empty()) {
      return std::nullopt;
    }
  }
  return path.empty() ? std::optional(std::move(made)) : std::nullopt;
}

std::optional<std::string> JsonPath::Find(std::string_view json) const {
  const std::string text = std::string(json) + '\n';
  JsonCursor cursor = JsonCursor::OverText(text, JsonCursor::Rules::kPaths);
  std::string out;
  return Follow(cursor, 0, &out) == Found::kYes ? std::optional(std::move(out)) : std::nullopt;
}

// The value at the cursor, from step number `step` of the path on. The cursor is behind the value then.
JsonPath::Found JsonPath::Follow(JsonCursor& cursor, std::size_t step, std::string* out) const {
  const JsonToken token = cursor.Peek();
  if (step == steps_.size()) {
    if (token != JsonToken::kString) {
      return RewriteJson(cursor, out) ? Found::kYes : Found::kMalformed;
    }
    const auto text = cursor.ReadString();
    *out += text.value_or("");
    return text.has_value() ? Found::kYes : Found::kMalformed;
  }
  if (token == JsonToken::kObject && steps_[step].name.has_value()) {
    return FollowName(cursor, step, out);
  }
  if (token == JsonToken::kArray && !steps_[step].name.has_value()) {
    return FollowIndex(cursor, step, out);
  }
  return cursor.SkipValue().has_value() ? Found::kNot : Found::kMalformed;
}

// A member that is null is passed over: another of the same name may follow.
JsonPath::Found JsonPath::FollowOrSkip(bool matches, Found found, JsonCursor& cursor, std::size_t step,
                                       std::string* out) const {
  if (matches) {
    return Follow(cursor, step + 1, out);
  }
  return cursor.SkipValue().has_value() ? found : Found::kMalformed;
}

JsonPath::Found JsonPath::FollowName(JsonCursor& cursor, std::size_t step, std::string* out) const {
  Found found = Found::kNot;
  cursor.Take('{');
  if (cursor.Take('}')) {
    return found;
  }
  do {
    const auto name = cursor.Peek() == JsonToken::kString ? cursor.ReadString() : std::nullopt;
    const bool matches = name.has_value() && *name == *steps_[step].name;
    if (!name.has_value() || !cursor.Take(':')) {
      return Found::kMalformed;
    }
    const bool is_it = matches && found == Found::kNot && cursor.Peek() != JsonToken::kNull;
    found = FollowOrSkip(is_it, found, cursor, step, out);
    if (found == Found::kMalformed) {
      return found;
    }
  } while (cursor.Take(','));
  return cursor.Take('}') ? found : Found::kMalformed;
}

JsonPath::Found JsonPath::FollowIndex(JsonCursor& cursor, std::size_t step, std::string* out) const {
  Found found = Found::kNot;
  cursor.Take('[');
  if (cursor.Take(']')) {
    return found;
  }
  std::size_t index = 0;
  do {
    found = FollowOrSkip(index++ == steps_[step].index, found, cursor, step, out);
    if (found == Found::kMalformed) {
      return found;
    }
  } while (cursor.Take(','));
  return cursor.Take(']') ? found : Found::kMalformed;
}

}  // namespace hf
