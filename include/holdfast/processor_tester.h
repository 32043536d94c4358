// SPDX-License-Identifier: Apache-2.0
// ProcessorTester: a stateful processor in a unit test, without a query, files or threads: rows in, rows out, state to
// look at and to set, and time that stands still until the test moves it.
//
//   hf::ProcessorTester<Sessionizer> tester({.time_mode = hf::TimeMode::kProcessingTime});
//   EXPECT_THAT(tester.Test("s1", {{.page = "home"}}), IsEmpty());
//   EXPECT_EQ(tester.PeekValueState<Session>("session", "s1")->clicks, 1);
//   EXPECT_THAT(tester.SetProcessingTime(60'000), ElementsAre(Ended{"s1", 1}));      // its timers fire
//   tester.Restart();                                                                // from what was committed
//   auto v2 = std::move(tester).Evolve<SessionizerV2>();                             // on the same state
//
// The engine's own code runs the processor: each Test is a batch that is committed. Names are those of Spark 4.3's
// TwsTester where it has one; Restart, Crash, Evolve, TTL and watermarks are more than it does. Whatever fails -
// a processor that throws, an evolution that is refused - is thrown as StatusError with the engine's condition.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "holdfast/processor.h"
#include "holdfast/query.h"

namespace hf {

struct TesterOptions {
  TimeMode time_mode = TimeMode::kNone;
  OutputMode output_mode = OutputMode::kAppend;
  // With kEventTime, a column of the input: after each Test the watermark follows it, and rows that come too late are
  // not processed (late_rows). Without, the watermark is what SetWatermark says.
  std::string event_time = {};
  std::string delay_threshold = "0 seconds";
  Options conf = {};  // as of a query: spark.sql.streaming.stateStore.encodingFormat, holdfast.evolution.accept
  // Where the clock stands at first, in milliseconds since 1970.
  std::int64_t processing_time_ms = 0;
};

namespace detail {

// The variables of the processor under test while one key is current, by name.
class StateSlots {
 public:
  virtual ~StateSlots() = default;
  // The types are those that the caller will use; another one than the declared is refused.
  virtual ValueSlot& Value(std::string_view name, const TypeLayout& type) = 0;
  virtual ListSlot& List(std::string_view name, const TypeLayout& element) = 0;
  virtual MapSlot& Map(std::string_view name, const TypeLayout& user_key, const TypeLayout& value) = 0;
};

// The tester without its types. Everything throws StatusError.
class TesterEngine {
 public:
  static std::unique_ptr<TesterEngine> Make(std::shared_ptr<const ProcessorFactory> processor, TesterOptions options);
  virtual ~TesterEngine() = default;

  // The rows of the next batch: an object of the key's layout and one of the input's.
  virtual void Add(const void* key, const void* row) = 0;
  virtual void AddInitialState(const void* key, const void* row) = 0;
  // Runs the batch and commits it, or forgets it as a crash does; returns its output.
  virtual ColumnBatch RunBatch() = 0;
  virtual void CrashInBatch() = 0;
  virtual void Restart() = 0;
  virtual void Evolve(std::shared_ptr<const ProcessorFactory> processor) = 0;
  // Calls `use` for the key; what it changes is committed.
  virtual void UseState(const void* key, const std::function<void(StateSlots&)>& use) = 0;
  virtual void RemoveVariable(std::string_view name, const void* key) = 0;
  virtual std::vector<std::int64_t> Timers(const void* key) = 0;

  std::int64_t processing_time_ms = 0;
  std::int64_t watermark_ms = 0;
  std::int64_t late_rows = 0;
};

}  // namespace detail

// One thread at a time.
template <typename P>
class ProcessorTester {
 public:
  using Key = typename P::Key;
  using In = typename P::In;
  using Out = typename P::Out;

  explicit ProcessorTester(TesterOptions options = {}, P prototype = P())
      : engine_(detail::TesterEngine::Make(Factory(std::move(prototype)), std::move(options))) {}

  // A batch with rows of one key, or of several; returns what the processor put out, by key as in a query. Timers that
  // are due fire, and what has expired goes, as in every batch.
  std::vector<Out> Test(const Key& key, const std::vector<In>& rows) {
    for (const In& row : rows) {
      engine_->Add(&key, &row);
    }
    return Run();
  }
  std::vector<Out> Test(const std::vector<std::pair<Key, In>>& rows) {
    for (const auto& [key, row] : rows) {
      engine_->Add(&key, &row);
    }
    return Run();
  }
  // Moves the clock and runs a batch without rows.
  std::vector<Out> SetProcessingTime(std::int64_t now_ms) {
    engine_->processing_time_ms = now_ms;
    return Run();
  }
  std::vector<Out> SetWatermark(std::int64_t watermark_ms) {
    engine_->watermark_ms = watermark_ms;
    return Run();
  }
  // Rows that HandleInitialState gets before the next batch's input. REQUIRES: a processor that takes some.
  template <typename Initial>
  void AddInitialState(const Key& key, const Initial& row) {
    engine_->AddInitialState(&key, &row);
  }

