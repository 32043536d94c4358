// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <fmt/core.h>

#include <set>
#include <vector>

#include "base/java_text.h"
#include "base/utf8.h"

namespace hf {
namespace {

// Returns the byte where the nesting passes the limit, or npos. The library parses without recursion but
// copies, compares and destroys with it, so depth is refused before there is a value.
std::size_t FindTooDeep(std::string_view text) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') {
        ++i;
      } else if (c == '"') {
        in_string = false;
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kJsonDepthMax) {
        return i;
      }
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return std::string_view::npos;
}

std::string WithoutLibraryPrefix(std::string_view message) {
  const auto end = message.find("] ");
  if (message.starts_with("[json.exception") && end != std::string_view::npos) {
    message.remove_prefix(end + 2);
  }
  return ReplaceInvalidUtf8(message);
}

Status Missing(std::string_view key) { return Corrupt(fmt::format("JSON key \"{}\" is missing", key)); }

Status WrongType(std::string_view key, std::string_view expected, const Json& found) {
  return Corrupt(fmt::format("JSON key \"{}\" holds a {}, not a {}", key, found.type_name(), expected));
}

bool IsInt64(const Json& value) {
  if (value.is_number_unsigned()) {
    return value.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX);
  }
  return value.is_number_integer();
}

// Follows a parser and keeps the first key that an object has twice, with the keys it lies under: "source.options.sep".
class RepeatedKeyFinder {
 public:
  void See(Json::parse_event_t event, const Json& value) {
    if (event == Json::parse_event_t::object_start) {
      objects_.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      objects_.pop_back();
    } else if (event == Json::parse_event_t::key) {
      Object& object = objects_.back();
      object.current = value.get_ref<const std::string&>();
      if (!object.keys.insert(object.current).second && found_.empty()) {
        for (const Object& outer : objects_) {
          found_ += (found_.empty() ? "" : ".") + outer.current;
        }
      }
    }
  }
  [[nodiscard]] const std::string& found() const { return found_; }

 private:
  struct Object {
    std::set<std::string> keys;
    std::string current;
  };
  std::vector<Object> objects_;
  std::string found_;
};

class JacksonWriter {
 public:
  enum class Layout { kCompact, kPretty };
  explicit JacksonWriter(Layout layout) : pretty_(layout == Layout::kPretty) {}

  std::string Take(const Json& value) {
    Write(value);
    return std::move(out_);
  }

 private:
  void Write(const Json& value) {
    switch (value.type()) {
      case Json::value_t::null:
      case Json::value_t::discarded: out_ += "null"; return;
      case Json::value_t::boolean: out_ += value.get<bool>() ? "true" : "false"; return;
      case Json::value_t::number_integer: out_ += fmt::format("{}", value.get<std::int64_t>()); return;
      case Json::value_t::number_unsigned: out_ += fmt::format("{}", value.get<std::uint64_t>()); return;
      case Json::value_t::number_float: WriteDouble(value.get<double>()); return;
      case Json::value_t::string: WriteString(value.get_ref<const std::string&>()); return;
      case Json::value_t::object: WriteObject(value); return;
      case Json::value_t::array:
      case Json::value_t::binary: WriteArray(value); return;
    }
  }

  void WriteDouble(double value) {
    if (std::isfinite(value)) {
      out_ += JavaDoubleText(value);
    } else {
      WriteString(JavaDoubleText(value));
    }
  }

  void WriteString(std::string_view text) {
    if (!IsValidUtf8(text)) {
      WriteString(ReplaceInvalidUtf8(text));
      return;
    }
    out_ += '"';
    for (const char c : text) {
      switch (c) {
        case '"': out_ += "\\\""; break;
        case '\\': out_ += "\\\\"; break;
        case '\b': out_ += "\\b"; break;
        case '\f': out_ += "\\f"; break;
        case '\n': out_ += "\\n"; break;
        case '\r': out_ += "\\r"; break;
        case '\t': out_ += "\\t"; break;
        default:
          if (static_cast<unsigned char>(c) < 0x20) {
            out_ += fmt::format("\\u{:04X}", static_cast<unsigned>(c));
          } else {
            out_ += c;
          }
      }
    }
    out_ += '"';
  }

  void NewLine() {
    out_ += '\n';
    out_.append(2 * depth_, ' ');
  }

  void WriteObject(const Json& object) {
    out_ += '{';
    ++depth_;
    bool first = true;
    for (const auto& [key, member] : object.items()) {
      if (!first) {
        out_ += ',';
      }
      first = false;
      if (pretty_) {
        NewLine();
      }
      WriteString(key);
      out_ += pretty_ ? " : " : ":";
      Write(member);
    }
    --depth_;
    if (pretty_) {
      first ? void(out_ += ' ') : NewLine();
    }
    out_ += '}';
  }

