// SPDX-License-Identifier: Apache-2.0
// CsvTokens: the fields of CSV records, as the uniVocity parser finds them with the settings of Spark 4.3
// (CSVOptions.asParserSettings): unescapedQuoteHandling is STOP_AT_DELIMITER, and inside quotes the escape character
// escapes the quote and itself.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hf {

struct CsvDialect {
  std::string separator = ",";
  char quote = '"';    // '\0': none
  char escape = '\\';  // '\0': none; the quote itself: it is doubled
  bool trim_leading = false;
  bool trim_trailing = false;
};

struct CsvToken {
  std::string_view text;
  bool quoted = false;
};

class CsvTokens {
 public:
  explicit CsvTokens(CsvDialect dialect) : dialect_(std::move(dialect)) {}

  // Splits one record, without its line end. The tokens live until the next call, and no longer than `record`.
  const std::vector<CsvToken>& Split(std::string_view record);

  // How far the record that begins at the front of `bytes` reaches when quoted fields may hold line ends: the
  // position of its line end, or bytes.size() when there is none.
  [[nodiscard]] std::size_t RecordEnd(std::string_view bytes) const;

 private:
  void SplitField(std::string_view record, std::size_t* at);
  void SplitQuoted(std::string_view record, std::size_t* at, std::string* value);
  void StopAtSeparator(std::string_view record, std::size_t* at, std::string* value);
  [[nodiscard]] bool IsFieldEnd(std::string_view record, std::size_t at) const {
    return at >= record.size() || record.substr(at).starts_with(dialect_.separator);
  }

  CsvDialect dialect_;
  std::vector<CsvToken> tokens_;
  std::vector<std::string> rewritten_;  // texts of quoted fields with escapes; tokens view them
  std::size_t rewritten_count_ = 0;
};

}  // namespace hf