  // What a key's state holds; without what has expired. T is the type that the processor declares.
  template <typename T>
  std::optional<T> PeekValueState(std::string_view name, const Key& key) {
    std::optional<T> found;
    engine_->UseState(&key, [&](detail::StateSlots& slots) {
      const ValueState<T> state(&slots.Value(name, detail::RowLayoutOf<T>()));
      if (const T* value = state.Get(); value != nullptr) {
        found = *value;
      }
    });
    return found;
  }
  template <typename T>
  std::vector<T> PeekListState(std::string_view name, const Key& key) {
    std::vector<T> found;
    engine_->UseState(&key, [&](detail::StateSlots& slots) {
      for (const T& element : ListState<T>(&slots.List(name, detail::RowLayoutOf<T>())).Get()) {
        found.push_back(element);
      }
    });
    return found;
  }
  template <typename K, typename V>
  std::vector<std::pair<K, V>> PeekMapState(std::string_view name, const Key& key) {
    std::vector<std::pair<K, V>> found;
    engine_->UseState(&key, [&](detail::StateSlots& slots) {
      for (const auto& [map_key, value] :
           MapState<K, V>(&slots.Map(name, detail::RowLayoutOf<K>(), detail::RowLayoutOf<V>())).Iterator()) {
        found.emplace_back(map_key, value);
      }
    });
    return found;
  }
  // The key's timers, ascending.
  std::vector<std::int64_t> PeekTimers(const Key& key) { return engine_->Timers(&key); }

  template <typename T>
  void UpdateValueState(std::string_view name, const Key& key, const T& value) {
    engine_->UseState(&key, [&](detail::StateSlots& slots) {
      ValueState<T>(&slots.Value(name, detail::RowLayoutOf<T>())).Update(value);
    });
  }
  template <typename T>
  void UpdateListState(std::string_view name, const Key& key, const std::vector<T>& elements) {
    engine_->UseState(&key, [&](detail::StateSlots& slots) {
      ListState<T>(&slots.List(name, detail::RowLayoutOf<T>())).Put(elements);
    });
  }
  template <typename K, typename V>
  void UpdateMapState(std::string_view name, const Key& key, const std::vector<std::pair<K, V>>& entries) {
    engine_->UseState(&key, [&](detail::StateSlots& slots) {
      MapState<K, V> state(&slots.Map(name, detail::RowLayoutOf<K>(), detail::RowLayoutOf<V>()));
      state.Clear();
      for (const auto& [map_key, value] : entries) {
        state.UpdateValue(map_key, value);
      }
    });
  }
  // Of whatever kind it is.
  void DeleteState(std::string_view name, const Key& key) { engine_->RemoveVariable(name, &key); }

  // Closes the state and opens it anew from what the checkpoint would hold.
  void Restart() { engine_->Restart(); }
  // Runs a batch with these rows up to its commit, loses it, and restarts: as a crash just before commits/N.
  void Crash(const Key& key, const std::vector<In>& rows) {
    for (const In& row : rows) {
      engine_->Add(&key, &row);
    }
    engine_->CrashInBatch();
  }
  // Another version of the processor goes on with the state; refused as the start of a query would refuse it.
  template <typename P2>
  ProcessorTester<P2> Evolve(P2 prototype = P2()) && {
    static_assert(std::is_same_v<Key, typename P2::Key>, "a processor's key cannot evolve");
    engine_->Evolve(ProcessorTester<P2>::Factory(std::move(prototype)));
    return ProcessorTester<P2>(std::move(engine_));
  }
  // Rows so far that came too late.
  [[nodiscard]] std::int64_t late_rows() const { return engine_->late_rows; }
  [[nodiscard]] std::int64_t watermark_ms() const { return engine_->watermark_ms; }

 private:
  template <typename>
  friend class ProcessorTester;
  explicit ProcessorTester(std::unique_ptr<detail::TesterEngine> engine) : engine_(std::move(engine)) {}

  static std::shared_ptr<const ProcessorFactory> Factory(P prototype) {
    return std::make_shared<TypedProcessorFactory<P>>(std::move(prototype));
  }
  std::vector<Out> Run() {
    const ColumnBatch rows = engine_->RunBatch();
    std::vector<Out> out(static_cast<std::size_t>(rows.rows()));
    const auto reader = RowReader::Compile(rows.schema(), detail::LayoutOf<Out>::Get());
    if (!reader.ok()) {
      throw StatusError(reader.status());
    }
    for (std::size_t row = 0; row < out.size(); ++row) {
      reader->Read(rows, static_cast<std::int64_t>(row), &out[row]);
    }
    return out;
  }

  std::unique_ptr<detail::TesterEngine> engine_;
};

}  // namespace hf
