// SPDX-License-Identifier: Apache-2.0
#include "query/separate_paths.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <vector>

#include "connect/file/path_pattern.h"

namespace hf {
namespace {

namespace fs = std::filesystem;

// What a checkpoint and a sink keep for themselves.
constexpr std::array<std::string_view, 5> kCheckpointNames = {"metadata", "offsets", "commits", "sources", "state"};
constexpr std::array<std::string_view, 2> kSinkLogs = {"_delta_log", "_spark_metadata"};

std::vector<std::string> ComponentsOf(const std::string& path) {
  std::vector<std::string> components;
  for (const fs::path& component : fs::path(path).relative_path()) {
    if (!component.empty()) {
      components.push_back(component.string());
    }
  }
  return components;
}

std::string Canonical(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(path, error);
  return error ? path : canonical.string();
}

// A directory, or all that a pattern stands for.
class Place {
 public:
  static Place Of(const std::string& path) {
    Place place;
    place.names_ = ComponentsOf(Canonical(path));
    return place;
  }
  // One for each alternative in braces.
  static Result<std::vector<Place>> OfSource(const std::string& path) {
    if (!IsPathPattern(path)) {
      return std::vector<Place>{Of(path)};
    }
    HF_ASSIGN_OR_RETURN(const std::vector<std::string> alternatives, ExpandBraces(path));
    std::vector<Place> places;
    for (const std::string& alternative : alternatives) {
      const std::size_t slash = alternative.rfind('/', alternative.find_first_of("[]*?\\"));
      Place place = Of(alternative.substr(0, slash));
      for (const std::string& component : ComponentsOf(alternative.substr(slash))) {
        HF_ASSIGN_OR_RETURN(NamePattern pattern, NamePattern::Parse(component));
        place.patterns_.push_back(std::move(pattern));
      }
      places.push_back(std::move(place));
    }
    return places;
  }

  [[nodiscard]] std::size_t size() const { return names_.size() + patterns_.size(); }
  // Whether the i-th component may be `name`.
  [[nodiscard]] bool MayBe(std::size_t i, std::string_view name) const {
    return i < names_.size() ? names_[i] == name : patterns_[i - names_.size()].Matches(name);
  }
  [[nodiscard]] bool IsHidden(std::size_t i) const {
    if (i < names_.size()) {
      return names_[i].starts_with('_') || names_[i].starts_with('.');
    }
    return patterns_[i - names_.size()].SpellsFirst('_') || patterns_[i - names_.size()].SpellsFirst('.');
  }
  // Whether `inner`, which is no pattern, may be this place or lie in it.
  [[nodiscard]] bool Holds(const Place& inner) const { return size() <= inner.size() && SharesPath(inner, size()); }
  // Whether this place may be `outer`, which is no pattern, or lie in it.
  [[nodiscard]] bool LiesIn(const Place& outer) const {
    return outer.size() <= size() && SharesPath(outer, outer.size());
  }
  // Whether a component from the i-th on is passed over by those who read what is around it.
  [[nodiscard]] bool IsHiddenFrom(std::size_t i) const {
    while (i < size() && !IsHidden(i)) {
      ++i;
    }
    return i < size();
  }
  // Whether the i-th component may be one of `names`.
  [[nodiscard]] bool MayBeOneOf(std::size_t i, std::span<const std::string_view> names) const {
    return i < size() && std::any_of(names.begin(), names.end(), [&](std::string_view name) { return MayBe(i, name); });
  }

 private:
  [[nodiscard]] bool SharesPath(const Place& plain, std::size_t components) const {
    for (std::size_t i = 0; i < components; ++i) {
      // A wildcard passes hidden names over.
      const bool passed_over = i >= names_.size() && plain.IsHidden(i) && !IsHidden(i);
      if (passed_over || !MayBe(i, plain.names_[i])) {
        return false;
      }
    }
    return true;
  }

  std::vector<std::string> names_;
  std::vector<NamePattern> patterns_;  // below names_
};

struct Named {
  std::string_view what;
  const std::string& path;
};

Status Refuse(const Named& inner, const Named& outer, std::string_view because) {
  return Invalid(
      fmt::format("the {} {} and the {} {} overlap: {}. Give each a directory of its own, beside one another",
                  inner.what, inner.path, outer.what, outer.path, because));
}

Status CheckSinkAndCheckpoint(const Named& sink, const Named& checkpoint) {
  const Place table = Place::Of(sink.path);
  const Place place = Place::Of(checkpoint.path);
  if (place.LiesIn(table) && (!place.IsHiddenFrom(table.size()) || place.MayBeOneOf(table.size(), kSinkLogs))) {
    return Refuse(checkpoint, sink, "readers of the sink would meet the files of the checkpoint");
  }
  if (table.LiesIn(place) && table.MayBeOneOf(place.size(), kCheckpointNames)) {
    return Refuse(sink, checkpoint, "the checkpoint keeps its own files there");
  }
  return {};
}

Status CheckSourceAndSink(const Place& source, const Named& source_name, const Named& sink) {
  const Place table = Place::Of(sink.path);
  if (source.Holds(table) && !table.IsHiddenFrom(source.size())) {
    return Refuse(sink, source_name, "what the query writes would come back as its input");
  }
  if (source.LiesIn(table) && (!source.IsHiddenFrom(table.size()) || source.MayBeOneOf(table.size(), kSinkLogs))) {
    return Refuse(source_name, sink, "readers of the sink would meet the files of the source");
  }
  return {};
}

Status CheckSourceAndCheckpoint(const Place& source, const Named& source_name, const Named& checkpoint) {
  const Place place = Place::Of(checkpoint.path);
  if (source.Holds(place) && !place.IsHiddenFrom(source.size())) {
    return Refuse(checkpoint, source_name, "the files of the checkpoint would come back as input");
  }
  if (source.LiesIn(place) && source.MayBeOneOf(place.size(), kCheckpointNames)) {
    return Refuse(source_name, checkpoint, "the checkpoint keeps its own files there");
  }
  return {};
}

}  // namespace

Status CheckSeparate(const QueryPaths& paths) {
  const Named checkpoint = {.what = "checkpoint", .path = paths.checkpoint};
  const Named sink = {.what = "sink", .path = paths.sink};
  const Named source = {.what = "source", .path = paths.source};
  if (!paths.sink.empty()) {
    HF_RETURN_IF_ERROR(CheckSinkAndCheckpoint(sink, checkpoint));
  }
  if (paths.source.empty()) {
    return {};
  }
  HF_ASSIGN_OR_RETURN(const std::vector<Place> places, Place::OfSource(paths.source));
  for (const Place& place : places) {
    HF_RETURN_IF_ERROR(CheckSourceAndCheckpoint(place, source, checkpoint));
    if (!paths.sink.empty()) {
      HF_RETURN_IF_ERROR(CheckSourceAndSink(place, source, sink));
    }
  }
  return {};
}

}  // namespace hf
