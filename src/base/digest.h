// SPDX-License-Identifier: Apache-2.0
// Digests of bytes, as bytes: MD5 (RFC 1321) and the SHA family (FIPS 180-4). For comparing with what others computed;
// nothing here is secret, and nothing relies on MD5 or SHA-1 being hard to forge.
#pragma once

#include <string>
#include <string_view>

namespace hf {

std::string Md5(std::string_view bytes);
std::string Sha1(std::string_view bytes);
std::string Sha224(std::string_view bytes);
std::string Sha256(std::string_view bytes);
std::string Sha384(std::string_view bytes);
std::string Sha512(std::string_view bytes);

}  // namespace hf
