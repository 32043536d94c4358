// SPDX-License-Identifier: Apache-2.0
#include "codec/csv/csv_tokens.h"

#include <algorithm>

namespace hf {
namespace {

bool IsSpace(char c) { return static_cast<unsigned char>(c) <= ' '; }

std::string_view TrimEnd(std::string_view text) {
  while (!text.empty() && IsSpace(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

// A quote stood where the field could not end: the field is taken as it is written, quotes and all, up to the next
// separator. `value` holds what was read of it, without the opening quote.
void CsvTokens::StopAtSeparator(std::string_view record, std::size_t* at, std::string* value) {
  const std::size_t end = std::min(record.find(dialect_.separator, *at), record.size());
  std::string_view rest = record.substr(*at, end - *at);
  if (dialect_.trim_trailing) {
    rest = TrimEnd(rest);
  }
  value->insert(value->begin(), dialect_.quote);
  *value += rest;
  *at = end;
}

// uniVocity's CsvParser.parseQuotedValue and processQuoteEscape. `at` stands behind the opening quote and is moved to
// the end of the field.
void CsvTokens::SplitQuoted(std::string_view record, std::size_t* at, std::string* value) {
  const char quote = dialect_.quote;
  const char escape = dialect_.escape;
  const bool escapes_itself = escape != quote;
  char previous = '\0';
  for (; *at < record.size(); ++*at) {
    const char c = record[*at];
    if (previous == quote) {
      // The quote before may have closed the field, with nothing but space up to the separator.
      std::size_t end = *at;
      while (end < record.size() && IsSpace(record[end]) && !IsFieldEnd(record, end)) {
        ++end;
      }
      if (IsFieldEnd(record, end)) {
        *at = end;
        return;
      }
      if (end > *at || (c != quote && c != escape)) {
        *value += quote;
        StopAtSeparator(record, at, value);
        return;
      }
    }
    if (c != quote && c != escape) {
      if (previous == escape && escape != '\0') {
        *value += escape;
      }
      *value += c;
      previous = c;
      continue;
    }
    if (c == escape && previous == escape && escapes_itself && escape != '\0') {
      *value += escape;
      previous = '\0';
    } else if (previous == escape && escape != '\0' && c == quote) {
      *value += quote;
      previous = '\0';
    } else {
      if (previous == quote) {
        *value += quote;
      }
      previous = c;
    }
  }
  if (previous == escape && escapes_itself && escape != '\0') {
    *value += escape;
  }
}

void CsvTokens::SplitField(std::string_view record, std::size_t* at) {
  if (dialect_.trim_leading) {
    while (*at < record.size() && IsSpace(record[*at]) && !IsFieldEnd(record, *at)) {
      ++*at;
    }
  }
  if (dialect_.quote == '\0' || *at >= record.size() || record[*at] != dialect_.quote) {
    const std::size_t end = std::min(record.find(dialect_.separator, *at), record.size());
    const std::string_view text = record.substr(*at, end - *at);
    tokens_.push_back({dialect_.trim_trailing ? TrimEnd(text) : text, false});
    *at = end;
    return;
  }
  // Nearly always the next quote closes the field and nothing was escaped: then the field is a piece of the record.
  ++*at;
  const std::size_t next = record.find(dialect_.quote, *at);
  if (next != std::string_view::npos && IsFieldEnd(record, next + 1)) {
    const std::string_view text = record.substr(*at, next - *at);
    if (dialect_.escape == dialect_.quote || text.find(dialect_.escape) == std::string_view::npos) {
      tokens_.push_back({text, true});
      *at = next + 1;
      return;
    }
  }
  if (rewritten_count_ == rewritten_.size()) {
    rewritten_.emplace_back();
  }
  std::string& value = rewritten_[rewritten_count_++];
  value.clear();
  SplitQuoted(record, at, &value);
  tokens_.push_back({{}, true});  // its text is set when all are there: the strings may move until then
}

const std::vector<CsvToken>& CsvTokens::Split(std::string_view record) {
  tokens_.clear();
  rewritten_count_ = 0;
  std::vector<std::size_t> owners;
  std::size_t at = 0;
  while (true) {
    const std::size_t before = rewritten_count_;
    SplitField(record, &at);
    if (rewritten_count_ > before) {
      owners.push_back(tokens_.size() - 1);
    }
    if (at >= record.size()) {
      break;
    }
    at += dialect_.separator.size();
  }
  for (std::size_t i = 0; i < owners.size(); ++i) {
    tokens_[owners[i]].text = rewritten_[i];
  }
  return tokens_;
}

std::size_t CsvTokens::RecordEnd(std::string_view bytes) const {
  bool quoted = false;
  bool at_field_start = true;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (quoted) {
      if (c == dialect_.escape && dialect_.escape != dialect_.quote && dialect_.escape != '\0') {
        ++i;
      } else if (c == dialect_.quote) {
        // A doubled quote opens again at once.
        quoted = i + 1 < bytes.size() && bytes[i + 1] == dialect_.quote;
        i += quoted ? 1 : 0;
      }
      continue;
    }
    if (c == '\n' || c == '\r') {
      return i;
    }
    if (c == dialect_.quote && c != '\0' && at_field_start) {
      quoted = true;
    }
    const bool is_separator = bytes.substr(i).starts_with(dialect_.separator);
    i += is_separator ? dialect_.separator.size() - 1 : 0;
    at_field_start = is_separator || (at_field_start && dialect_.trim_leading && IsSpace(c));
  }
  return bytes.size();
}

}  // namespace hf
