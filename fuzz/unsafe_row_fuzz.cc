// SPDX-License-Identifier: Apache-2.0
// Rows and range keys of UnsafeRow state. First byte: which schema. Whatever is read takes as many bytes when written
// again, and those are the only form of it; range keys are read in their only form.
#include "codec/unsafe_row/unsafe_range_key.h"
#include "codec/unsafe_row/unsafe_row_reader.h"
#include "codec/unsafe_row/unsafe_row_writer.h"
#include "fuzz_target.h"
#include "holdfast/row_access.h"

namespace hf {
namespace {

// Those of rows in test/spark_compat/unsafe_row, which are the seeds.
constexpr const char* kSchemas[] = {
    "session_id STRING",
    "session_id STRING,user_id STRING,event_count INT,total_revenue DOUBLE,session_start TIMESTAMP",
    "a BOOLEAN,b BOOLEAN,c BOOLEAN",
    "a TINYINT,b SMALLINT,c INT,d BIGINT",
    "a INT,v VOID,b INT",
    "a DATE,b TIMESTAMP,c TIMESTAMP_NTZ",
    "a FLOAT,b DOUBLE,c ARRAY<FLOAT>,d ARRAY<DOUBLE>",
    "a DECIMAL(18,0),b DECIMAL(18,6),c ARRAY<DECIMAL(18,2)>",
    "a DECIMAL(38,10),b STRING,c ARRAY<DECIMAL(38,0)>",
    "a STRING,b BINARY,c STRING",
    "a ARRAY<BOOLEAN>",
    "a ARRAY<ARRAY<STRING>>",
    "a ARRAY<VOID>",
    "m MAP<STRUCT<a:INT,b:STRING>,ARRAY<BIGINT>>",
    "m MAP<STRING,MAP<STRING,DOUBLE>>",
    "n STRUCT<m:STRUCT<x:ARRAY<STRUCT<d:DATE>>>>",
    "n STRUCT<d:DECIMAL(30,2),s:STRING>,m INT",
    "n STRUCT<>,t STRING",
};

struct Codec {
  std::shared_ptr<const TypeLayout> layout;
  std::shared_ptr<const TypeLayout> last_layout;  // of the last field alone: the others are skipped
  std::optional<UnsafeRowReader> reader;
  std::optional<UnsafeRowReader> last;
  std::optional<UnsafeRowWriter> writer;
};

// Compiled once: a target is run millions of times.
const std::vector<Codec>& Codecs() {
  static const std::vector<Codec> codecs = [] {
    std::vector<Codec> made;
    for (const char* ddl : kSchemas) {
      const auto schema = Schema::FromDdl(ddl);
      HF_FUZZ_CHECK(schema.ok());
      Codec codec;
      codec.layout = RowLayout(*schema);
      codec.last_layout = RowLayout(Schema(std::vector<StructField>{schema->fields().back()}));
      auto reader = UnsafeRowReader::Compile(*schema, *codec.layout);
      auto last = UnsafeRowReader::Compile(*schema, *codec.last_layout);
      auto writer = UnsafeRowWriter::Compile(*schema, *codec.layout);
      HF_FUZZ_CHECK(reader.ok() && last.ok() && writer.ok());
      codec.reader.emplace(std::move(*reader));
      codec.last.emplace(std::move(*last));
      codec.writer.emplace(std::move(*writer));
      made.push_back(std::move(codec));
    }
    return made;
  }();
  return codecs;
}

void ReadRow(const Codec& codec, std::string_view bytes) {
  Row row;
  Row last;
  const bool decoded = codec.reader->Decode(bytes, &row).ok();
  const bool last_decoded = codec.last->Decode(bytes, &last).ok();
  if (!decoded) {
    return;
  }
  HF_FUZZ_CHECK(last_decoded);
  std::string once;
  HF_FUZZ_CHECK(codec.writer->Encode(&row, once).ok());
  HF_FUZZ_CHECK(once.size() <= bytes.size());  // decimals may have come in more bytes than they need
  Row again;
  HF_FUZZ_CHECK(codec.reader->Decode(once, &again).ok());
  std::string twice;
  HF_FUZZ_CHECK(codec.writer->Encode(&again, twice).ok());
  HF_FUZZ_CHECK(once == twice);
}

void ReadRange(const Schema& schema, std::string_view bytes) {
  if (const auto row = ReadUnsafeRangeKey(schema, bytes); row.ok()) {
    std::string written;
    HF_FUZZ_CHECK(AppendUnsafeRangeKey(schema, *row, written).ok());
    HF_FUZZ_CHECK(written == bytes);
  }
  if (const auto number = ReadUnsafeRangeLong(bytes); number.ok()) {
    std::string written;
    AppendUnsafeRangeLong(*number, written);
    HF_FUZZ_CHECK(written == bytes);
  }
}

}  // namespace

HOLDFAST_FUZZ_TARGET(unsafe_row) {
  static const Schema one = *Schema::FromDdl("t BIGINT");
  static const Schema many = *Schema::FromDdl("a INT,b DOUBLE,c TINYINT,d FLOAT,e SMALLINT");
  const unsigned variant = fuzz::TakeByte(bytes);
  const std::vector<Codec>& codecs = Codecs();
  const std::string copy(bytes);  // of its own, so that a read beyond the end is one
  if (variant < 2) {
    ReadRange(variant == 0 ? one : many, copy);
  } else {
    ReadRow(codecs[variant % codecs.size()], copy);
  }
}

}  // namespace hf
