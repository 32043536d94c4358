// SPDX-License-Identifier: Apache-2.0
// What the progress of a query says of rows that an older version of its processor wrote: how many were read, and how
// many have been replaced by rows of today's.
#include <gtest/gtest.h>

#include "base/json.h"
#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/query.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

struct In {
  std::string key;
  std::string action;
};
HOLDFAST_STRUCT(In, key, action);
struct Out {
  std::string key;
};
HOLDFAST_STRUCT(Out, key);
struct IntCount {
  std::int32_t n = 0;
};
HOLDFAST_STRUCT(IntCount, n);
struct LongCount {
  std::int64_t n = 0;
};
HOLDFAST_STRUCT(LongCount, n);

// Does with each variable what the row says: "write" blindly, "read" alone, "change" what was read.
template <typename Count>
class Writer final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    value_ = handle.GetValueState<Count>("value");
    list_ = handle.GetListState<Count>("list");
    map_ = handle.GetMapState<std::string, Count>("map");
  }
  void HandleInputRows(const std::string&, RowsOf<In> rows, const TimerValues&, Output<Out>&) override {
    for (const In& row : rows) {
      if (row.action == "append") {
        list_.AppendValue({1});
        continue;
      }
      Count count;
      std::vector<Count> elements(2);
      if (row.action != "write") {
        count = *value_.Get();
        elements.clear();
        for (const Count& element : list_.Get()) {
          elements.push_back(element);
        }
        static_cast<void>(map_.GetValue("entry"));
      }
      if (row.action != "read") {
        value_.Update(count);
        list_.Put(elements);
        map_.UpdateValue("entry", count);
      }
    }
  }

 private:
  ValueState<Count> value_;
  ListState<Count> list_;
  MapState<std::string, Count> map_;
};

class SchemaUseTest : public testing::TestWithParam<const char*> {
 protected:
  // One batch; returns `evolution` of the progress.
  template <typename Count>
  std::string Run(std::vector<Row> rows) {
    EXPECT_TRUE(source_->AddRows(rows).ok());
    Json progress;
    auto query = ReadStream(source_)
                     .GroupBy("key")
                     .TransformWithState<Writer<Count>>(OutputMode::kAppend, TimeMode::kNone)
                     .WriteStream(std::make_shared<MemorySink>())
                     .Option("checkpointLocation", directory_ / "checkpoint")
                     .Conf("spark.sql.shuffle.partitions", "3")
                     .Conf("holdfast.changelog.everyOperation", GetParam())
                     .OnProgress([&](const StreamingQueryProgress& of) { progress = ParseJson(of.json).value(); })
                     .Trigger(AvailableNow())
                     .Start();
    EXPECT_TRUE(query.ok()) << query.status().ToString();
    const Status ended = (*query)->AwaitTermination();
    EXPECT_TRUE(ended.ok()) << ended.ToString();
    const Json& of_operator = progress["stateOperators"][0];
    return of_operator.contains("evolution") ? of_operator["evolution"].dump() : "";
  }

  test::TempDir directory_;
  std::shared_ptr<MemorySource> source_ = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<In>::Get()));
};

TEST_P(SchemaUseTest, CountsRowsReadAndRewrittenByTheSchemaThatWroteThem) {
  EXPECT_EQ(Run<IntCount>({{"a", "write"}, {"b", "write"}, {"c", "write"}, {"d", "write"}}), "")
      << "there is one schema alone";
  // Of four keys with a value, two elements and an entry each: one read, one changed, one written over, one appended
  // to.
  EXPECT_EQ(Run<LongCount>({{"a", "read"}, {"b", "change"}, {"c", "write"}, {"d", "append"}}),
            R"({"list":{"schemaId":1,"rowsRead":{"0":4},"rowsRewritten":{"0":2}},)"
            R"("map":{"schemaId":1,"rowsRead":{"0":2},"rowsRewritten":{"0":1}},)"
            R"("value":{"schemaId":1,"rowsRead":{"0":2},"rowsRewritten":{"0":2}}})");
  // d's list has elements of both.
  EXPECT_EQ(Run<LongCount>({{"b", "change"}, {"d", "read"}}),
            R"({"list":{"schemaId":1,"rowsRead":{"0":2,"1":3},"rowsRewritten":{}},)"
            R"("map":{"schemaId":1,"rowsRead":{"0":1,"1":1},"rowsRewritten":{}},)"
            R"("value":{"schemaId":1,"rowsRead":{"0":1,"1":1},"rowsRewritten":{}}})");
  EXPECT_EQ(Run<LongCount>({{"e", "write"}}), R"({"list":{"schemaId":1,"rowsRead":{},"rowsRewritten":{}},)"
                                              R"("map":{"schemaId":1,"rowsRead":{},"rowsRewritten":{}},)"
                                              R"("value":{"schemaId":1,"rowsRead":{},"rowsRewritten":{}}})");
}

INSTANTIATE_TEST_SUITE_P(EveryOperation, SchemaUseTest, testing::Values("false", "true"));

}  // namespace
}  // namespace hf
