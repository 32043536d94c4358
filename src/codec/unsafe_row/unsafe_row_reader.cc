// SPDX-License-Identifier: Apache-2.0
#include "codec/unsafe_row/unsafe_row_reader.h"

#include <fmt/format.h>

#include <cstring>
#include <memory>

#include "base/bytes.h"
#include "codec/unsafe_row/unsafe_row_format.h"
#include "rows/decimal_limits.h"

namespace hf {

namespace {

// For the functions below: ends the decoding.
template <typename Failure, typename Op>
bool Fail(Failure& failure, const Op* op, const char* why) {
  failure = {op, why};
  return false;
}

bool BitAt(std::string_view part, std::size_t bits, std::size_t index) {
  return (static_cast<unsigned char>(part[bits + index / 8]) >> index % 8 & 1) != 0;
}

// The null bits that belong to no field are zero.
bool SpareBitsAreClear(std::string_view part, std::size_t bits, std::size_t count) {
  if (count % 64 == 0) {
    return true;
  }
  return LoadLittle64(part.data() + bits + count / 64 * 8) >> count % 64 == 0;
}

bool AllZero(const char* bytes, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] != 0) {
      return false;
    }
  }
  return true;
}

}  // namespace

Status UnsafeRowReader::Decode(std::string_view bytes, void* object) const {
  char* base = static_cast<char*>(object);
  if (is_row_) {
    Row& row = *static_cast<Row*>(object);
    row.resize(program_[0].members);
    base = reinterpret_cast<char*>(row.data());
  }
  Failure failure;
  if (ReadStruct(program_.data(), bytes, base, failure)) {
    return {};
  }
  const std::string& path = paths_[static_cast<std::size_t>(failure.op - program_.data())];
  if (failure.why == nullptr) {
    return Invalid(
        fmt::format("field '{}' is null in the stored value, but the member it is read into must have a value: make it "
                    "std::optional",
                    path));
  }
  return Corrupt(path.empty() ? fmt::format("unsafe row of {} bytes: {}", bytes.size(), failure.why)
                              : fmt::format("unsafe row of {} bytes, field '{}': {}", bytes.size(), path, failure.why));
}

bool UnsafeRowReader::ReadStruct(const Op* op, std::string_view part, char* base, Failure& failure) const {
  Walk walk = {
      .part = part, .word = unsafe_row::NullBitBytes(op->fields), .next = unsafe_row::RowFixedBytes(op->fields)};
  if (part.size() < walk.next) {
    return Fail(failure, op, "it has fewer bytes than its fields take");
  }
  if (!SpareBitsAreClear(part, 0, op->fields)) {
    return Fail(failure, op, "it marks more fields as null than it has");
  }
  const Op* end = op + op->span;
  for (const Op* field = op + 1; field != end; field += field->span) {
    if (field->code == Code::kClear) {
      ClearPlace(field->holder, base + field->offset, field->optional);
      continue;
    }
    if (!ReadPlace(field, base, walk, failure)) {
      return false;
    }
    ++walk.index;
    walk.word += unsafe_row::kWordBytes;
  }
  return walk.next == part.size() || Fail(failure, op, "bytes are left over behind its last field");
}

bool UnsafeRowReader::ReadPlace(const Op* op, char* base, Walk& walk, Failure& failure) const {
  char* place = op->skips ? nullptr : base + op->offset;
  if (BitAt(walk.part, walk.null_bits, walk.index)) {
    return ReadNull(op, place, walk, failure);
  }
  if (!op->has_part) {
    return ReadWord(op, walk.part.data() + walk.word, walk.null_bits == 0, place, failure);
  }
  std::string_view part;
  return TakePart(op, walk, &part, failure) && (op->skips || ReadPart(op, part, place, failure));
}

bool UnsafeRowReader::ReadNull(const Op* op, char* place, Walk& walk, Failure& failure) {
  std::string_view part;
  if (op->reserves && !TakePart(op, walk, &part, failure)) {
    return false;
  }
  return op->skips || ClearPlace(op->holder, place, op->optional) || Fail(failure, op, nullptr);
}

bool UnsafeRowReader::TakePart(const Op* op, Walk& walk, std::string_view* part, Failure& failure) {
  const std::uint64_t word = LoadLittle64(walk.part.data() + walk.word);
  const std::size_t size = word & 0xFFFFFFFF;
  if (word >> 32 != walk.next) {
    return Fail(failure, op, "it does not begin where the part before it ends");
  }
  // What a wide decimal of a row keeps is more than what it uses.
  const std::size_t kept = op->reserves ? unsafe_row::kWideDecimalBytes : unsafe_row::WholeWords(size);
  if (kept > walk.part.size() - walk.next || size > kept) {
    return Fail(failure, op, "the bytes end within it");
  }
  *part = walk.part.substr(walk.next, size);
  walk.next += kept;
  return true;
}

bool UnsafeRowReader::ReadWord(const Op* op, const char* word, bool in_row, char* place, Failure& failure) {
  if (op->code == Code::kVoid) {
    return Fail(failure, op, "it is void and yet not null");
  }
  if (in_row && !AllZero(word + op->width, unsafe_row::kWordBytes - op->width)) {
    return Fail(failure, op, "its word holds more than its type");
  }
  if (op->code == Code::kBool && static_cast<unsigned char>(*word) > 1) {
    return Fail(failure, op, "there is no boolean, 0 or 1");
  }
  __int128 decimal = 0;
  if (op->code == Code::kWordDecimal) {
    decimal = static_cast<std::int64_t>(LoadLittle64(word));
    if (!FitsDecimal(decimal, op->precision)) {
      return Fail(failure, op, "a decimal has more digits than its type");
    }
  }
  if (op->skips) {
    return true;
  }
  void* target = FillPlace(op->holder, place, op->optional, op->value_index);
  if (op->code == Code::kWordDecimal) {
    std::memcpy(target, &decimal, sizeof(decimal));
    if (op->holder == Holder::kValue) {
      static_cast<Decimal*>(target)->scale = op->scale;
    }
    return true;
  }
  std::memcpy(target, word, op->width);
  return true;
}

