// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace hf {
namespace {

// floor(2^32 * |sin(i + 1)|)
constexpr std::array<std::uint32_t, 64> kMd5Rounds = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

// The first 64 bits behind the point of the cube roots of the first 80 primes. SHA-256 has the upper half of the first
// 64 of them.
constexpr std::array<std::uint64_t, 80> kShaRounds = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817};

// The same of square roots.
constexpr std::array<std::uint64_t, 8> kSha512Start = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                                       0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                                       0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
constexpr std::array<std::uint64_t, 8> kSha384Start = {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
                                                       0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
                                                       0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4};

enum class Order { kLittle, kBig };

template <typename Word>
Word Load(const char* at, Order order) {
  Word word = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    const std::size_t shift = 8 * (order == Order::kLittle ? i : sizeof(Word) - 1 - i);
    word |= static_cast<Word>(static_cast<unsigned char>(at[i])) << shift;
  }
  return word;
}

template <typename Word>
void Store(std::string* out, Word word, Order order) {
  for (std::size_t i = 0; i < sizeof(Word); ++i) {
    const std::size_t shift = 8 * (order == Order::kLittle ? i : sizeof(Word) - 1 - i);
    *out += static_cast<char>(word >> shift);
  }
}

// Calls `mix` for each block of 16 words: the bytes, a one bit, zeros, and the number of bits.
template <typename Word, typename Mix>
void EachBlock(std::string_view bytes, Order order, const Mix& mix) {
  constexpr std::size_t kBlock = 16 * sizeof(Word);
  const auto mix_at = [&](const char* at) {
    std::array<Word, 16> block;
    for (std::size_t i = 0; i < block.size(); ++i) {
      block[i] = Load<Word>(at + i * sizeof(Word), order);
    }
    mix(block);
  };
  std::size_t at = 0;
  for (; at + kBlock <= bytes.size(); at += kBlock) {
    mix_at(bytes.data() + at);
  }
  std::string rest(bytes.substr(at));
  rest += '\x80';
  constexpr std::size_t kCountBytes = 2 * sizeof(Word);
  rest.resize((rest.size() + kCountBytes + kBlock - 1) / kBlock * kBlock - 8, '\0');
  Store<std::uint64_t>(&rest, std::uint64_t{bytes.size()} * 8, order);
  for (at = 0; at < rest.size(); at += kBlock) {
    mix_at(rest.data() + at);
  }
}

template <typename State>
std::string Written(const State& state, Order order, std::size_t size) {
  std::string out;
  for (const auto word : state) {
    Store(&out, word, order);
  }
  out.resize(size);
  return out;
}

struct Sha256Traits {
  using Word = std::uint32_t;
  static constexpr std::size_t kRounds = 64;
  static constexpr std::array<int, 3> kSum0 = {2, 13, 22};
  static constexpr std::array<int, 3> kSum1 = {6, 11, 25};
  static constexpr std::array<int, 3> kStep0 = {7, 18, 3};  // the last is a shift
  static constexpr std::array<int, 3> kStep1 = {17, 19, 10};
  static Word Round(std::size_t i) { return static_cast<Word>(kShaRounds[i] >> 32); }
};
struct Sha512Traits {
  using Word = std::uint64_t;
  static constexpr std::size_t kRounds = 80;
  static constexpr std::array<int, 3> kSum0 = {28, 34, 39};
  static constexpr std::array<int, 3> kSum1 = {14, 18, 41};
  static constexpr std::array<int, 3> kStep0 = {1, 8, 7};
  static constexpr std::array<int, 3> kStep1 = {19, 61, 6};
  static Word Round(std::size_t i) { return kShaRounds[i]; }
};

template <typename Word>
Word Sum(Word x, const std::array<int, 3>& by) {
  return std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ std::rotr(x, by[2]);
}
template <typename Word>
Word Step(Word x, const std::array<int, 3>& by) {
  return std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ (x >> by[2]);
}

