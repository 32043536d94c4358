// SPDX-License-Identifier: Apache-2.0
#include "codec/avro/avro_reader.h"

#include <fmt/format.h>

#include <cstring>
#include <limits>

#include "codec/avro/avro_copy.h"
#include "codec/avro/avro_varint.h"
#include "rows/decimal_limits.h"

namespace hf {

// The reading functions keep the place in the bytes themselves, in a register; what they share is here.
class AvroReader::Source {
 public:
  explicit Source(std::string_view bytes)
      : begin_(reinterpret_cast<Bytes>(bytes.data())), end_(begin_ + bytes.size()) {}

  [[nodiscard]] Bytes begin() const { return begin_; }
  [[nodiscard]] Bytes end() const { return end_; }
  [[nodiscard]] std::uint64_t Left(Bytes p) const { return static_cast<std::uint64_t>(end_ - p); }
  [[nodiscard]] const Op* failed() const { return failed_; }
  [[nodiscard]] std::size_t failed_at() const { return failed_at_; }
  [[nodiscard]] bool failed_on_null() const { return why_ == nullptr; }
  [[nodiscard]] const char* why() const { return why_; }

  Bytes Fail(const Op* op, Bytes p, const char* why) {
    failed_ = op;
    failed_at_ = static_cast<std::size_t>(p - begin_);
    why_ = why;
    return nullptr;
  }
  Bytes FailOnNull(const Op* op, Bytes p) { return Fail(op, p, nullptr); }

  Bytes Skip(const Op* op, Bytes p, std::uint64_t size) { return size > Left(p) ? Fail(op, p, kTooShort) : p + size; }
  Bytes Copy(const Op* op, Bytes p, void* target, std::size_t size) {
    if (size > Left(p)) {
      return Fail(op, p, kTooShort);
    }
    std::memcpy(target, p, size);
    return p + size;
  }
  Bytes Long(const Op* op, Bytes p, std::int64_t* value) {
    Bytes after = avro::ReadLong(p, end_, value);
    return after != nullptr ? after : Fail(op, p, "an integer is cut off or longer than 64 bits");
  }
  Bytes Int(const Op* op, Bytes p, std::int32_t* value) {
    std::int64_t wide;
    Bytes after = Long(op, p, &wide);
    *value = static_cast<std::int32_t>(wide);
    return after == nullptr || *value == wide ? after : Fail(op, p, "an integer is longer than 32 bits");
  }
  // The bytes of a string, whose length stands before them.
  Bytes Text(const Op* op, Bytes p, std::string_view* text) {
    std::int64_t size;
    Bytes from = Long(op, p, &size);
    if (from == nullptr) {
      return nullptr;
    }
    if (static_cast<std::uint64_t>(size) > Left(from)) {  // a negative size as well
      return Fail(op, p, size < 0 ? "its length is negative" : kTooShort);
    }
    *text = {reinterpret_cast<const char*>(from), static_cast<std::size_t>(size)};
    return from + size;
  }
  // The count of the next block of an array or map; 0 ends it.
  Bytes BlockCount(const Op* op, Bytes p, std::int64_t* count) {
    p = Long(op, p, count);
    if (p != nullptr && *count < 0) {
      std::int64_t size_bytes;  // a negative count is followed by the size of the block, for those who skip it
      p = Long(op, p, &size_bytes);
      if (p == nullptr) {
        return nullptr;
      }
      if (*count == std::numeric_limits<std::int64_t>::min() || static_cast<std::uint64_t>(size_bytes) > Left(p)) {
        return Fail(op, p, "the size of a block is wrong");
      }
      *count = -*count;
    }
    // Every element takes a byte or more.
    return p == nullptr || static_cast<std::uint64_t>(*count) <= Left(p)
               ? p
               : Fail(op, p, "it has more elements than bytes are left");
  }

 private:
  static constexpr const char* kTooShort = "the bytes end within it";