bool UnsafeRowReader::ReadPart(const Op* op, std::string_view part, char* place, Failure& failure) const {
  void* target = FillPlace(op->holder, place, op->optional, op->value_index);
  switch (op->code) {
    case Code::kString: static_cast<std::string*>(target)->assign(part); return true;
    case Code::kBinary: static_cast<Binary*>(target)->bytes.assign(part); return true;
    case Code::kWideDecimal: return ReadDecimal(op, part, target, failure);
    case Code::kStruct: return ReadStruct(op, part, static_cast<char*>(target), failure);
    case Code::kStructValue: {
      Row& row = static_cast<StructValue*>(target)->fields;
      row.resize(op->members);
      return ReadStruct(op, part, reinterpret_cast<char*>(row.data()), failure);
    }
    case Code::kArray: return ReadArray(op, part, target, failure);
    case Code::kMap: return ReadMap(op, part, target, failure);
    case Code::kClear:
    case Code::kVoid:
    case Code::kBool:
    case Code::kFixed:
    case Code::kWordDecimal: break;  // they have no part
  }
  return true;
}

bool UnsafeRowReader::ReadDecimal(const Op* op, std::string_view part, void* target, Failure& failure) {
  if (part.empty() || part.size() > unsafe_row::kWideDecimalBytes) {
    return Fail(failure, op, "a decimal has between 1 and 16 bytes");
  }
  auto unscaled = static_cast<unsigned __int128>(static_cast<__int128>(static_cast<std::int8_t>(part[0])));
  for (const char byte : part.substr(1)) {
    unscaled = (unscaled << 8) | static_cast<unsigned char>(byte);
  }
  const auto value = static_cast<__int128>(unscaled);
  if (!FitsDecimal(value, op->precision)) {
    return Fail(failure, op, "a decimal has more digits than its type");
  }
  std::memcpy(target, &value, sizeof(value));
  if (op->holder == Holder::kValue) {
    static_cast<Decimal*>(target)->scale = op->scale;
  }
  return true;
}

bool UnsafeRowReader::OpenArray(const Op* op, const Op* element, std::string_view part, std::size_t* count, Walk* walk,
                                Failure& failure) {
  if (part.size() < unsafe_row::kWordBytes) {
    return Fail(failure, op, "it has no room for its count");
  }
  *count = LoadLittle64(part.data());
  if (*count > part.size()) {  // every element takes a byte or more
    return Fail(failure, op, "it has more elements than bytes");
  }
  walk->part = part;
  walk->null_bits = unsafe_row::kWordBytes;
  walk->word = walk->null_bits + unsafe_row::NullBitBytes(*count);
  walk->next = walk->word + unsafe_row::WholeWords(*count * element->width);
  if (walk->next > part.size()) {
    return Fail(failure, op, "it has fewer bytes than its elements take");
  }
  return SpareBitsAreClear(part, walk->null_bits, *count) ||
         Fail(failure, op, "it marks more elements as null than it has");
}

bool UnsafeRowReader::ReadArray(const Op* op, std::string_view part, void* target, Failure& failure) const {
  const Op* element = op + 1;
  Walk walk;
  std::size_t count = 0;
  op->sequence->clear(target);
  if (!OpenArray(op, element, part, &count, &walk, failure)) {
    return false;
  }
  for (; walk.index < count; ++walk.index, walk.word += element->width) {
    if (!ReadPlace(element, static_cast<char*>(op->sequence->append(target)), walk, failure)) {
      return false;
    }
  }
  return walk.next == part.size() || Fail(failure, op, "bytes are left over behind its last element");
}

bool UnsafeRowReader::ReadMap(const Op* op, std::string_view part, void* target, Failure& failure) const {
  const Op* key_op = op + 1;
  const Op* value_op = key_op + key_op->span;
  op->map->clear(target);
  if (part.size() < unsafe_row::kWordBytes || LoadLittle64(part.data()) > part.size() - unsafe_row::kWordBytes) {
    return Fail(failure, op, "it has no room for its keys");
  }
  const std::string_view keys_part = part.substr(unsafe_row::kWordBytes, LoadLittle64(part.data()));
  const std::string_view values_part = part.substr(unsafe_row::kWordBytes + keys_part.size());
  Walk keys;
  Walk values;
  std::size_t count = 0;
  std::size_t value_count = 0;
  if (!OpenArray(key_op, key_op, keys_part, &count, &keys, failure) ||
      !OpenArray(value_op, value_op, values_part, &value_count, &values, failure)) {
    return false;
  }
  if (count != value_count) {
    return Fail(failure, op, "it has not as many values as keys");
  }
  const std::unique_ptr<void, void (*)(void*)> key(op->map->new_key(), op->map->delete_key);
  for (; keys.index < count; ++keys.index, ++values.index) {
    if (BitAt(keys.part, keys.null_bits, keys.index)) {
      return Fail(failure, key_op, "it is null, and a key of a map cannot be");
    }
    if (!ReadPlace(key_op, static_cast<char*>(key.get()), keys, failure) ||
        !ReadPlace(value_op, static_cast<char*>(op->map->insert(target, key.get())), values, failure)) {
      return false;
    }
    keys.word += key_op->width;
    values.word += value_op->width;
  }
  return (keys.next == keys_part.size() && values.next == values_part.size()) ||
         Fail(failure, op, "bytes are left over behind its last entry");
}

}  // namespace hf