template <typename Traits>
std::string Sha2(std::string_view bytes, std::array<typename Traits::Word, 8> state, std::size_t size) {
  using Word = typename Traits::Word;
  EachBlock<Word>(bytes, Order::kBig, [&state](const std::array<Word, 16>& block) {
    std::array<Word, Traits::kRounds> words;
    for (std::size_t i = 0; i < words.size(); ++i) {
      words[i] = i < 16 ? block[i]
                        : words[i - 16] + Step(words[i - 15], Traits::kStep0) + words[i - 7] +
                              Step(words[i - 2], Traits::kStep1);
    }
    auto [a, b, c, d, e, f, g, h] = state;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const Word first = h + Sum(e, Traits::kSum1) + ((e & f) ^ (~e & g)) + Traits::Round(i) + words[i];
      const Word second = Sum(a, Traits::kSum0) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = d + first;
      d = c;
      c = b;
      b = a;
      a = first + second;
    }
    const std::array<Word, 8> mixed = {a, b, c, d, e, f, g, h};
    for (std::size_t i = 0; i < state.size(); ++i) {
      state[i] += mixed[i];
    }
  });
  return Written(state, Order::kBig, size);
}

// Which half of a word of SHA-512 a word of SHA-256 begins with.
std::array<std::uint32_t, 8> Half(const std::array<std::uint64_t, 8>& words, int shift) {
  std::array<std::uint32_t, 8> halves;
  for (std::size_t i = 0; i < halves.size(); ++i) {
    halves[i] = static_cast<std::uint32_t>(words[i] >> shift);
  }
  return halves;
}

}  // namespace

std::string Md5(std::string_view bytes) {
  static constexpr std::array<std::array<int, 4>, 4> kTurns = {
      {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}}};
  std::array<std::uint32_t, 4> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  EachBlock<std::uint32_t>(bytes, Order::kLittle, [&state](const std::array<std::uint32_t, 16>& block) {
    auto [a, b, c, d] = state;
    for (std::size_t i = 0; i < 64; ++i) {
      const std::size_t round = i / 16;
      const std::uint32_t mixed = round == 0   ? (b & c) | (~b & d)
                                  : round == 1 ? (d & b) | (~d & c)
                                  : round == 2 ? b ^ c ^ d
                                               : c ^ (b | ~d);
      const std::size_t word = round == 0 ? i : round == 1 ? 5 * i + 1 : round == 2 ? 3 * i + 5 : 7 * i;
      const std::uint32_t sum = a + mixed + kMd5Rounds[i] + block[word % 16];
      a = d;
      d = c;
      c = b;
      b += std::rotl(sum, kTurns[round][i % 4]);
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d};
  });
  return Written(state, Order::kLittle, 16);
}

std::string Sha1(std::string_view bytes) {
  std::array<std::uint32_t, 5> state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  EachBlock<std::uint32_t>(bytes, Order::kBig, [&state](const std::array<std::uint32_t, 16>& block) {
    std::array<std::uint32_t, 80> words;
    auto [a, b, c, d, e] = state;
    for (std::size_t i = 0; i < words.size(); ++i) {
      words[i] = i < 16 ? block[i] : std::rotl(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
      const std::uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                                  : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                                  : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                                           : (b ^ c ^ d) + 0xca62c1d6;
      const std::uint32_t sum = std::rotl(a, 5) + mixed + e + words[i];
      e = d;
      d = c;
      c = std::rotl(b, 30);
      b = a;
      a = sum;
    }
    state = {state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e};
  });
  return Written(state, Order::kBig, 20);
}

std::string Sha224(std::string_view bytes) { return Sha2<Sha256Traits>(bytes, Half(kSha384Start, 0), 28); }
std::string Sha256(std::string_view bytes) { return Sha2<Sha256Traits>(bytes, Half(kSha512Start, 32), 32); }
std::string Sha384(std::string_view bytes) { return Sha2<Sha512Traits>(bytes, kSha384Start, 48); }
std::string Sha512(std::string_view bytes) { return Sha2<Sha512Traits>(bytes, kSha512Start, 64); }

}  // namespace hf
