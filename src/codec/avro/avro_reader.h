// SPDX-License-Identifier: Apache-2.0
// AvroReader: the Avro binary that one schema wrote, into objects of one layout.
//
// Avro's schema resolution is decided once, in Compile, and becomes a flat program in the order of the bytes: read
// this field into that place, widen it, skip it, or clear a place that the writer did not know. So a value of an old
// schema costs the same as one of today's. Bytes are hostile: Decode never reads beyond them, and allocates no more
// than they account for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/struct_layout.h"
#include "rows/datum_slot.h"

namespace hf {

class AvroReader {
 public:
  // Fields match by name, exactly. The layout's members that `writer` lacks become empty; the writer's fields that
  // the layout lacks are skipped; int widens to long, float and double, long to float and double, float to double;
  // string and binary read as each other. What Avro can read is read, also where the meaning changes (int as
  // date): whether a change is allowed is decided in state/evolution. kInvalid names the path: a member that must
  // have a value and that the writer lacks, or types that Avro cannot resolve. `layout` must outlive the reader.
  static Result<AvroReader> Compile(const Schema& writer, const TypeLayout& layout);

  // Fills `object` (of the layout; an hf::Row for a row layout); strings and optionals keep their memory. kCorrupt: the
  // bytes are not one whole record of the writer's schema; kInvalid: null for a member that is not optional. After a
  // failure the object is valid but its content is not.
  Status Decode(std::string_view bytes, void* object) const;

 private:
  friend class AvroReaderCompiler;
  friend class AvroSkipper;
  enum class Code : std::uint8_t {
    kClear,   // reads nothing, empties the place
    kBranch,  // a struct in place: its fields follow as operations of their own
    kBool,
    kInt,
    kIntToLong,
    kIntToFloat,
    kIntToDouble,
    kLong,
    kLongToFloat,
    kLongToDouble,
    kFloat,
    kFloatToDouble,
    kDouble,
    kString,
    kBinary,
    kDecimal,
    kStruct,
    kStructValue,
    kArray,
    kMap,
    kSkipNothing,  // a void
    kSkipBool,
    kSkipVarint,
    kSkipFixed,
    kSkipBytes,
    kSkipStruct,
    kSkipArray,
    kSkipMap,
  };
  // The commonest operations, a member that always has a value and stands in a union, are done in the loop itself.
  enum class Lane : std::uint8_t { kAny, kString, kInt, kLong, kDouble };
  struct Op {
    Lane lane = Lane::kAny;
    Code code = Code::kClear;
    Holder holder = Holder::kAlways;
    bool in_union = false;
    bool skips = false;
    std::uint8_t value_index = 0;  // Holder::kValue: the alternative to make
    std::uint8_t size_bytes = 0;   // of a fixed
    std::uint8_t precision = 0;    // of the reader's decimal
    std::uint16_t children = 0;    // kStructValue: fields of the row
    std::uint32_t offset = 0;
    std::uint32_t span = 1;  // this operation and its body
    const OptionalAccess* optional = nullptr;
    union {
      const SequenceAccess* sequence = nullptr;
      const MapAccess* map;
      std::int64_t scale;  // of the reader's decimal
    };
  };
  using Bytes = const std::uint8_t*;
  // Where the bytes end, and what ended the decoding.
  class Source;

  static void* Target(const Op* op, char* base);
  static bool Clear(const Op* op, char* base);
  // Each reads from `p` on and returns where it stopped; nullptr: failed, as the source says.
  Bytes Run(const Op* op, const Op* end, char* base, Bytes p, Source& source) const;
  Bytes ReadAny(const Op* op, char* base, Bytes p, Source& source) const;
  Bytes ReadDatum(const Op* op, void* target, Bytes p, Source& source) const;
  static Bytes ReadPromoted(const Op* op, void* target, Bytes p, Source& source);
  static Bytes ReadDecimal(const Op* op, void* target, Bytes p, Source& source);
  Bytes ReadArray(const Op* op, void* target, Bytes p, Source& source) const;
  Bytes ReadMap(const Op* op, void* target, Bytes p, Source& source) const;
  Bytes Skip(const Op* op, Bytes p, Source& source) const;
  Bytes SkipBlocks(const Op* op, Bytes p, Source& source) const;
  Status FailureOf(const Source& source, std::string_view bytes) const;

  std::vector<Op> program_;
  std::vector<std::string> paths_;  // by operation
  bool is_row_ = false;
  std::size_t fields_ = 0;
};

// Finds where a record ends without reading it into anything.
class AvroSkipper {
 public:
  static Result<AvroSkipper> Compile(const Schema& writer);
  // Returns how many bytes at the front of `bytes` are one record; kCorrupt when they do not hold one.
  [[nodiscard]] Result<std::size_t> RecordSize(std::string_view bytes) const;

 private:
  AvroReader reader_;
};

}  // namespace hf
