// SPDX-License-Identifier: Apache-2.0
#include "rows/datetime_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace hf {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"January",   "February", "March",    "April",
                                                      "May",       "June",     "July",     "August",
                                                      "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsNumeric(char letter, int count) {
  return std::string_view("yudHhKkmsS").find(letter) != std::string_view::npos ||
         ((letter == 'M' || letter == 'L') && count <= 2);
}

// How often a letter may stand in a row.
int CountMax(char letter) {
  switch (letter) {
    case 'y':
    case 'u': return 6;
    case 'M':
    case 'L':
    case 'E': return 4;
    case 'd':
    case 'H':
    case 'h':
    case 'K':
    case 'k':
    case 'm':
    case 's':
    case 'V': return 2;
    case 'S': return 9;
    case 'a': return 1;
    case 'X':
    case 'x':
    case 'Z': return 5;
    default: return 0;
  }
}

bool StartsIgnoringCase(std::string_view text, std::string_view word) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  if (text.size() < word.size()) {
    return false;
  }
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(text[i]) != lower(word[i])) {
      return false;
    }
  }
  return true;
}

void AppendPadded(std::string& out, std::int64_t value, int width) { out += fmt::format("{:0{}}", value, width); }

void AppendYear(std::string& out, std::int64_t year, int count) {
  if (count == 2) {
    AppendPadded(out, ((year % 100) + 100) % 100, 2);
    return;
  }
  const std::int64_t magnitude = year < 0 ? -year : year;
  if (year < 0) {
    out += '-';
  } else if (count >= 4 && fmt::formatted_size("{}", magnitude) > static_cast<std::size_t>(count)) {
    out += '+';
  }
  AppendPadded(out, magnitude, count);
}

// "+HH:mm" in the variants of X, x and Z; 'Z' for zero where the letter has it.
void AppendOffset(std::string& out, char letter, int count, std::int32_t seconds) {
  if (letter == 'Z' && count == 4) {
    out += "GMT";
    if (seconds == 0) {
      return;
    }
  } else if (seconds == 0 && (letter == 'X' || (letter == 'Z' && count == 5))) {
    out += 'Z';
    return;
  }
  const std::int32_t magnitude = seconds < 0 ? -seconds : seconds;
  const int minutes = magnitude / 60 % 60;
  const bool colon = letter == 'Z' ? count >= 4 : count == 3 || count == 5;
  out += seconds < 0 ? '-' : '+';
  AppendPadded(out, magnitude / 3600, 2);
  if (count == 1 && letter != 'Z' && minutes == 0) {
    return;
  }
  out += colon ? ":" : "";
  AppendPadded(out, minutes, 2);
  if (magnitude % 60 != 0 && count >= 4) {
    out += colon ? ":" : "";
    AppendPadded(out, magnitude % 60, 2);
  }
}

