// SPDX-License-Identifier: Apache-2.0
// play_program PROGRAM DIRECTORY FIRST LAST: plays the triggers from FIRST to before LAST of the program, a line of
// JSON in a file, on the checkpoint in DIRECTORY as it is, whoever wrote it. Prints an array with what each trigger
// did.
#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>

#include "spark_compat/program_run.h"

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t kFirstInputS = 1'767'225'600;  // 2026-01-01T00:00:00Z, as ProgramRun.java

// A source orders files by their times: each is a second younger than the one before, whichever engine brings it.
hf::Status AddInput(const fs::path& input, std::size_t trigger, const std::string& text) {
  const fs::path hidden = input / fmt::format(".{}", trigger);
  std::ofstream(hidden) << text;
  const std::chrono::sys_seconds modified{std::chrono::seconds(kFirstInputS + static_cast<std::int64_t>(trigger))};
  fs::last_write_time(hidden, std::chrono::file_clock::from_sys(modified));
  fs::rename(hidden, input / fmt::format("{:03}.json", trigger));
  return hf::Status();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: play_program PROGRAM DIRECTORY FIRST LAST\n";
    return 2;
  }
  std::ostringstream text;
  text << std::ifstream(argv[1]).rdbuf();
  const hf::Json program = hf::ParseJson(text.str()).value();
  const fs::path directory = argv[2];
  fs::create_directories(directory / "input");
  fs::create_directories(directory / "scratch");
  const hf::test::ProgramPlaces places = {.environment = hf::ProcessEnvironment(),
                                          .input = directory / "input",
                                          .checkpoint = directory / "ckpt",
                                          .scratch = directory / "scratch",
                                          .add_input = [&directory](std::size_t trigger, const std::string& rows) {
                                            return AddInput(directory / "input", trigger, rows);
                                          }};
  hf::Options conf;
  if (fs::exists(directory / "ckpt/metadata")) {
    conf["holdfast.continueForeign"] = "true";
  }
  const auto answers = hf::test::RunProgram(program, places, std::strtoul(argv[3], nullptr, 10),
                                            std::strtoul(argv[4], nullptr, 10), conf);
  if (!answers.ok()) {
    std::cerr << answers.status().ToString() << "\n";
    return 1;
  }
  hf::Json told = hf::Json::array();
  for (const hf::test::TriggerAnswer& answer : *answers) {
    told.push_back(answer.batch.has_value() ? hf::Json{{"batch", *answer.batch}, {"out", answer.out}}
                                            : hf::Json::object());
    if (answer.watermark_ms.has_value()) {
      told.back()["watermark"] = *answer.watermark_ms;
    }
  }
  std::cout << told.dump() << "\n";
  return 0;
}
