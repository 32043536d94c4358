// SPDX-License-Identifier: Apache-2.0
// Bytes of one writer's schema, read as the same and as a later schema. First byte: which pair.
#include "codec/avro/avro_reader.h"
#include "codec/avro/avro_writer.h"
#include "fuzz_target.h"
#include "holdfast/row_access.h"

namespace hf {
namespace {

struct Pair {
  const char* writer;
  const char* reader;
};
constexpr Pair kPairs[] = {
    {"session_id STRING,user_id STRING,event_count INT,total_revenue DOUBLE,session_start TIMESTAMP",
     "session_id STRING,user_id STRING,event_count BIGINT,total_revenue DOUBLE,session_start TIMESTAMP,"
     "device_type STRING,page_category STRING"},
    {"key STRING", "key BINARY"},
    {"value BOOLEAN", "value BOOLEAN,more ARRAY<INT>"},
    {"a INT,b BIGINT,c FLOAT,d DOUBLE,e DATE,f TIMESTAMP_NTZ", "a DOUBLE,b DOUBLE,c DOUBLE"},
    {"a DECIMAL(38,18),b DECIMAL(9,2),c DECIMAL(1,0)", "c DECIMAL(1,0),a DECIMAL(38,18),b DECIMAL(9,2)"},
    {"a ARRAY<INT>,b ARRAY<STRING>,c ARRAY<ARRAY<BOOLEAN>>", "a ARRAY<BIGINT>,c ARRAY<ARRAY<BOOLEAN>>"},
    {"m MAP<STRING,INT>,n MAP<STRING,STRUCT<x:INT,y:STRING>>", "n MAP<STRING,STRUCT<y:STRING,z:INT>>"},
    {"s STRUCT<a:INT,t:STRUCT<b:STRING,c:BINARY>>,z STRING", "z BINARY,s STRUCT<t:STRUCT<c:BINARY>,d:BIGINT>"},
    {"v VOID,w VOID,x STRUCT<v:VOID>", "x STRUCT<v:VOID>"},
    {"a ARRAY<STRUCT<v:VOID>>,b ARRAY<STRUCT<i:INT>>,c MAP<STRING,VOID>", "b ARRAY<STRUCT<i:BIGINT,j:INT>>"},
};

struct Codec {
  std::shared_ptr<const TypeLayout> layout;
  std::shared_ptr<const TypeLayout> later_layout;
  std::optional<AvroReader> reader;
  std::optional<AvroReader> later;
  std::optional<AvroWriter> writer;
  std::optional<AvroSkipper> skipper;
};

// Compiled once: a target is run millions of times.
const std::vector<Codec>& Codecs() {
  static const std::vector<Codec> codecs = [] {
    std::vector<Codec> made;
    for (const Pair& pair : kPairs) {
      const auto written = Schema::FromDdl(pair.writer);
      const auto read = Schema::FromDdl(pair.reader);
      HF_FUZZ_CHECK(written.ok() && read.ok());
      Codec codec;
      codec.layout = RowLayout(*written);
      codec.later_layout = RowLayout(*read);
      auto writer = AvroWriter::Compile(*written, *codec.layout);
      if (!writer.ok()) {
        continue;  // a schema that state cannot hold (array<void>) has no codec
      }
      auto reader = AvroReader::Compile(*written, *codec.layout);
      auto later = AvroReader::Compile(*written, *codec.later_layout);
      auto skipper = AvroSkipper::Compile(*written);
      HF_FUZZ_CHECK(reader.ok() && later.ok() && skipper.ok());
      codec.reader.emplace(std::move(*reader));
      codec.later.emplace(std::move(*later));
      codec.writer.emplace(std::move(*writer));
      codec.skipper.emplace(std::move(*skipper));
      made.push_back(std::move(codec));
    }
    return made;
  }();
  return codecs;
}

}  // namespace

HOLDFAST_FUZZ_TARGET(avro) {
  const std::vector<Codec>& codecs = Codecs();
  const Codec& codec = codecs[fuzz::TakeByte(bytes) % codecs.size()];
  Row row;
  const Status decoded = codec.reader->Decode(bytes, &row);
  Row later_row;
  const Status later = codec.later->Decode(bytes, &later_row);
  const auto size = codec.skipper->RecordSize(bytes);
  if (!decoded.ok()) {
    return;
  }
  HF_FUZZ_CHECK(later.ok());
  HF_FUZZ_CHECK(size.ok() && *size == bytes.size());
  // Other bytes may stand for the same row (blocks, long varints), ours are one form of it.
  std::string once;
  HF_FUZZ_CHECK(codec.writer->Encode(&row, once).ok());
  Row again;
  HF_FUZZ_CHECK(codec.reader->Decode(once, &again).ok());
  std::string twice;
  HF_FUZZ_CHECK(codec.writer->Encode(&again, twice).ok());
  HF_FUZZ_CHECK(once == twice);
}

}  // namespace hf
