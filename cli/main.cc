// SPDX-License-Identifier: Apache-2.0
// The command line: parses arguments and hands over to one command. Contract of commands and exit codes:
// docs/operating.md.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <iostream>

#include "commands.h"
#include "console.h"
#include "demo.h"
#include "streamshop_generator.h"

namespace hf::cli {

namespace {

int exit_code = kExitOk;

constexpr const char* kFormatHelp = "table for people; json, csv: a line for each row";

// NAME=REST, as --table and --state of sql take it.
std::string CheckNamed(const std::string& text) {
  const std::size_t equals = text.find('=');
  const bool named = equals != std::string::npos && equals > 0 && equals + 1 < text.size();
  return named ? std::string() : text + " is not NAME=PATH";
}

// An option that is left out and one that says nothing are not the same: an unset variable of a script.
std::string CheckNotEmpty(const std::string& text) { return text.empty() ? "is empty" : std::string(); }

void AddProgress(CLI::App* command, ProgressStyle* style) {
  command
      ->add_option_function<std::string>(
          "--progress",
          [style](const std::string& text) { *style = text == "json" ? ProgressStyle::kJson : ProgressStyle::kAuto; },
          "json: a line of StreamingQueryProgress for each batch")
      ->check(CLI::IsMember({"json", "auto"}));
}

void AddDemo(CLI::App& app) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* command = app.add_subcommand("demo", "the StreamShop example in four phases, with a proof of its result");
  command->add_option("--out", options->out, "folder for events, checkpoint and tables")->capture_default_str();
  command->add_option("--events", options->events, "events of each version")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->add_option("--sessions", options->sessions, "sessions of each version")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--seed", options->seed, "the same seed gives the same events")->capture_default_str();
  command->add_option("--format", options->format, "of the event files")
      ->capture_default_str()
      ->check(CLI::IsMember({"json", "parquet"}));
  command->add_option("--phase", options->phase, "only one phase")
      ->check(CLI::IsMember({"v1", "inspect", "v2", "analysis"}));
  AddProgress(command, &options->progress);
  command->callback([options] { exit_code = RunDemo(*options); });
}

void AddGenerate(CLI::App& app) {
  auto options = std::make_shared<GeneratorOptions>();
  CLI::App* generate = app.add_subcommand("generate", "makes reproducible input");
  generate->require_subcommand(1);
  CLI::App* command = generate->add_subcommand("streamshop", "the clickstream of the StreamShop example");
  command->add_option("--version", options->version, "2: with device_type and page_category")
      ->capture_default_str()
      ->check(CLI::Range(1, 2));
  command->add_option("--events", options->events, "how many")->capture_default_str()->check(CLI::NonNegativeNumber);
  command->add_option("--sessions", options->sessions, "that the events belong to")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--files", options->files, "that the events are spread over")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command->add_option("--format", options->format, "of the files")
      ->capture_default_str()
      ->check(CLI::IsMember({"json", "parquet"}));
  command->add_option("--seed", options->seed, "the same seed gives the same files")->capture_default_str();
  command->add_option("--out", options->directory, "directory for the files")->required();
  command->callback([options] {
    ProgressDisplay display(ProgressStyle::kAuto, "generating", options->files);
    const Status status =
        GenerateStreamShop(*options, [&display](std::int64_t files) { display.Step(files, "files"); });
    exit_code = status.ok() ? kExitOk : Fail(status);
  });
}

void AddState(CLI::App& app) {
  auto options = std::make_shared<StateCommand>();
  CLI::App* command =
      app.add_subcommand("state", "the rows of a state variable, as Spark's statestore source shows them");
  command->add_option("checkpoint", options->checkpoint, "directory of the checkpoint")->required();
  command->add_option("--var", options->variable, "state variable; may be left out when there is only one")
      ->check(CheckNotEmpty);
  command->add_option("--batch", options->batch, "as of this committed batch; default the last");
  command->add_option("--operator", options->operator_id, "id of the stateful operator")->capture_default_str();
  command->add_flag("--timers", options->timers, "the registered timers instead of a variable");
  command
      ->add_flag("--flatten,!--no-flatten", options->flatten,
                 "a row for each element of a list or map; --flatten=false: a row for each key")
      ->capture_default_str();
  command
      ->add_option("--changes", options->changes, "what each batch FROM..TO did to the variable (TO may be left out)")
      ->check(CheckNotEmpty);
  command->add_option("--snapshot-batch", options->snapshot_batch,
                      "as the snapshot of this batch's state and the changelogs after it have it");
  command->add_option("--partition", options->partition, "with --snapshot-batch: of this partition alone");
  command->add_option("--format", options->format, kFormatHelp)
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json", "csv"}));
  command->add_option("--rows", options->rows_max, "rows of the table to show, 0 for all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  command->callback([options] { exit_code = RunState(*options); });

  auto checkpoint = std::make_shared<std::string>();
  auto format = std::make_shared<std::string>("table");
  CLI::App* metadata =
      app.add_subcommand("state-metadata", "the stateful operators of a checkpoint, as Spark's state-metadata source");
  metadata->add_option("checkpoint", *checkpoint, "directory of the checkpoint")->required();
  metadata->add_option("--format", *format, kFormatHelp)
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json", "csv"}));
  metadata->callback([checkpoint, format] { exit_code = RunStateMetadata(*checkpoint, *format); });
}

void AddCheck(CLI::App& app) {
  auto options = std::make_shared<CheckCommand>();
  CLI::App* command =
      app.add_subcommand("check", "whether a new version of a processor may go on with a checkpoint; writes nothing");
  command->add_option("checkpoint", options->checkpoint, "directory of the checkpoint")->required();
  CLI::App* version = command->add_option_group("version", "what the new version declares");
  version
      ->add_option("--state", options->states,
                   "NAME=FILE with the schema of a variable as JSON or DDL, once for each variable of the new version; "
                   "NAME:list, NAME:map, NAME:ttl, NAME:no-ttl when that is not as in the checkpoint")
      ->allow_extra_args(false)
      ->check(CheckNamed);
  version->add_option("--processor", options->processor,
                      "LIBRARY:CLASS of the compiled new version, instead: its Init says what it declares");
  version->require_option(1);
  command->add_option("--map-key", options->map_keys, "NAME=FILE with the schema of a map's key, where it is new")
      ->allow_extra_args(false)
      ->check(CheckNamed);
  command->add_option("--key", options->key, "FILE with the schema of the grouping columns; default: as they are");
  command->add_option("--time-mode", options->time_mode, "of the new version; default: as it is")
      ->transform(CLI::IsMember({"none", "processingTime", "eventTime"}, CLI::ignore_case));
  command->add_option("--output-mode", options->output_mode, "of the new version; default: as it is")
      ->transform(CLI::IsMember({"append", "update", "complete"}, CLI::ignore_case));
  command->add_option("--conf", options->conf, "KEY=VALUE, a setting of the new version's query; once for each")
      ->allow_extra_args(false)
      ->check([](const std::string& text) {
        return text.find('=', 1) != std::string::npos ? std::string() : text + " is not KEY=VALUE";
      });
  command->add_option("--sample", options->sample,
                      "N or all: read so many entries of each variable as the new version would");
  command->add_option("--accept", options->accept, "paths whose loss is meant, as holdfast.evolution.accept has them")
      ->allow_extra_args(false)
      ->delimiter(',');
  command->add_option("--policy", options->policy, "forward: the present version can take over again")
      ->capture_default_str()
      ->check(CLI::IsMember({"backward", "forward", "forward_transitive", "full", "full_transitive"}));
  command->add_option("--operator", options->operator_id, "id of the stateful operator, where there are several");
  command->add_option("--format", options->format, "table for people; json: a line for each change")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json"}));
  command->callback([options] { exit_code = RunCheck(*options); });
}

void AddSql(CLI::App& app) {
  auto options = std::make_shared<SqlCommand>();
  CLI::App* command = app.add_subcommand("sql", "DuckDB over result tables and state");
  command->add_option("query", options->query, "a statement in DuckDB's dialect; default: read from standard input");
  command->add_option("--table", options->tables, "NAME=PATH of a Delta table or a data file; once for each")
      ->allow_extra_args(false)
      ->check(CheckNamed);
  command->add_option("--state", options->states, "NAME=CHECKPOINT[#VARIABLE[@BATCH]]; once for each")
      ->allow_extra_args(false)
      ->check(CheckNamed);
  command->add_option("--format", options->format, kFormatHelp)
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json", "csv"}));
  command->callback([options] { exit_code = RunSql(*options); });
}

struct RunOptions {
  RehearseCommand query;
  bool rehearse = false;
  bool continue_foreign = false;
  ProgressStyle progress = ProgressStyle::kAuto;
};

void AddRun(CLI::App& app) {
  auto options = std::make_shared<RunOptions>();
  CLI::App* command =
      app.add_subcommand("run", "runs a query described in a JSON file, with a processor from a shared library");
  command->add_option("file", options->query.file, "the query; include/holdfast/query_file.h shows its keys")
      ->required();
  command->add_flag("--continue-foreign", options->continue_foreign,
                    "go on with a checkpoint that another engine wrote last, once that has stopped for good");
  AddProgress(command, &options->progress);
  CLI::Option* rehearse = command->add_flag(
      "--rehearse", options->rehearse, "show what the next batch would put out and do to the state; writes nothing");
  rehearse->excludes(command->get_option("--progress"), command->get_option("--continue-foreign"));
  command->add_option("--format", options->query.format, "of a rehearsal: table for people; json: a line for each row")
      ->capture_default_str()
      ->check(CLI::IsMember({"table", "json"}))
      ->needs(rehearse);
  command->add_option("--rows", options->query.rows_max, "rows of each table of a rehearsal to show, 0 for all")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber)
      ->needs(rehearse);
  command->callback([options] {
    exit_code = options->rehearse ? RunRehearsal(options->query)
                                  : RunQueryFile(options->query.file, options->continue_foreign, options->progress);
  });
}

// Says so when the first argument is to be a command and is none.
bool IsUnknownCommand(const CLI::App& app, int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') {
    return false;
  }
  std::string known;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (command->get_name() == argv[1]) {
      return false;
    }
    known += (known.empty() ? "" : ", ") + command->get_name();
  }
  std::cerr << "holdfast: there is no command " << argv[1] << "; the commands are " << known << "\n";
  return true;
}

