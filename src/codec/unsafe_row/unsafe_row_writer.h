// SPDX-License-Identifier: Apache-2.0
// UnsafeRowWriter: objects of one layout to the bytes that Spark's UnsafeProjection makes of such a row
// (unsafe_row_format.h). Byte for byte: Spark finds a key by its bytes.
//
// Compiled once into a flat program of operations; Encode runs it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/struct_layout.h"
#include "rows/datum_slot.h"

namespace hf {

class UnsafeRowWriter {
 public:
  // Fields match by name. The bytes hold none, so whoever follows Spark in taking a renamed field for the old one
  // passes a schema with the new names. A field of the schema that the layout lacks is written as null. kInvalid:
  // CheckUnsafeRowState refuses the schema, the layout has a member that the schema lacks, or their types differ (both
  // types are named). `layout` must outlive the writer.
  static Result<UnsafeRowWriter> Compile(const Schema& schema, const TypeLayout& layout);

  // Appends the row. On failure (kInvalid: a null key of a map, a decimal beyond its precision, a Value of another
  // type, more than 2 GiB; the path is named) `out` is as before.
  Status Encode(const void* object, std::string& out) const;

 private:
  friend class UnsafeRowWriterCompiler;
  enum class Code : std::uint8_t {
    kNull,   // a void, or a field that the layout lacks
    kFixed,  // copied as it lies in memory
    kWordDecimal,
    kWideDecimal,
    kString,
    kStringView,
    kBinary,
    kStruct,
    kStructValue,
    kArray,
    kMap,
  };
  struct Op {
    Code code = Code::kNull;
    Holder holder = Holder::kAlways;
    bool reserves = false;         // a wide decimal in a row, null or not
    std::uint8_t value_index = 0;  // Holder::kValue: the alternative that fits
    std::uint8_t width = 0;        // kFixed: of the datum; below an array or map: of an element
    std::uint8_t precision = 0;
    std::uint8_t scale = 0;
    std::uint32_t fields = 0;   // of a struct
    std::uint32_t members = 0;  // kStructValue: of the row that holds it
    std::uint32_t offset = 0;
    std::uint32_t span = 1;  // this operation and its body
    const OptionalAccess* optional = nullptr;
    union {
      const SequenceAccess* sequence = nullptr;
      const MapAccess* map;
    };
  };
  // Where a datum goes: positions in the bytes, as their place in memory moves.
  struct Spot {
    std::size_t start;  // of the row or array, from which offsets count
    std::size_t null_bits;
    std::size_t index;
    std::size_t word;
  };
  class Sink;

  bool WriteStruct(const Op* op, const char* base, Sink& sink) const;
  bool WritePlace(const Op* op, const char* base, const Spot& spot, Sink& sink) const;
  bool WriteDatum(const Op* op, const void* datum, const Spot& spot, Sink& sink) const;
  bool WriteNested(const Op* op, const void* datum, Sink& sink) const;
  static bool WriteDecimal(const Op* op, const void* datum, const Spot& spot, Sink& sink);
  bool WriteArray(const Op* op, const void* datum, Sink& sink) const;
  bool WriteMap(const Op* op, const void* datum, Sink& sink) const;

  std::vector<Op> program_;         // the first is the row
  std::vector<std::string> paths_;  // by operation
  bool is_row_ = false;
};

}  // namespace hf