int DayOfWeek(const CivilTime& time) {
  const std::int64_t days = DaysFromCivil(time.year, time.month, time.day);
  return static_cast<int>(((days + 3) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
}

}  // namespace

struct DateTimePattern::Progress {
  std::string_view text;
  Reading reading;
  bool is_afternoon = false;
  bool is_half_day = false;

  // Takes between `least` and `most` digits.
  bool TakeNumber(std::size_t least, std::size_t most, std::int64_t* value) {
    std::size_t count = 0;
    std::int64_t sum = 0;
    while (count < most && count < text.size() && IsDigit(text[count])) {
      sum = sum * 10 + (text[count++] - '0');
    }
    if (count < least) {
      return false;
    }
    text.remove_prefix(count);
    *value = sum;
    return true;
  }

  bool TakePart(const Element& element, int* part) {
    std::int64_t value = 0;
    if (!TakeNumber(static_cast<std::size_t>(element.count), 2, &value)) {
      return false;
    }
    *part = static_cast<int>(value);
    return true;
  }

  bool TakeYear(const Element& element) {
    const auto count = static_cast<std::size_t>(element.count);
    const bool signed_year = !text.empty() && (text[0] == '-' || text[0] == '+') && count != 2;
    const bool negative = signed_year && text[0] == '-';
    text.remove_prefix(signed_year ? 1 : 0);
    const std::size_t most = signed_year || (count < 4 && count != 2 && !element.adjacent) ? 9 : count;
    std::int64_t year = 0;
    if (!TakeNumber(count, most, &year)) {
      return false;
    }
    reading.time.year = count == 2 ? 2000 + year : negative ? -year : year;
    return true;
  }

  bool TakeMonth(const Element& element) {
    if (element.count <= 2) {
      return TakePart(element, &reading.time.month);
    }
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
      const std::string_view name = element.count == 3 ? kMonths[i].substr(0, 3) : kMonths[i];
      if (StartsIgnoringCase(text, name)) {
        text.remove_prefix(name.size());
        reading.time.month = static_cast<int>(i) + 1;
        return true;
      }
    }
    return false;
  }

  bool TakeFraction(const Element& element) {
    int unit = 100'000;
    int count = 0;
    while (count < element.count && !text.empty() && IsDigit(text[0])) {
      reading.time.micro += unit * (text[0] - '0');
      unit /= 10;
      ++count;
      text.remove_prefix(1);
    }
    return count > 0;
  }

  bool TakeHalf() {
    is_half_day = true;
    is_afternoon = StartsIgnoringCase(text, "PM");
    if (!is_afternoon && !StartsIgnoringCase(text, "AM")) {
      return false;
    }
    text.remove_prefix(2);
    return true;
  }

  // A zone by its id.
  bool TakeZoneId() {
    const std::size_t size = std::min(text.find_first_of(" \t\r\n"), text.size());
    auto found = TimeZone::Find(text.substr(0, size));
    if (size == 0 || !found.ok()) {
      return false;
    }
    text.remove_prefix(size);
    reading.zone = std::move(found).value();
    return true;
  }

  bool TakeOffset(char letter, int count) {
    const bool gmt = letter == 'Z' && count == 4;
    const bool has_z = letter == 'X' || (letter == 'Z' && count == 5);
    bool ended = has_z && StartsIgnoringCase(text, "Z");
    text.remove_prefix(ended ? 1 : 0);
    if (gmt) {
      if (!StartsIgnoringCase(text, "GMT")) {
        return false;
      }
      text.remove_prefix(3);
      ended = !text.starts_with('+') && !text.starts_with('-');
    }
    std::int64_t seconds = 0;
    if (!ended && !TakeSignedTime(letter == 'Z' && count < 4 ? 2 : gmt ? 5 : count, &seconds)) {
      return false;
    }
    auto found = TimeZone::Find(fmt::format("{}{:02}:{:02}:{:02}", seconds < 0 ? '-' : '+', std::abs(seconds) / 3600,
                                            std::abs(seconds) / 60 % 60, std::abs(seconds) % 60));
    reading.zone = found.ok() ? std::optional(std::move(found).value()) : std::nullopt;
    return found.ok();
  }

  // "+HH[mm]", "+HHmm", "+HH:mm", "+HHmm[ss]", "+HH:mm[:ss]", by the count of X; ZZZZ is as the last.
  bool TakeSignedTime(int count, std::int64_t* seconds) {
    const bool negative = text.starts_with('-');
    if (!negative && !text.starts_with('+')) {
      return false;
    }
    text.remove_prefix(1);
    const bool colon = count == 3 || count == 5;
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t rest = 0;
    if (!TakeNumber(2, 2, &hours) || (!TakePartOfOffset(colon, &minutes) && count != 1)) {
      return false;
    }
    if (count >= 4) {
      TakePartOfOffset(colon, &rest);
    }
    *seconds = (negative ? -1 : 1) * (hours * 3600 + minutes * 60 + rest);
    return true;
  }

  // Leaves the text as it is when the part is not there.
  bool TakePartOfOffset(bool colon, std::int64_t* value) {
    const std::string_view before = text;
    const bool has_colon = text.starts_with(':');
    text.remove_prefix(colon && has_colon ? 1 : 0);
    if ((!colon || has_colon) && TakeNumber(2, 2, value) && *value < 60) {
      return true;
    }
    *value = 0;
    text = before;
    return false;
  }
};

Status DateTimePattern::CompileInto(std::string_view pattern, std::size_t* at, Use use, bool in_section,
                                    std::vector<Element>* out) {
  const auto literal = [out](std::string_view text) {
    Element element;
    element.letter = '\'';
    element.literal = text;
    out->push_back(std::move(element));
  };
  while (*at < pattern.size()) {
    const char c = pattern[*at];
    if (c == '\'') {
      const std::size_t end = pattern.find('\'', *at + 1);
      if (end == std::string_view::npos) {
        return Invalid(fmt::format("pattern \"{}\": a quote is never closed", pattern));
      }
      literal(end == *at + 1 ? "'" : pattern.substr(*at + 1, end - *at - 1));
      *at = end + 1;
    } else if (c == '[') {
      ++*at;
      Element element;
      element.letter = '[';
      HF_RETURN_IF_ERROR(CompileInto(pattern, at, use, true, &element.section));
      out->push_back(std::move(element));
    } else if (c == ']') {
      if (!in_section) {
        return Invalid(fmt::format("pattern \"{}\": ] without [", pattern));
      }
      ++*at;
      return {};
    } else if (IsLetter(c)) {
      std::size_t end = *at;
      while (end < pattern.size() && pattern[end] == c) {
        ++end;
      }
      Element element;
      element.letter = c;
      element.count = static_cast<int>(end - *at);
      if (element.count > CountMax(c) || (c == 'E' && use == Use::kRead) || (c == 'V' && element.count != 2)) {
        return Invalid(
            fmt::format("pattern \"{}\": \"{}\" is not supported here", pattern, pattern.substr(*at, end - *at)));
      }
      if (!out->empty() && IsNumeric(c, element.count)) {
        out->back().adjacent = IsNumeric(out->back().letter, out->back().count);
      }
      out->push_back(std::move(element));
      *at = end;
    } else if (c == '{' || c == '}' || c == '#') {
      return Invalid(fmt::format("pattern \"{}\": '{}' is reserved", pattern, c));
    } else {
      literal(std::string_view(&pattern[*at], 1));
      ++*at;
    }
  }
  return in_section ? Invalid(fmt::format("pattern \"{}\": [ is never closed", pattern)) : Status();
}

