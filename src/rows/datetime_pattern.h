// SPDX-License-Identifier: Apache-2.0
// DateTimePattern: the patterns of Spark 4.3's dateFormat and timestampFormat options (java.time.format.
// DateTimeFormatter as DateTimeFormatterHelper sets it up: English names, a fraction may be shorter than its letters
// when it is read).
//
// Known letters: y u M L d H h K k m s S a E X x Z V, 'text', '' and optional sections in []. Others are refused by
// name, and so are E when reading (Spark refuses it too) and zone names (z).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rows/civil_time.h"
#include "rows/time_zone.h"

namespace hf {

class DateTimePattern {
 public:
  enum class Use { kRead, kWrite };
  // kInvalid names the letter that is not known.
  static Result<DateTimePattern> Compile(std::string_view pattern, Use use);

  struct Reading {
    CivilTime time;  // parts that the pattern lacks are those of 1970-01-01T00:00:00
    std::optional<TimeZone> zone;
  };
  // nullopt unless the whole text has the form of the pattern. Ranges are left to MicrosOf and DateOf.
  [[nodiscard]] std::optional<Reading> Read(std::string_view text) const;

  // Appends a clock reading; the offset from UTC and `zone` are for patterns that name the zone.
  void Append(std::string& out, const CivilTime& time, std::int32_t offset_seconds, const TimeZone& zone) const;

 private:
  struct Element {
    char letter = 0;  // '\'' for literal text, '[' for an optional section
    int count = 0;
    bool adjacent = false;  // digits of the next element follow at once
    std::string literal;
    std::vector<Element> section;
  };
  struct Progress;

  static Status CompileInto(std::string_view pattern, std::size_t* at, Use use, bool in_section,
                            std::vector<Element>* out);
  static bool ReadElements(const std::vector<Element>& elements, Progress* progress);
  static bool ReadElement(const Element& element, Progress* progress);
  static void AppendElements(const std::vector<Element>& elements, std::string& out, const CivilTime& time,
                             std::int32_t offset_seconds, const TimeZone& zone);

  std::vector<Element> elements_;
};

}  // namespace hf
