// SPDX-License-Identifier: Apache-2.0
// Values of megabytes in state: through batches, changelogs, a snapshot and a restart, and out of the state reader.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cstring>
#include <random>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/query.h"
#include "holdfast/state_reader.h"
#include "support/status_matchers.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

using test::IsOk;

constexpr std::size_t kValueBytes = 24 << 20;
constexpr std::size_t kElements = 1500;  // of 8 KB: 12 MB
constexpr std::size_t kElementBytes = 8 << 10;
constexpr std::size_t kEntryBytes = 4 << 20;

// The same letters for the same number, hardly compressible.
std::string Text(std::uint32_t number, std::size_t size) {
  std::mt19937_64 dice(number);
  std::string text(size, ' ');
  for (std::size_t i = 0; i + 8 <= size; i += 8) {
    const std::uint64_t eight = (dice() & 0x1f1f'1f1f'1f1f'1f1f) + 0x4141'4141'4141'4141;
    std::memcpy(text.data() + i, &eight, 8);
  }
  return text;
}
std::string ElementText(std::size_t i) { return Text(static_cast<std::uint32_t>(i), kElementBytes); }

struct In {
  std::string op;
};
HOLDFAST_STRUCT(In, op);

struct Out {
  std::string key;
  std::string what;
};
HOLDFAST_STRUCT(Out, key, what);

class Hoarding final : public StatefulProcessor<std::string, In, Out> {
 public:
  void Init(StatefulProcessorHandle& handle) override {
    value_ = handle.GetValueState<std::string>("value");
    list_ = handle.GetListState<std::string>("list");
    map_ = handle.GetMapState<std::int32_t, std::string>("map");
  }
  void HandleInputRows(const std::string& key, RowsOf<In> rows, const TimerValues&, Output<Out>& out) override {
    for (const In& row : rows) {
      if (row.op == "fill") {
        Fill();
      } else if (row.op == "grow") {  // one more behind what is there
        list_.AppendValue(ElementText(kElements));
        map_.UpdateValue(2, Text(902, kEntryBytes));
      } else {
        out.Emit({key, What()});
      }
    }
  }

 private:
  void Fill() {
    value_.Update(Text(900, kValueBytes));
    for (std::size_t i = 0; i < kElements; ++i) {
      list_.AppendValue(ElementText(i));
    }
    map_.UpdateValue(1, Text(901, kEntryBytes));
  }
  [[nodiscard]] std::string What() const {
    std::size_t elements = 0;
    bool is_right = value_.Get() != nullptr && *value_.Get() == Text(900, kValueBytes);
    for (const std::string& element : list_.Get()) {
      is_right = is_right && element == ElementText(elements++);
    }
    std::size_t entries = 0;
    for (const auto& [number, text] : map_.Iterator()) {
      is_right = is_right && text == Text(900 + static_cast<std::uint32_t>(number), kEntryBytes);
      ++entries;
    }
    return fmt::format("{} elements, {} entries, {}", elements, entries, is_right ? "as written" : "others");
  }

  ValueState<std::string> value_;
  ListState<std::string> list_;
  MapState<std::int32_t, std::string> map_;
};

class LargeValues : public testing::TestWithParam<const char*> {
 protected:
  Status Run() {
    HF_ASSIGN_OR_RETURN(const auto query, ReadStream(std::shared_ptr<Source>(source_))
                                              .GroupBy("key")
                                              .TransformWithState<Hoarding>(OutputMode::kAppend, TimeMode::kNone)
                                              .WriteStream(sink_)
                                              .Option("checkpointLocation", checkpoint())
                                              .Conf("spark.sql.shuffle.partitions", "1")
                                              .Conf("spark.sql.streaming.stateStore.encodingFormat", GetParam())
                                              .Conf("spark.sql.streaming.stateStore.minDeltasForSnapshot", "2")
                                              .Trigger(AvailableNow())
                                              .Start());
    return query->AwaitTermination();
  }
  // One start for each.
  void Do(const std::vector<const char*>& ops) {
    for (const char* op : ops) {
      ASSERT_THAT(source_->AddRows(std::vector<Row>{{"k", op}}), IsOk());
      ASSERT_THAT(Run(), IsOk()) << op;
    }
  }
  void Read(const std::string& variable, const std::function<void(const Row& row)>& visit) const {
    const Status read = ReadState(checkpoint(), {.variable = variable}, [&](const ColumnBatch& rows) {
      for (std::int64_t row = 0; row < rows.rows(); ++row) {
        visit(rows.RowAt(row));
      }
      return Status();
    });
    EXPECT_THAT(read, IsOk());
  }
  // The single field of a struct.
  static std::string TextIn(const Value& value) {
    return std::get<std::string>(std::get<StructValue>(value).fields.front());
  }
  [[nodiscard]] std::string checkpoint() const { return dir_ / "checkpoint"; }

  const test::TempDir dir_;
  std::shared_ptr<MemorySource> source_ =
      std::make_shared<MemorySource>(Schema::Parse("key STRING NOT NULL, op STRING NOT NULL").value());
  std::shared_ptr<MemorySink> sink_ = std::make_shared<MemorySink>();
};

TEST_P(LargeValues, GoThroughRestartsAndComeOutOfTheReader) {
  Do({"fill", "look", "grow", "look"});
  ASSERT_EQ(sink_->rows().size(), 2U);
  EXPECT_EQ(sink_->rows().front(), (Row{"k", fmt::format("{} elements, 1 entries, as written", kElements)}));
  EXPECT_EQ(sink_->rows().back(), (Row{"k", fmt::format("{} elements, 2 entries, as written", kElements + 1)}));

  std::size_t seen = 0;
  Read("value", [&](const Row& row) {
    EXPECT_TRUE(TextIn(row[1]) == Text(900, kValueBytes));
    ++seen;
  });
  EXPECT_EQ(seen, 1U);
  seen = 0;
  Read("list", [&](const Row& row) { EXPECT_TRUE(TextIn(row[1]) == ElementText(seen++)); });
  EXPECT_EQ(seen, kElements + 1);
  seen = 0;
  Read("map", [&](const Row& row) {
    EXPECT_TRUE(TextIn(row[2]) == Text(901 + static_cast<std::uint32_t>(seen++), kEntryBytes));
  });
  EXPECT_EQ(seen, 2U);
}

INSTANTIATE_TEST_SUITE_P(Encodings, LargeValues, testing::Values("avro", "unsaferow"),
                         [](const auto& tested) { return std::string(tested.param); });

}  // namespace
}  // namespace hf
