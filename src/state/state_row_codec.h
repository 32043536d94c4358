// SPDX-License-Identifier: Apache-2.0
// StateRowWriter and StateRowReader: the bytes of a row of state in whichever encoding the checkpoint has. Which one is
// decided when they are compiled; a row costs one foreseeable branch more than the codec itself.
//
// Only the row's bytes: the version byte in front, and behind it Avro's schema id, belong to whoever frames keys and
// values (docs/formats/state_value.md). UnsafeRow has no schema id: all values of a variable have one schema.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "codec/avro/avro_reader.h"
#include "codec/avro/avro_writer.h"
#include "codec/unsafe_row/unsafe_row_reader.h"
#include "codec/unsafe_row/unsafe_row_writer.h"
#include "state/state_families.h"

namespace hf {

class StateRowWriter {
 public:
  // As AvroWriter::Compile and UnsafeRowWriter::Compile.
  static Result<StateRowWriter> Compile(StateEncoding encoding, const Schema& schema, const TypeLayout& layout) {
    StateRowWriter made;
    if (encoding == StateEncoding::kAvro) {
      HF_ASSIGN_OR_RETURN(made.writer_, AvroWriter::Compile(schema, layout));
    } else {
      HF_ASSIGN_OR_RETURN(made.writer_, UnsafeRowWriter::Compile(schema, layout));
    }
    return made;
  }

  // Appends the row; on failure (kInvalid) `out` is as before.
  Status Encode(const void* object, std::string& out) const {
    if (const auto* avro = std::get_if<AvroWriter>(&writer_)) {
      return avro->Encode(object, out);
    }
    return std::get_if<UnsafeRowWriter>(&writer_)->Encode(object, out);
  }

 private:
  std::variant<AvroWriter, UnsafeRowWriter> writer_;
};

class StateRowReader {
 public:
  // As AvroReader::Compile and UnsafeRowReader::Compile: only Avro widens.
  static Result<StateRowReader> Compile(StateEncoding encoding, const Schema& written, const TypeLayout& layout) {
    StateRowReader made;
    if (encoding == StateEncoding::kAvro) {
      HF_ASSIGN_OR_RETURN(made.reader_, AvroReader::Compile(written, layout));
    } else {
      HF_ASSIGN_OR_RETURN(made.reader_, UnsafeRowReader::Compile(written, layout));
    }
    return made;
  }

  // Fills `object`; kCorrupt when the bytes are not one row, kInvalid for a null without a place.
  Status Decode(std::string_view bytes, void* object) const {
    if (const auto* avro = std::get_if<AvroReader>(&reader_)) {
      return avro->Decode(bytes, object);
    }
    return std::get_if<UnsafeRowReader>(&reader_)->Decode(bytes, object);
  }

 private:
  std::variant<AvroReader, UnsafeRowReader> reader_;
};

}  // namespace hf