Result<DateTimePattern> DateTimePattern::Compile(std::string_view pattern, Use use) {
  DateTimePattern made;
  std::size_t at = 0;
  if (std::count(pattern.begin(), pattern.end(), '[') > 16) {
    return Invalid(fmt::format("pattern \"{}\": too many optional sections", pattern));
  }
  HF_RETURN_IF_ERROR(CompileInto(pattern, &at, use, false, &made.elements_));
  return made;
}

bool DateTimePattern::ReadElements(const std::vector<Element>& elements, Progress* progress) {
  for (const Element& element : elements) {
    if (!ReadElement(element, progress)) {
      return false;
    }
  }
  return true;
}

bool DateTimePattern::ReadElement(const Element& element, Progress* progress) {
  CivilTime& time = progress->reading.time;
  switch (element.letter) {
    case '\'':
      if (!StartsIgnoringCase(progress->text, element.literal)) {
        return false;
      }
      progress->text.remove_prefix(element.literal.size());
      return true;
    case '[': {
      Progress tried = *progress;
      if (ReadElements(element.section, &tried)) {
        *progress = std::move(tried);
      }
      return true;
    }
    case 'y':
    case 'u': return progress->TakeYear(element);
    case 'M':
    case 'L': return progress->TakeMonth(element);
    case 'd': return progress->TakePart(element, &time.day);
    case 'H': return progress->TakePart(element, &time.hour);
    case 'k':
      if (!progress->TakePart(element, &time.hour) || time.hour == 0 || time.hour > 24) {
        return false;
      }
      time.hour %= 24;
      return true;
    case 'h':
    case 'K':
      progress->is_half_day = true;
      if (!progress->TakePart(element, &time.hour) || time.hour > (element.letter == 'h' ? 12 : 11) ||
          (element.letter == 'h' && time.hour == 0)) {
        return false;
      }
      time.hour %= 12;
      return true;
    case 'm': return progress->TakePart(element, &time.minute);
    case 's': return progress->TakePart(element, &time.second);
    case 'S': return progress->TakeFraction(element);
    case 'a': return progress->TakeHalf();
    case 'V': return progress->TakeZoneId();
    default: return progress->TakeOffset(element.letter, element.count);
  }
}

std::optional<DateTimePattern::Reading> DateTimePattern::Read(std::string_view text) const {
  Progress progress{.text = text, .reading = {}};
  if (!ReadElements(elements_, &progress) || !progress.text.empty()) {
    return std::nullopt;
  }
  if (progress.is_half_day && progress.is_afternoon && progress.reading.time.hour < 12) {
    progress.reading.time.hour += 12;
  }
  return std::move(progress.reading);
}

void DateTimePattern::AppendElements(const std::vector<Element>& elements, std::string& out, const CivilTime& time,
                                     std::int32_t offset_seconds, const TimeZone& zone) {
  for (const Element& element : elements) {
    const int count = element.count;
    switch (element.letter) {
      case '\'': out += element.literal; break;
      case '[': AppendElements(element.section, out, time, offset_seconds, zone); break;
      case 'y':
      case 'u': AppendYear(out, time.year, count); break;
      case 'M':
      case 'L':
        if (count <= 2) {
          AppendPadded(out, time.month, count);
        } else {
          const std::string_view name = kMonths[static_cast<std::size_t>(time.month) - 1];
          out += count == 3 ? name.substr(0, 3) : name;
        }
        break;
      case 'd': AppendPadded(out, time.day, count); break;
      case 'H': AppendPadded(out, time.hour, count); break;
      case 'k': AppendPadded(out, time.hour == 0 ? 24 : time.hour, count); break;
      case 'h': AppendPadded(out, time.hour % 12 == 0 ? 12 : time.hour % 12, count); break;
      case 'K': AppendPadded(out, time.hour % 12, count); break;
      case 'm': AppendPadded(out, time.minute, count); break;
      case 's': AppendPadded(out, time.second, count); break;
      case 'S': out += fmt::format("{:06}000", time.micro).substr(0, static_cast<std::size_t>(count)); break;
      case 'a': out += time.hour < 12 ? "AM" : "PM"; break;
      case 'E': {
        const std::string_view name = kDays[static_cast<std::size_t>(DayOfWeek(time))];
        out += count <= 3 ? name.substr(0, 3) : name;
        break;
      }
      case 'V': out += zone.id(); break;
      default: AppendOffset(out, element.letter, count, offset_seconds); break;
    }
  }
}

void DateTimePattern::Append(std::string& out, const CivilTime& time, std::int32_t offset_seconds,
                             const TimeZone& zone) const {
  AppendElements(elements_, out, time, offset_seconds, zone);
}

}  // namespace hf
