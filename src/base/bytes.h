// SPDX-License-Identifier: Apache-2.0
// Reading and writing of the primitive encodings that Spark's files are made of.
//
// ByteReader takes hostile bytes. A read beyond the end, or of a malformed value, returns zero or nothing
// and makes the reader failed for good: every later read does the same, so that a decoder may read a whole
// record and ask failed() once, before it uses what it has read.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/check.h"
#include "holdfast/status.h"

namespace hf {

// Unaligned loads and stores in a given byte order. REQUIRES: sizeof(T) bytes at the pointer.
template <typename T>
T LoadNative(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}
template <typename T>
T SwapBytes(T value) {
  if constexpr (sizeof(T) == 2) {
    return __builtin_bswap16(value);
  } else if constexpr (sizeof(T) == 4) {
    return __builtin_bswap32(value);
  } else {
    static_assert(sizeof(T) == 8);
    return __builtin_bswap64(value);
  }
}
template <typename T>
T ToOrder(T value, std::endian order) {
  return order == std::endian::native ? value : SwapBytes(value);
}

inline std::uint16_t LoadLittle16(const char* from) {
  return ToOrder(LoadNative<std::uint16_t>(from), std::endian::little);
}
inline std::uint32_t LoadLittle32(const char* from) {
  return ToOrder(LoadNative<std::uint32_t>(from), std::endian::little);
}
inline std::uint64_t LoadLittle64(const char* from) {
  return ToOrder(LoadNative<std::uint64_t>(from), std::endian::little);
}
inline std::uint32_t LoadBig32(const char* from) { return ToOrder(LoadNative<std::uint32_t>(from), std::endian::big); }
inline std::uint64_t LoadBig64(const char* from) { return ToOrder(LoadNative<std::uint64_t>(from), std::endian::big); }

template <typename T>
void StoreOrdered(char* to, T value, std::endian order) {
  value = ToOrder(value, order);
  std::memcpy(to, &value, sizeof(T));
}
inline void StoreLittle32(char* to, std::uint32_t value) { StoreOrdered(to, value, std::endian::little); }
inline void StoreLittle64(char* to, std::uint64_t value) { StoreOrdered(to, value, std::endian::little); }
inline void StoreBig32(char* to, std::uint32_t value) { StoreOrdered(to, value, std::endian::big); }
inline void StoreBig64(char* to, std::uint64_t value) { StoreOrdered(to, value, std::endian::big); }

inline void AppendByte(std::string& out, std::uint8_t value) { out.push_back(static_cast<char>(value)); }
template <typename T>
void AppendOrdered(std::string& out, T value, std::endian order) {
  value = ToOrder(value, order);
  out.append(reinterpret_cast<const char*>(&value), sizeof(T));
}
inline void AppendLittle16(std::string& out, std::uint16_t value) { AppendOrdered(out, value, std::endian::little); }
inline void AppendLittle32(std::string& out, std::uint32_t value) { AppendOrdered(out, value, std::endian::little); }
inline void AppendLittle64(std::string& out, std::uint64_t value) { AppendOrdered(out, value, std::endian::little); }
inline void AppendBig16(std::string& out, std::uint16_t value) { AppendOrdered(out, value, std::endian::big); }
inline void AppendBig32(std::string& out, std::uint32_t value) { AppendOrdered(out, value, std::endian::big); }
inline void AppendBig64(std::string& out, std::uint64_t value) { AppendOrdered(out, value, std::endian::big); }

// Seven bits a byte, lowest first, the top bit says that more follow (Avro, Protocol Buffers).
inline void AppendVarint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    AppendByte(out, static_cast<std::uint8_t>(value | 0x80));
    value >>= 7;
  }
  AppendByte(out, static_cast<std::uint8_t>(value));
}
// Small magnitudes of either sign become small numbers: 0, -1, 1, -2 -> 0, 1, 2, 3.
inline std::uint64_t Zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
inline std::int64_t Unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}
inline void AppendZigzag(std::string& out, std::int64_t value) { AppendVarint(out, Zigzag(value)); }

// The longest text, in modified UTF-8, that Java's writeUTF can frame.
inline constexpr std::size_t kJavaUtfBytesMax = 65535;