  Bytes begin_;
  Bytes end_;
  const Op* failed_ = nullptr;
  const char* why_ = nullptr;
  std::size_t failed_at_ = 0;
};

Status AvroReader::Decode(std::string_view bytes, void* object) const {
  Source source(bytes);
  char* base = static_cast<char*>(object);
  if (is_row_) {
    Row& row = *static_cast<Row*>(object);
    row.resize(fields_);
    base = reinterpret_cast<char*>(row.data());
  }
  Bytes p = Run(program_.data(), program_.data() + program_.size(), base, source.begin(), source);
  if (p == nullptr) {
    return FailureOf(source, bytes);
  }
  if (p != source.end()) {
    return Corrupt(
        fmt::format("avro record: {} of {} bytes are left over behind the last field", source.Left(p), bytes.size()));
  }
  return {};
}

Status AvroReader::FailureOf(const Source& source, std::string_view bytes) const {
  const std::string& path = paths_[static_cast<std::size_t>(source.failed() - program_.data())];
  if (source.failed_on_null()) {
    return Invalid(
        fmt::format("field '{}' is null in the stored value, but the member it is read into must have a value: make it "
                    "std::optional",
                    path));
  }
  return Corrupt(fmt::format("avro record of {} bytes, field '{}' at byte {}: {}", bytes.size(), path,
                             source.failed_at(), source.why()));
}

inline void* AvroReader::Target(const Op* op, char* base) {
  return FillPlace(op->holder, base + op->offset, op->optional, op->value_index);
}

bool AvroReader::Clear(const Op* op, char* base) { return ClearPlace(op->holder, base + op->offset, op->optional); }

namespace {

// State objects are reused, and ids mostly have one length: then the string need not be told its size again.
inline void Assign(std::string& target, std::string_view text) {
  if (target.size() == text.size()) {
    avro::CopyShort(target.data(), text.data(), text.size());
  } else {
    target.assign(text.data(), text.size());
  }
}

}  // namespace

AvroReader::Bytes AvroReader::Run(const Op* op, const Op* end, char* base, Bytes p, Source& source) const {
  while (op != end) {
    // What is not as usual - a null, the end of the bytes, damage - goes the long way, from the same place.
    if (op->lane == Lane::kAny || p == source.end() || *p != 2) {
      p = ReadAny(op, base, p, source);
      if (p == nullptr) {
        return nullptr;
      }
      op += op->span;
      continue;
    }
    char* place = base + op->offset;
    if (op->lane == Lane::kString) {
      std::string_view text;
      p = source.Text(op, p + 1, &text);
      if (p != nullptr) {
        Assign(*reinterpret_cast<std::string*>(place), text);
      }
    } else if (op->lane == Lane::kLong) {
      p = source.Long(op, p + 1, reinterpret_cast<std::int64_t*>(place));
    } else if (op->lane == Lane::kInt) {
      p = source.Int(op, p + 1, reinterpret_cast<std::int32_t*>(place));
    } else {
      p = source.Copy(op, p + 1, place, 8);
    }
    if (p == nullptr) {
      return nullptr;
    }
    ++op;
  }
  return p;
}

AvroReader::Bytes AvroReader::ReadAny(const Op* op, char* base, Bytes p, Source& source) const {
  if (op->in_union) {
    if (p == source.end()) {
      return source.Fail(op, p, "the bytes end before it");
    }
    const std::uint8_t branch = *p++;
    if (branch != 2) {
      if (branch != 0) {
        return source.Fail(op, p, "its union branch is neither null nor the value");
      }
      return op->skips || Clear(op, base) ? p : source.FailOnNull(op, p);
    }
  }
  if (op->skips) {
    return Skip(op, p, source);
  }
  if (op->code == Code::kClear) {
    Clear(op, base);
    return p;
  }
  return op->code == Code::kBranch ? p : ReadDatum(op, Target(op, base), p, source);
}

AvroReader::Bytes AvroReader::ReadDatum(const Op* op, void* target, Bytes p, Source& source) const {
  std::string_view text;
  switch (op->code) {
    case Code::kInt: return source.Int(op, p, static_cast<std::int32_t*>(target));
    case Code::kLong: return source.Long(op, p, static_cast<std::int64_t*>(target));
    case Code::kDouble: return source.Copy(op, p, target, 8);
    case Code::kString:
      p = source.Text(op, p, &text);
      if (p != nullptr) {
        Assign(*static_cast<std::string*>(target), text);
      }
      return p;
    case Code::kFloat: return source.Copy(op, p, target, 4);
    case Code::kBinary:
      p = source.Text(op, p, &text);
      if (p != nullptr) {
        static_cast<Binary*>(target)->bytes.assign(text.data(), text.size());
      }
      return p;
    case Code::kBool:
      if (p == source.end() || *p > 1) {
        return source.Fail(op, p, "there is no boolean, 0 or 1");
      }
      *static_cast<bool*>(target) = *p == 1;
      return p + 1;
    case Code::kIntToLong:
    case Code::kIntToFloat:
    case Code::kIntToDouble:
    case Code::kLongToFloat:
    case Code::kLongToDouble:
    case Code::kFloatToDouble: return ReadPromoted(op, target, p, source);
    case Code::kDecimal: return ReadDecimal(op, target, p, source);
    case Code::kStruct: return Run(op + 1, op + op->span, static_cast<char*>(target), p, source);
    case Code::kStructValue: {
      Row& row = static_cast<StructValue*>(target)->fields;
      row.resize(op->children);
      return Run(op + 1, op + op->span, reinterpret_cast<char*>(row.data()), p, source);
    }
    case Code::kArray: return ReadArray(op, target, p, source);
    case Code::kMap: return ReadMap(op, target, p, source);
    default:  // those that have no datum
      return p;
  }
}

AvroReader::Bytes AvroReader::ReadPromoted(const Op* op, void* target, Bytes p, Source& source) {
  if (op->code == Code::kFloatToDouble) {
    float value;
    p = source.Copy(op, p, &value, 4);
    if (p != nullptr) {
      *static_cast<double*>(target) = value;
    }
    return p;
  }
  std::int64_t number = 0;
  if (op->code == Code::kLongToFloat || op->code == Code::kLongToDouble) {
    p = source.Long(op, p, &number);
  } else {
    std::int32_t narrow = 0;
    p = source.Int(op, p, &narrow);
    number = narrow;
  }
  if (p == nullptr) {
    return nullptr;
  }
  if (op->code == Code::kIntToLong) {
    *static_cast<std::int64_t*>(target) = number;
  } else if (op->code == Code::kIntToFloat || op->code == Code::kLongToFloat) {
    *static_cast<float*>(target) = static_cast<float>(number);
  } else {
    *static_cast<double*>(target) = static_cast<double>(number);
  }
  return p;
}

AvroReader::Bytes AvroReader::ReadDecimal(const Op* op, void* target, Bytes p, Source& source) {
  std::uint8_t raw[16];
  Bytes after = source.Copy(op, p, raw, op->size_bytes);
  if (after == nullptr) {
    return nullptr;
  }
  auto unscaled = static_cast<unsigned __int128>(static_cast<__int128>(static_cast<std::int8_t>(raw[0])));
  for (unsigned i = 1; i < op->size_bytes; ++i) {
    unscaled = (unscaled << 8) | raw[i];
  }
  const auto value = static_cast<__int128>(unscaled);
  if (!FitsDecimal(value, op->precision)) {
    return source.Fail(op, p, "a decimal has more digits than its type");
  }
  std::memcpy(target, &value, sizeof(value));
  if (op->holder == Holder::kValue) {
    static_cast<Decimal*>(target)->scale = static_cast<std::int32_t>(op->scale);
  }
  return after;
}

AvroReader::Bytes AvroReader::ReadArray(const Op* op, void* target, Bytes p, Source& source) const {
  op->sequence->clear(target);
  std::int64_t count = 0;
  while ((p = source.BlockCount(op, p, &count)) != nullptr && count != 0) {
    for (; count > 0; --count) {
      p = Run(op + 1, op + op->span, static_cast<char*>(op->sequence->append(target)), p, source);
      if (p == nullptr) {
        return nullptr;
      }
    }
  }
  return p;
}

AvroReader::Bytes AvroReader::ReadMap(const Op* op, void* target, Bytes p, Source& source) const {
  op->map->clear(target);
  Value key{std::string()};
  auto& key_text = std::get<std::string>(key);
  const void* key_place = op->holder == Holder::kValue ? static_cast<const void*>(&key) : &key_text;
  std::string_view text;
  std::int64_t count = 0;
  while ((p = source.BlockCount(op, p, &count)) != nullptr && count != 0) {
    for (; count > 0; --count) {
      p = source.Text(op, p, &text);
      if (p == nullptr) {
        return nullptr;
      }
      key_text.assign(text);
      p = Run(op + 1, op + op->span, static_cast<char*>(op->map->insert(target, key_place)), p, source);
      if (p == nullptr) {
        return nullptr;
      }
    }
  }
  return p;
}

AvroReader::Bytes AvroReader::Skip(const Op* op, Bytes p, Source& source) const {
  std::int64_t number;
  std::string_view text;
  switch (op->code) {
    case Code::kSkipBool: return source.Skip(op, p, 1);
    case Code::kSkipVarint: return source.Long(op, p, &number);
    case Code::kSkipFixed: return source.Skip(op, p, op->size_bytes);
    case Code::kSkipBytes: return source.Text(op, p, &text);
    case Code::kSkipStruct: return Run(op + 1, op + op->span, nullptr, p, source);
    case Code::kSkipArray:
    case Code::kSkipMap: return SkipBlocks(op, p, source);
    default:  // kSkipNothing, and those that do not skip
      return p;
  }
}

AvroReader::Bytes AvroReader::SkipBlocks(const Op* op, Bytes p, Source& source) const {
  std::int64_t count = 0;
  std::string_view key;
  while ((p = source.BlockCount(op, p, &count)) != nullptr && count != 0) {
    for (; count > 0; --count) {
      if (op->code == Code::kSkipMap) {
        p = source.Text(op, p, &key);
        if (p == nullptr) {
          return nullptr;
        }
      }
      p = Run(op + 1, op + op->span, nullptr, p, source);
      if (p == nullptr) {
        return nullptr;
      }
    }
  }
  return p;
}

Result<std::size_t> AvroSkipper::RecordSize(std::string_view bytes) const {
  AvroReader::Source source(bytes);
  AvroReader::Bytes p = reader_.Run(reader_.program_.data(), reader_.program_.data() + reader_.program_.size(), nullptr,
                                    source.begin(), source);
  if (p == nullptr) {
    return reader_.FailureOf(source, bytes);
  }
  return static_cast<std::size_t>(p - source.begin());
}

}  // namespace hf
