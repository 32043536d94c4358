// SPDX-License-Identifier: Apache-2.0
// Sessions that live through V1 -> V2, against a model that does the same in a few lines, over many seeds, batch
// shapes and restarts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <random>

#include "connect/memory/memory_sink.h"
#include "connect/memory/memory_source.h"
#include "holdfast/query.h"
#include "holdfast/state_reader.h"
#include "sessionization/streamshop.h"
#include "support/temp_dir.h"

namespace hf {
namespace {

struct Event {
  std::string session_id;
  std::string user_id;
  std::string event_type;
  double revenue = 0;
  std::int64_t micros = 0;
  std::optional<std::string> device_type;
  std::optional<std::string> page_category;
};

struct OpenSession {
  std::string user_id;
  std::int64_t event_count = 0;
  double total_revenue = 0;
  std::int64_t start = 0;
  std::optional<std::string> device_type;
  std::optional<std::string> page_category;
  bool evolved = false;
};

std::string Text(const std::string& id, const OpenSession& s, bool v2) {
  std::string text = fmt::format("{} {} {} {:.2f} {}", id, s.user_id, s.event_count, s.total_revenue, s.start);
  if (v2) {
    text += fmt::format(" {} {} {}", s.device_type.value_or("null"), s.page_category.value_or("null"), s.evolved);
  }
  return text;
}

// The simple truth: a map, events in order.
class Model {
 public:
  void Run(const Event& event, bool v2) {
    auto found = open.find(event.session_id);
    if (found == open.end()) {
      OpenSession fresh{.user_id = event.user_id, .start = event.micros, .device_type = {}, .page_category = {}};
      if (v2) {
        fresh.device_type = event.device_type.value_or("unknown");
        fresh.page_category = event.page_category.value_or("unknown");
      }
      found = open.emplace(event.session_id, fresh).first;
    } else if (v2 && !found->second.device_type.has_value()) {
      found->second.device_type = event.device_type.value_or("unknown");
      found->second.page_category = event.page_category.value_or("unknown");
      found->second.evolved = true;
    }
    found->second.event_count += 1;
    found->second.total_revenue += event.revenue;
    if (event.event_type == "purchase" || event.event_type == "logout") {
      (v2 ? ended_v2 : ended_v1).insert(Text(event.session_id, found->second, v2));
      open.erase(found);
    }
  }
  std::map<std::string, OpenSession> open;
  std::multiset<std::string> ended_v1;
  std::multiset<std::string> ended_v2;
};

class EvolutionScenario : public ::testing::TestWithParam<int> {
 protected:
  Event RandomEvent(std::mt19937& random) {
    static const char* const kTypes[] = {"page_view", "search", "add_to_cart", "page_view", "purchase", "logout"};
    Event event;
    const auto id = random() % 60;
    event.session_id = fmt::format("s{}", id);
    event.user_id = fmt::format("u{}", id / 3);
    event.event_type = kTypes[random() % 6];
    event.revenue = event.event_type == "purchase" ? static_cast<double>(random() % 10000) / 100.0 : 0.0;
    event.micros = 1767225600000000 + static_cast<std::int64_t>(random() % 1000000000);
    if (random() % 5 != 0) {
      event.device_type = random() % 2 != 0 ? "web" : "ios";
    }
    if (random() % 5 != 0) {
      event.page_category = "home";
    }
    return event;
  }

  static Row ToRow(const Event& event, bool v2) {
    Row row = {event.session_id, event.user_id, event.event_type, event.revenue, Timestamp{event.micros}};
    if (v2) {
      row.push_back(event.device_type.has_value() ? Value(*event.device_type) : Value());
      row.push_back(event.page_category.has_value() ? Value(*event.page_category) : Value());
    }
    return row;
  }

