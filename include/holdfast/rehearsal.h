// SPDX-License-Identifier: Apache-2.0
// RehearseQuery: what the next batch of a query would do, on the checkpoint and the input as they are, without doing
// it.
//
// The whole engine runs, with the new processor, over the checkpoint; but what it writes goes into a temporary
// directory that is thrown away. Checkpoint, sink and files of the source are only read, and not locked: a query may go
// on there meanwhile. What a start would refuse, such as a change of state that loses values, is refused in the same
// words. The sink is not opened: whether its table takes the rows is not tried. A source of the host program is really
// asked for its rows, but is never told that they are processed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "holdfast/query.h"

namespace hf {

// How many entries of a variable a batch added, removed and changed.
struct StateDifference {
  std::int64_t added = 0;
  std::int64_t removed = 0;
  std::int64_t changed = 0;
};

// A variable of the checkpoint, of the new version, or of both; timers are not among them.
struct RehearsedVariable {
  std::int64_t operator_id = 0;  // of the last processor; the one before it has 1
  std::string name;
  std::string kind = {};                     // "ValueState"
  std::optional<int> schema_id_before = {};  // nullopt: the checkpoint's last version has no such variable
  std::optional<int> schema_id_after = {};   // nullopt: the new version declares none
};

struct Rehearsal {
  std::optional<std::int64_t> batch_id;  // nullopt: there is nothing new to process
  bool is_rerun = false;                 // the batch was begun before and not committed, or a query is in it now
  std::int64_t input_rows = 0;
  Schema output_schema;
  std::vector<ColumnBatch> output;  // what the sink would get
  std::vector<RehearsedVariable> variables;
  std::vector<std::string> notes;  // what becomes of the state's schemas; what the real run needs
  // What the batch did to a variable, as rows of
  //   change, key, [user_map_key,] before, after, partition_id
  // where change is "added", "removed" or "changed" and before and after are values, a list's elements or a map's
  // value, each in the schema of its version. An entry that was written again under a newer schema id is changed, too.
  // Visits nothing when nothing differs. Reads both versions of the whole variable, side by side. kInvalid for another
  // name than those in `variables`, or when there was no batch.
  std::function<Result<StateDifference>(const RehearsedVariable& variable,
                                        const std::function<Status(const ColumnBatch&)>& visit)>
      read_difference;
};

// Refuses what StartQuery refuses, but a checkpoint that another engine wrote last: that is a note.
Result<Rehearsal> RehearseQuery(const QueryDescription& description);

}  // namespace hf
