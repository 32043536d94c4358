// SPDX-License-Identifier: Apache-2.0
// Column batches as JSON, one record a line, as Spark 4.3's json data source writes them (JacksonGenerator).
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "holdfast/batch.h"
#include "rows/datetime_pattern.h"
#include "rows/time_zone.h"

namespace hf {

// Spark's default pattern cuts timestamps to the millisecond; this one keeps them whole.
inline constexpr std::string_view kMicrosTimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX";
inline constexpr std::string_view kMicrosTimestampNtzFormat = "yyyy-MM-dd'T'HH:mm:ss.SSSSSS";

struct JsonWriteOptions {
  bool ignore_null_fields = true;
  TimeZone zone = {};  // of timestamps as they are printed; Spark's session time zone
  // Patterns; nullopt is Spark's default: yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX], the same without zone, yyyy-MM-dd.
  std::optional<DateTimePattern> timestamp = {};
  std::optional<DateTimePattern> timestamp_ntz = {};
  std::optional<DateTimePattern> date = {};
};

// One line a row, each ended by a line feed.
std::string WriteJsonLines(const ColumnBatch& batch, const JsonWriteOptions& options = {});

// Single values of a type, without a line feed, in the same text.
class JsonValueWriter {
 public:
  JsonValueWriter(const DataType& type, const JsonWriteOptions& options);
  JsonValueWriter(const JsonValueWriter&) = delete;
  JsonValueWriter& operator=(const JsonValueWriter&) = delete;
  ~JsonValueWriter();

  void Append(std::string& out, const Column& column, std::int64_t row);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace hf