std::string_view WithoutEnd(std::string_view sentence) {
  const std::size_t end = sentence.find_last_not_of(" .\n");
  return sentence.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

// " generate streamshop": the commands that were found before something went wrong.
std::string UsedCommands(const CLI::App& app) {
  std::string names;
  for (const CLI::App* command = &app; !command->get_subcommands().empty();) {
    command = command->get_subcommands().front();
    names += " " + command->get_name();
  }
  return names;
}

int Main(int argc, char** argv) {
  CLI::App app("Holdfast: a stateful stream processor whose checkpoint is Apache Spark's", "holdfast");
  app.set_version_flag("--version", std::string("holdfast ") + HOLDFAST_VERSION);
  app.require_subcommand(1);
  AddDemo(app);
  AddGenerate(app);
  AddRun(app);
  AddState(app);
  AddCheck(app);
  AddSql(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (IsUnknownCommand(app, argc, argv)) {
      return kExitUsage;
    }
    if (error.get_exit_code() == 0) {  // help or version was asked for
      return FinishOutput(app.exit(error));
    }
    fmt::print(stderr, "holdfast: {}; see holdfast{} --help\n", WithoutEnd(error.what()), UsedCommands(app));
    return kExitUsage;
  } catch (const std::exception& error) {  // the library returns what it knows of; this is a mistake of ours
    fmt::print(stderr, "holdfast: {}\n", error.what());
    return kExitFailure;
  }
  return FinishOutput(exit_code);
}

}  // namespace

}  // namespace hf::cli

int main(int argc, char** argv) { return hf::cli::Main(argc, argv); }
