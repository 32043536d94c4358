// SPDX-License-Identifier: Apache-2.0
// UnsafeRowReader: the bytes of Spark's UnsafeRow (unsafe_row_format.h) into objects of one layout.
//
// Compiled once into a flat program of operations; Decode runs it. Bytes are hostile: Decode never reads beyond them.
// Parts must lie as Spark lays them, one behind the other without gaps, so that no byte is read for two data and the
// work and memory are bounded by the size of the bytes. What Spark leaves out of account - the words of nulls, what
// texts are filled up with - may hold anything.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"
#include "holdfast/struct_layout.h"
#include "rows/datum_slot.h"

namespace hf {

class UnsafeRowReader {
 public:
  // Fields match by name, as in UnsafeRowWriter. The layout's members that `writer` lacks become empty, the writer's
  // fields that the layout lacks are skipped; nothing is widened. kInvalid names the path: a member that must have a
  // value and that the writer lacks, or types that differ. `layout` must outlive the reader.
  static Result<UnsafeRowReader> Compile(const Schema& writer, const TypeLayout& layout);

  // Fills `object` (of the layout; an hf::Row for a row layout); strings and optionals keep their memory. kCorrupt: the
  // bytes are not one whole row of the writer's schema; kInvalid: null for a member that is not optional. After a
  // failure the object is valid but its content is not.
  Status Decode(std::string_view bytes, void* object) const;

 private:
  friend class UnsafeRowReaderCompiler;
  enum class Code : std::uint8_t {
    kClear,  // a member that the writer lacks: reads nothing
    kVoid,
    kBool,
    kFixed,  // copied as it lies in memory
    kWordDecimal,
    kWideDecimal,
    kString,
    kBinary,
    kStruct,
    kStructValue,
    kArray,
    kMap,
  };
  struct Op {
    Code code = Code::kVoid;
    Holder holder = Holder::kAlways;
    bool skips = false;     // no member takes it: its place is checked, its content is not read
    bool has_part = false;  // its word is a pointer
    bool reserves = false;  // a wide decimal in a row, null or not
    std::uint8_t value_index = 0;
    std::uint8_t width = 0;  // of the datum; below an array or map: of an element
    std::uint8_t precision = 0;
    std::uint8_t scale = 0;
    std::uint32_t fields = 0;   // of a struct, as written
    std::uint32_t members = 0;  // kStructValue: of the row that holds it
    std::uint32_t offset = 0;
    std::uint32_t span = 1;  // this operation and its body
    const OptionalAccess* optional = nullptr;
    union {
      const SequenceAccess* sequence = nullptr;
      const MapAccess* map;
    };
  };
  // The data of a row or array, one after the other.
  struct Walk {
    std::string_view part;  // the whole row or array
    std::size_t null_bits = 0;
    std::size_t index = 0;
    std::size_t word = 0;
    std::size_t next = 0;  // where the next part begins
  };
  // What ended the decoding.
  struct Failure {
    const Op* op = nullptr;
    const char* why = nullptr;  // nullptr: a null without a place
  };

  bool ReadStruct(const Op* op, std::string_view part, char* base, Failure& failure) const;
  bool ReadPlace(const Op* op, char* base, Walk& walk, Failure& failure) const;
  static bool ReadNull(const Op* op, char* place, Walk& walk, Failure& failure);
  static bool ReadWord(const Op* op, const char* word, bool in_row, char* place, Failure& failure);
  bool ReadPart(const Op* op, std::string_view part, char* place, Failure& failure) const;
  static bool TakePart(const Op* op, Walk& walk, std::string_view* part, Failure& failure);
  static bool ReadDecimal(const Op* op, std::string_view part, void* target, Failure& failure);
  static bool OpenArray(const Op* op, const Op* element, std::string_view part, std::size_t* count, Walk* walk,
                        Failure& failure);
  bool ReadArray(const Op* op, std::string_view part, void* target, Failure& failure) const;
  bool ReadMap(const Op* op, std::string_view part, void* target, Failure& failure) const;

  std::vector<Op> program_;         // the first is the row
  std::vector<std::string> paths_;  // by operation
  bool is_row_ = false;
};

}  // namespace hf
