// SPDX-License-Identifier: Apache-2.0
// What can happen to one file of a checkpoint.
#pragma once

#include <fmt/format.h>

#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "damage/sessions.h"

namespace hf::test {

inline std::string ChecksumPath(const std::string& path) { return DirectoryOf(path) + "/." + NameOf(path) + ".crc"; }
inline bool IsChecksum(const std::string& path) { return NameOf(path).starts_with('.') && path.ends_with(".crc"); }
// The file that a checksum file belongs to.
inline std::string Covered(const std::string& path) {
  const std::string name = NameOf(path);
  return IsChecksum(path) ? DirectoryOf(path) + "/" + name.substr(1, name.size() - 5) : path;
}
inline bool HasChecksumsInside(const std::string& path) {
  return path.ends_with(".zip") || path.ends_with(".sst") || path.ends_with(".changelog");
}

struct Damage {
  std::string path;
  std::string how;
  std::optional<std::string> content;  // nullopt: removed
  bool foreign = false;
};

// The damages of one file of `image`. `flips`: how many single bits.
inline std::vector<Damage> DamagesOf(const Image& image, const std::string& path, std::mt19937& dice, int flips) {
  const std::string& content = image.at(path);
  std::vector<Damage> damages = {{path, "emptied", ""}, {path, "removed", std::nullopt}};
  if (content.size() > 1) {
    damages.push_back({path, "cut to half", content.substr(0, content.size() / 2)});
    damages.push_back({path, "last byte cut", content.substr(0, content.size() - 1)});
  }
  for (int flip = 0; flip < flips && !content.empty(); ++flip) {
    const std::size_t bit = dice() % (content.size() * 8);
    std::string flipped = content;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    damages.push_back({path, fmt::format("bit {} of byte {} flipped", bit % 8, bit / 8), std::move(flipped)});
  }
  // Its neighbour, which is often of the same kind, and any other.
  const auto at = image.find(path);
  for (const auto& other : {std::next(at) == image.end() ? image.begin() : std::next(at),
                            std::next(image.begin(), dice() % static_cast<unsigned>(image.size()))}) {
    if (other->second != content) {
      damages.push_back({path, "replaced by " + other->first, other->second, true});
    }
  }
  return damages;
}

inline Image Damaged(Image image, const Damage& damage, bool keeps_checksum) {
  if (damage.content.has_value()) {
    image[damage.path] = *damage.content;
  } else {
    image.erase(damage.path);
  }
  if (!keeps_checksum) {
    image.erase(ChecksumPath(damage.path));
  }
  return image;
}

}  // namespace hf::test
