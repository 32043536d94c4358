// SPDX-License-Identifier: Apache-2.0
#include "files_recording.h"

#include <zlib.h>

#include <cstdint>
#include <sstream>

namespace hf {

std::vector<Json> RecordedFiles(const std::string& name) {
  const std::string path = HOLDFAST_SOURCE_DIR "/test/spark_compat/files/" + name;
  gzFile file = gzopen(path.c_str(), "rb");
  std::string text;
  char buffer[1 << 16];
  for (int got = 0; (got = gzread(file, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(got));
  }
  gzclose(file);
  std::vector<Json> cases;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    cases.push_back(ParseJson(line).value());
  }
  return cases;
}

std::string FromBase64(std::string_view text) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text.substr(0, text.find('='))) {
    bits = bits << 6 | static_cast<std::uint32_t>(kDigits.find(c));
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes += static_cast<char>(bits >> held & 0xFF);
    }
  }
  return bytes;
}

}  // namespace hf
