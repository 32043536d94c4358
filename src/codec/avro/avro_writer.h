// SPDX-License-Identifier: Apache-2.0
// AvroWriter: objects of one layout to the Avro binary under which Spark keeps them in state.
//
// Compiled once into a flat program of operations; Encode runs it. Only the record's bytes are made: the version
// byte and schema id before them belong to the state key and value formats (docs/formats/state_value.md).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/struct_layout.h"
#include "rows/datum_slot.h"

namespace hf {

class AvroWriter {
 public:
  // Fields match by name. A field of the schema that the layout lacks is written as null. kInvalid: CheckAvroState
  // refuses the schema, the layout has a member that the schema lacks, or their types differ (both types are named).
  // `layout` must outlive the writer.
  static Result<AvroWriter> Compile(const Schema& schema, const TypeLayout& layout);

  // Appends the record. On failure (kInvalid: a null where Avro has no place for one, a decimal beyond its
  // precision, a Value of another type; the path is named) `out` is as before.
  Status Encode(const void* object, std::string& out) const;

 private:
  friend class AvroWriterCompiler;
  enum class Code : std::uint8_t {
    kNull,    // a field that the layout lacks: always null
    kVoid,    // writes nothing
    kBranch,  // the datum is a struct in place: its fields follow as operations of their own
    kBool,
    kInt,
    kLong,
    kFloat,
    kDouble,
    kString,
    kStringView,
    kBytes,
    kDecimal,
    kDecimalValue,
    kStruct,
    kStructValue,
    kArray,
    kMap,
  };
  // The commonest operations, a member that always has a value and is in a union, are done in the loop itself.
  enum class Lane : std::uint8_t { kAny, kString, kInt, kLong, kDouble };
  struct Op {
    Lane lane = Lane::kAny;
    Code code = Code::kNull;
    Holder holder = Holder::kAlways;
    bool in_union = false;
    std::uint8_t value_index = 0;  // Holder::kValue: the alternative that fits
    std::uint8_t precision = 0;
    std::uint8_t scale = 0;
    std::uint16_t children = 0;  // kStructValue: fields of the row
    std::uint32_t offset = 0;
    std::uint32_t span = 1;  // this operation and its body
    const OptionalAccess* optional = nullptr;
    union {
      const SequenceAccess* sequence = nullptr;
      const MapAccess* map;
    };
  };
  class Sink;

  // Each writes from `p` on and returns where the bytes end; nullptr: failed, as the sink says.
  char* Run(const Op* op, const Op* end, const char* base, char* p, Sink& sink) const;
  char* WriteAny(const Op* op, const char* place, char* p, Sink& sink) const;
  char* WriteDatum(const Op* op, const void* datum, char* p, Sink& sink) const;
  static char* WriteDecimal(const Op* op, const void* datum, char* p, Sink& sink);
  char* WriteArray(const Op* op, const void* datum, char* p, Sink& sink) const;
  char* WriteMap(const Op* op, const void* datum, char* p, Sink& sink) const;

  std::vector<Op> program_;
  std::vector<std::string> paths_;  // by operation
  bool is_row_ = false;
  std::size_t fields_ = 0;
};

}  // namespace hf
