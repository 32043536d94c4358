// SPDX-License-Identifier: Apache-2.0
// A session's state as Spark's Avro encoder writes it: every field a union with null, whose second branch is taken.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace bench {

struct SessionView {
  std::string_view session_id;
  std::string_view user_id;
  std::int32_t event_count = 0;
  double total_revenue = 0;
  std::int64_t session_start = 0;
};

inline constexpr char kNotNull = 2;  // zigzag of branch 1
inline constexpr std::size_t kVarintBytesMax = 10;
inline constexpr std::size_t kSessionBytesFixedMax = 5 * (1 + kVarintBytesMax);

// Room that a session takes at most.
inline std::size_t SessionBytesMax(const SessionView& session) {
  return kSessionBytesFixedMax + session.session_id.size() + session.user_id.size();
}

inline char* StoreZigzag(char* to, std::int64_t value) {
  auto rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (; rest >= 0x80; rest >>= 7) {
    *to++ = static_cast<char>(rest | 0x80);
  }
  *to++ = static_cast<char>(rest);
  return to;
}

inline char* StoreString(char* to, std::string_view text) {
  *to++ = kNotNull;
  to = StoreZigzag(to, static_cast<std::int64_t>(text.size()));
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

// Returns the byte behind. REQUIRES: SessionBytesMax of room.
inline char* StoreSession(char* to, const SessionView& session) {
  to = StoreString(to, session.session_id);
  to = StoreString(to, session.user_id);
  *to++ = kNotNull;
  to = StoreZigzag(to, session.event_count);
  *to++ = kNotNull;
  std::memcpy(to, &session.total_revenue, sizeof(double));
  to += sizeof(double);
  *to++ = kNotNull;
  return StoreZigzag(to, session.session_start);
}

// Reads what StoreSession wrote in this process: nothing is checked but the union branches. False: not a session.
class SessionReader {
 public:
  explicit SessionReader(const char* at) : at_(at) {}
  bool Read(SessionView* session) {
    session->session_id = String();
    session->user_id = String();
    session->event_count = static_cast<std::int32_t>(Long());
    NotNull();
    std::memcpy(&session->total_revenue, at_, sizeof(double));
    at_ += sizeof(double);
    session->session_start = Long();
    return ok_;
  }

 private:
  void NotNull() { ok_ &= *at_++ == kNotNull; }
  std::int64_t Zigzag() {
    std::uint64_t bits = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      bits |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return static_cast<std::int64_t>(bits >> 1) ^ -static_cast<std::int64_t>(bits & 1);
      }
    }
  }
  std::int64_t Long() {
    NotNull();
    return Zigzag();
  }
  std::string_view String() {
    const auto size = static_cast<std::size_t>(Long());
    const std::string_view text(at_, size);
    at_ += size;
    return text;
  }

  const char* at_;
  bool ok_ = true;
};

}  // namespace bench