  void WriteArray(const Json& array) {
    if (pretty_) {
      out_ += "[ ";
    } else {
      out_ += '[';
    }
    bool first = true;
    for (const Json& member : array) {
      if (!first) {
        out_ += pretty_ ? ", " : ",";
      }
      first = false;
      Write(member);
    }
    out_ += pretty_ && !first ? " ]" : "]";
  }

  bool pretty_;
  std::size_t depth_ = 0;
  std::string out_;
};

}  // namespace

Result<Json> ParseJson(std::string_view text, RepeatedKeys repeated) {
  if (const std::size_t at = FindTooDeep(text); at != std::string_view::npos) {
    return Corrupt(fmt::format("JSON nests deeper than {} levels at byte {}", kJsonDepthMax, at));
  }
  try {
    if (repeated == RepeatedKeys::kLastWins) {
      return Json::parse(text.begin(), text.end());
    }
    RepeatedKeyFinder finder;
    Json parsed = Json::parse(text.begin(), text.end(), [&finder](int, Json::parse_event_t event, Json& value) {
      finder.See(event, value);
      return true;
    });
    if (!finder.found().empty()) {
      return Corrupt(fmt::format("JSON key \"{}\" is there twice; leave one of them", finder.found()));
    }
    return parsed;
  } catch (const Json::parse_error& error) {
    return Corrupt(fmt::format("not valid JSON at byte {} of {}: {}", error.byte, text.size(),
                               WithoutLibraryPrefix(error.what())));
  } catch (const Json::exception& error) {
    return Corrupt(fmt::format("not valid JSON: {}", WithoutLibraryPrefix(error.what())));
  }
}

std::string DumpJson(const Json& value) { return JacksonWriter(JacksonWriter::Layout::kCompact).Take(value); }

std::string DumpJsonPretty(const Json& value) { return JacksonWriter(JacksonWriter::Layout::kPretty).Take(value); }

const Json* FindKey(const Json& object, std::string_view key) {
  if (!object.is_object()) {
    return nullptr;
  }
  const auto found = object.find(key);
  return found == object.end() ? nullptr : &*found;
}

Result<std::string> GetString(const Json& object, std::string_view key) {
  const Json* value = FindKey(object, key);
  if (value == nullptr) {
    return Missing(key);
  }
  if (!value->is_string()) {
    return WrongType(key, "string", *value);
  }
  return value->get_ref<const std::string&>();
}

Result<std::int64_t> GetInt64(const Json& object, std::string_view key) {
  const Json* value = FindKey(object, key);
  if (value == nullptr) {
    return Missing(key);
  }
  if (!IsInt64(*value)) {
    return WrongType(key, "64-bit integer", *value);
  }
  return value->get<std::int64_t>();
}

Result<double> GetDouble(const Json& object, std::string_view key) {
  const Json* value = FindKey(object, key);
  if (value == nullptr) {
    return Missing(key);
  }
  if (!value->is_number()) {
    return WrongType(key, "number", *value);
  }
  return value->get<double>();
}

Result<bool> GetBool(const Json& object, std::string_view key) {
  const Json* value = FindKey(object, key);
  if (value == nullptr) {
    return Missing(key);
  }
  if (!value->is_boolean()) {
    return WrongType(key, "boolean", *value);
  }
  return value->get<bool>();
}

Result<const Json*> GetObject(const Json& object, std::string_view key) {
  const Json* value = FindKey(object, key);
  if (value == nullptr) {
    return Missing(key);
  }
  if (!value->is_object()) {
    return WrongType(key, "object", *value);
  }
  return value;
}

Result<const Json*> GetArray(const Json& object, std::string_view key) {
  const Json* value = FindKey(object, key);
  if (value == nullptr) {
    return Missing(key);
  }
  if (!value->is_array()) {
    return WrongType(key, "array", *value);
  }
  return value;
}

namespace {

bool IsAbsentOrNull(const Json& object, std::string_view key) {
  const Json* value = FindKey(object, key);
  return value == nullptr || value->is_null();
}

}  // namespace

Result<std::optional<std::string>> FindString(const Json& object, std::string_view key) {
  if (IsAbsentOrNull(object, key)) {
    return std::optional<std::string>();
  }
  HF_ASSIGN_OR_RETURN(std::string value, GetString(object, key));
  return std::optional<std::string>(std::move(value));
}

Result<std::optional<std::int64_t>> FindInt64(const Json& object, std::string_view key) {
  if (IsAbsentOrNull(object, key)) {
    return std::optional<std::int64_t>();
  }
  HF_ASSIGN_OR_RETURN(std::int64_t value, GetInt64(object, key));
  return std::optional<std::int64_t>(value);
}

Result<std::optional<bool>> FindBool(const Json& object, std::string_view key) {
  if (IsAbsentOrNull(object, key)) {
    return std::optional<bool>();
  }
  HF_ASSIGN_OR_RETURN(bool value, GetBool(object, key));
  return std::optional<bool>(value);
}

}  // namespace hf