// Returns the size that `text` has in Java's modified UTF-8, without the length in front. REQUIRES: valid UTF-8.
std::size_t JavaUtfSize(std::string_view text);

// Appends `text` as java.io.DataOutput.writeUTF does: a big-endian 16-bit length and modified UTF-8 (U+0000
// is C0 80, characters above U+FFFF are two surrogates of three bytes each). kInvalid when the text is not
// UTF-8 or is longer than kJavaUtfBytesMax; then nothing has been appended.
Status AppendJavaUtf(std::string& out, std::string_view text);

class ByteReader {
 public:
  // `bytes` must stay alive as long as the reader and every view that it has returned.
  explicit ByteReader(std::string_view bytes)
      : begin_(bytes.data()), at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  [[nodiscard]] bool failed() const { return failure_ != nullptr; }
  [[nodiscard]] bool at_end() const { return at_ == end_; }
  // Where the next read begins, or, when failed, where the read that failed began.
  [[nodiscard]] std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }
  [[nodiscard]] std::size_t remaining() const { return failed() ? 0 : static_cast<std::size_t>(end_ - at_); }

  // ok, or kCorrupt: "<what>: <reason> at byte <position> of <size>".
  [[nodiscard]] Status status(std::string_view what) const;
  // As status(), and kCorrupt also when bytes are left over.
  [[nodiscard]] Status StatusAtEnd(std::string_view what) const;

  // For a decoder that finds a value impossible; `reason` must be a literal. The first failure stays.
  void Fail(const char* reason) {
    if (failure_ == nullptr) {
      failure_ = reason;
    }
  }

  std::uint8_t ReadByte() {
    const char* from = Take(1);
    return from == nullptr ? std::uint8_t{0} : static_cast<std::uint8_t>(*from);
  }
  std::uint16_t ReadLittle16() { return ReadOrdered<std::uint16_t>(std::endian::little); }
  std::uint32_t ReadLittle32() { return ReadOrdered<std::uint32_t>(std::endian::little); }
  std::uint64_t ReadLittle64() { return ReadOrdered<std::uint64_t>(std::endian::little); }
  std::uint16_t ReadBig16() { return ReadOrdered<std::uint16_t>(std::endian::big); }
  std::uint32_t ReadBig32() { return ReadOrdered<std::uint32_t>(std::endian::big); }
  std::uint64_t ReadBig64() { return ReadOrdered<std::uint64_t>(std::endian::big); }

  // Returns a view into the bytes given; empty when fewer than `size` are left (then the reader has failed).
  std::string_view ReadBytes(std::size_t size) {
    const char* from = Take(size);
    return from == nullptr ? std::string_view() : std::string_view(from, size);
  }
  void Skip(std::size_t size) { Take(size); }
  // Returns the rest without reading it.
  [[nodiscard]] std::string_view rest() const { return {at_, remaining()}; }

  std::uint64_t ReadVarint() {
    if (failed()) {
      return 0;
    }
    const char* at = at_;
    std::uint64_t value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at == end_) {
        Fail(kTooShort);
        return 0;
      }
      const auto byte = static_cast<std::uint8_t>(*at++);
      if (shift == 63 && byte > 1) {
        Fail("a variable-length integer exceeds 64 bits");
        return 0;
      }
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) {
        break;
      }
    }
    at_ = at;
    return value;
  }
  std::int64_t ReadZigzag() { return Unzigzag(ReadVarint()); }

  // Reads what writeUTF wrote and returns it as UTF-8.
  std::string ReadJavaUtf();

 private:
  static constexpr const char* kTooShort = "the bytes end too early";

  const char* Take(std::size_t size) {
    if (remaining() < size || failed()) [[unlikely]] {
      Fail(kTooShort);
      return nullptr;
    }
    const char* from = at_;
    at_ += size;
    return from;
  }
  template <typename T>
  T ReadOrdered(std::endian order) {
    const char* from = Take(sizeof(T));
    return from == nullptr ? T{0} : ToOrder(LoadNative<T>(from), order);
  }

  const char* begin_;
  const char* at_;
  const char* end_;
  const char* failure_ = nullptr;
};

}  // namespace hf
