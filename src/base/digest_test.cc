// SPDX-License-Identifier: Apache-2.0
#include "base/digest.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace hf {
namespace {

std::string Hex(std::string_view bytes) {
  std::string digits;
  for (const char c : bytes) {
    digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
  }
  return digits;
}

// What the texts of 0, 1, ... 299 bytes, each byte seven more than the one before, have together.
std::string OfMany(std::string (*digest)(std::string_view)) {
  std::string text;
  std::string all;
  for (int i = 0; i < 300; ++i) {
    all += digest(text);
    text += static_cast<char>(i * 7);
  }
  return Hex(digest(all));
}

TEST(Digest, IsThatOfTheStandards) {
  EXPECT_EQ(Hex(Md5("abc")), "900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(Hex(Sha1("abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(Hex(Sha224("abc")), "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha384("abc")),
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  EXPECT_EQ(Hex(Sha512("abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d442364"
            "3ce80e2a9ac94fa54ca49f");
}

// Computed by Python's hashlib.
TEST(Digest, OfEveryLength) {
  EXPECT_EQ(OfMany(Md5), "b9d5b0ec0d207bb96cccb77036c15f87");
  EXPECT_EQ(OfMany(Sha1), "d86f432ef2b3a77b72697e5684cf65ebf943b865");
  EXPECT_EQ(OfMany(Sha224), "d62fdab79503c3793d945f468f497851a5ad4a43c2630b59e22d7b50");
  EXPECT_EQ(OfMany(Sha256), "f65f14b090e805017546322e618401d41f0710c213e013a5131eb38bbe8f367f");
  EXPECT_EQ(OfMany(Sha384),
            "cb5c261a5471690f763a4168dfa3c2ee6011f568ecd03e25a3014563f430c32b8e7d3f10d1c89ed40ee89827b60e354e");
  EXPECT_EQ(OfMany(Sha512),
            "8dbfff7fba0e8bdbab57c3b7ce89219cf36e43c426ac64166db2ed89c603f2e189f415de2614e940d4abc94ffb5f3db0da34196e9b"
            "42d6150fab1546a662ec58");
}

}  // namespace
}  // namespace hf