  // One run of the query: a start, `batches` batches, a clean end.
  template <typename Processor, typename Click>
  void RunBatches(std::mt19937& random, Model& model, int batches, bool v2, const Options& conf) {
    auto source = std::make_shared<MemorySource>(SchemaOf(detail::LayoutOf<Click>::Get()), next_offset_);
    auto sink = std::make_shared<MemorySink>();
    for (int batch = 0; batch < batches; ++batch) {
      std::vector<Row> rows;
      for (std::size_t n = random() % 80; n > 0; --n) {
        const Event event = RandomEvent(random);
        model.Run(event, v2);
        rows.push_back(ToRow(event, v2));
      }
      ASSERT_TRUE(source->AddRows(rows).ok());
      ++next_offset_;
      auto writer = hf::ReadStream(source)
                        .GroupBy("session_id")
                        .template TransformWithState<Processor>(OutputMode::kAppend, TimeMode::kNone)
                        .WriteStream(sink)
                        .Option("checkpointLocation", dir_.path() + "/checkpoint");
      for (const auto& [key, value] : conf) {
        writer = std::move(writer).Conf(key, value);
      }
      auto query = std::move(writer).Trigger(AvailableNow()).Start();
      ASSERT_TRUE(query.ok()) << query.status().ToString();
      const Status ended = (*query)->AwaitTermination();
      ASSERT_TRUE(ended.ok()) << ended.ToString();
    }
    for (const Row& row : sink->rows()) {
      Collect(row, v2);
    }
  }

  void Collect(const Row& row, bool v2) {
    OpenSession s;
    s.user_id = std::get<std::string>(row[1]);
    s.event_count = v2 ? std::get<std::int64_t>(row[2]) : std::get<std::int32_t>(row[2]);
    s.total_revenue = std::get<double>(row[3]);
    s.start = std::get<Timestamp>(row[4]).micros;
    if (v2) {
      s.device_type = std::get<std::string>(row[5]);
      s.page_category = std::get<std::string>(row[6]);
      s.evolved = std::get<bool>(row[7]);
      EXPECT_EQ(std::get<std::string>(row[8]), "v2");
    }
    (v2 ? ended_v2_ : ended_v1_).insert(Text(std::get<std::string>(row[0]), s, v2));
  }

  std::map<std::string, std::string> ReadOpenSessions() {
    std::map<std::string, std::string> open;
    const Status read =
        ReadState(dir_.path() + "/checkpoint", {.variable = "session_state"}, [&open](const ColumnBatch& batch) {
          for (std::int64_t i = 0; i < batch.rows(); ++i) {
            const Row row = batch.RowAt(i);
            const Row& key = std::get<StructValue>(row[0]).fields;
            open[std::get<std::string>(key[0])] = ToJson(row[1], batch.schema().field(1).type);
          }
          return Status();
        });
    EXPECT_TRUE(read.ok()) << read.ToString();
    return open;
  }

  test::TempDir dir_;
  std::int64_t next_offset_ = 0;
  std::multiset<std::string> ended_v1_;
  std::multiset<std::string> ended_v2_;
};

TEST_P(EvolutionScenario, LiveSessionsGoOnAsTheModelSays) {
  std::mt19937 random(static_cast<unsigned>(GetParam()));
  Model model;
  const Options conf = {{"spark.sql.shuffle.partitions", std::to_string(1 + GetParam() % 4)},
                        {"spark.sql.streaming.stateStore.minDeltasForSnapshot", std::to_string(1 + GetParam() % 3)},
                        {"holdfast.changelog.everyOperation", GetParam() % 2 == 0 ? "true" : "false"}};
  RunBatches<streamshop::SessionizerV1, streamshop::ClickV1>(random, model, 5, false, conf);
  EXPECT_EQ(ended_v1_, model.ended_v1);
  EXPECT_EQ(ReadOpenSessions().size(), model.open.size());
  RunBatches<streamshop::SessionizerV2, streamshop::ClickV2>(random, model, 6, true, conf);
  EXPECT_EQ(ended_v2_, model.ended_v2);
  const auto open = ReadOpenSessions();
  ASSERT_EQ(open.size(), model.open.size());
  for (const auto& [id, session] : model.open) {
    const auto found = open.find(id);
    ASSERT_NE(found, open.end()) << id;
    const auto json_text = [](const std::optional<std::string>& text) {
      return text ? "\"" + *text + "\"" : std::string("null");
    };
    EXPECT_NE(found->second.find(fmt::format("\"event_count\":{}", session.event_count)), std::string::npos)
        << found->second;
    EXPECT_NE(found->second.find(fmt::format("\"device_type\":{}", json_text(session.device_type))), std::string::npos)
        << found->second;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, EvolutionScenario, ::testing::Range(1, 9));

}  // namespace
}  // namespace hf
