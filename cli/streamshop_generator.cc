// SPDX-License-Identifier: Apache-2.0
#include "streamshop_generator.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>
#include <string_view>
#include <system_error>

#include "holdfast/file_format.h"
#include "holdfast/row_access.h"
#include "sessionization/streamshop.h"

namespace hf::cli {

namespace {

constexpr std::int64_t kFirstEventUs = 1'767'225'600'000'000;  // 2026-01-01T00:00:00Z
constexpr std::int64_t kFileSpanUs = 60'000'000;               // a file holds a minute of clicks
constexpr std::int64_t kSessionsPerUser = 3;

// Uniform numbers that are the same with every standard library (the standard's distributions are not).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t Below(std::uint64_t limit) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(engine_()) * limit) >> 64);
  }
  double Unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

 private:
  std::mt19937_64 engine_;
};

std::string_view EventType(Dice& dice) {
  const std::uint64_t roll = dice.Below(100);
  if (roll < 60) {
    return "page_view";
  }
  if (roll < 80) {
    return "search";
  }
  if (roll < 90) {
    return "add_to_cart";
  }
  return roll < 96 ? "purchase" : "logout";
}

// Cents, so that sums have one answer whatever the order of adding.
double Revenue(Dice& dice) {
  const double amount = -40.0 * std::log((1.0 - dice.Unit()) * (1.0 - dice.Unit()));
  return std::round(amount * 100.0) / 100.0;
}

// Clicks come roughly in time order: one in twenty is a few seconds out of order, one in a hundred is minutes late.
std::int64_t EventTime(Dice& dice, std::int64_t file, std::int64_t row, std::int64_t rows) {
  std::int64_t at = kFirstEventUs + file * kFileSpanUs + kFileSpanUs * row / rows;
  const std::uint64_t roll = dice.Below(100);
  if (roll < 5) {
    at -= static_cast<std::int64_t>(dice.Below(5'000'000));
  } else if (roll == 5) {
    at -= static_cast<std::int64_t>(dice.Below(600'000'000));
  }
  return at;
}

struct ClickText {
  std::string session_id;
  std::string user_id;
};

streamshop::ClickV2 MakeClick(Dice& dice, const GeneratorOptions& options, std::int64_t file, std::int64_t row,
                              std::int64_t rows, ClickText& text) {
  static constexpr std::string_view kDevices[] = {"web", "ios", "android"};
  static constexpr std::string_view kCategories[] = {"home", "electronics", "fashion", "grocery"};
  const std::int64_t first = options.version == 1 ? 0 : options.sessions / 2;
  const std::int64_t session =
      first + static_cast<std::int64_t>(dice.Below(static_cast<std::uint64_t>(options.sessions)));
  text.session_id = fmt::format(FMT_STRING("s{:08}"), session);
  text.user_id = fmt::format(FMT_STRING("u{:08}"), session / kSessionsPerUser);
  streamshop::ClickV2 click{.session_id = text.session_id,
                            .user_id = text.user_id,
                            .event_type = EventType(dice),
                            .revenue = 0.0,
                            .event_timestamp = {EventTime(dice, file, row, rows)},
                            .device_type = {},
                            .page_category = {}};
  if (click.event_type == "purchase") {
    click.revenue = Revenue(dice);
  }
  // A client of the first days sends the new fields only sometimes.
  if (dice.Below(20) != 0) {
    click.device_type = kDevices[session % 3];
  }
  if (dice.Below(20) != 0) {
    click.page_category = kCategories[dice.Below(4)];
  }
  return click;
}

template <typename Click>
Result<std::string> EncodeClicks(const GeneratorOptions& options, std::int64_t file, std::int64_t rows) {
  const TypeLayout& layout = detail::LayoutOf<Click>::Get();
  HF_ASSIGN_OR_RETURN(const auto appender, RowAppender::Make(SchemaOf(layout), layout));
  Dice dice(options.seed * 1'000'003 + static_cast<std::uint64_t>(options.version) * 100'003 +
            static_cast<std::uint64_t>(file));
  ClickText text;
  for (std::int64_t row = 0; row < rows; ++row) {
    const streamshop::ClickV2 click = MakeClick(dice, options, file, row, rows, text);
    if constexpr (std::is_same_v<Click, streamshop::ClickV2>) {
      appender->Append(&click);
    } else {
      const Click narrow{click.session_id, click.user_id, click.event_type, click.revenue, click.event_timestamp};
      appender->Append(&narrow);
    }
  }
  return EncodeFile(options.format, SchemaOf(layout), {appender->Finish()});
}

Status WriteWhole(const std::filesystem::path& path, const std::string& bytes) {
  // A hidden name until the file is whole: no query picks it up half-written.
  const std::filesystem::path hidden = path.parent_path() / ("." + path.filename().string() + ".writing");
  {
    std::ofstream out(hidden, std::ios::binary | std::ios::trunc);
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    out.close();
    if (!out) {
      return Unavailable(fmt::format("cannot write {}; is the disk full or the directory read-only?", hidden.string()));
    }
  }
  std::error_code error;
  std::filesystem::rename(hidden, path, error);
  return error ? Unavailable(fmt::format("cannot rename {} to {}: {}", hidden.string(), path.string(), error.message()))
               : Status();
}

}  // namespace

Status GenerateStreamShop(const GeneratorOptions& options, const std::function<void(std::int64_t)>& progress) {
  if (options.version != 1 && options.version != 2) {
    return Invalid(fmt::format("--version {} is unknown; StreamShop has versions 1 and 2", options.version));
  }
  if (options.events < 0 || options.sessions < 1 || options.files < 1) {
    return Invalid("--events must not be negative, --sessions and --files must be at least 1");
  }
  if (options.format != "json" && options.format != "parquet") {
    return Invalid(fmt::format("--format {} is unknown; choose json or parquet", options.format));
  }
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  if (error) {
    return Unavailable(fmt::format("cannot create the directory {}: {}", options.directory, error.message()));
  }
  for (std::int64_t file = 0; file < options.files; ++file) {
    const std::filesystem::path path =
        std::filesystem::path(options.directory) / fmt::format("v{}-{:05}.{}", options.version, file, options.format);
    if (!std::filesystem::exists(path)) {
      // The events divided evenly, the first files taking what is left over.
      const std::int64_t rows = options.events / options.files + (file < options.events % options.files ? 1 : 0);
      auto bytes = options.version == 1 ? EncodeClicks<streamshop::ClickV1>(options, file, rows)
                                        : EncodeClicks<streamshop::ClickV2>(options, file, rows);
      HF_RETURN_IF_ERROR(bytes.status());
      HF_RETURN_IF_ERROR(WriteWhole(path, *bytes));
    }
    progress(file + 1);
  }
  return Status();
}

}  // namespace hf::cli
