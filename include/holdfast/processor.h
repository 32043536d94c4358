// SPDX-License-Identifier: Apache-2.0
// The stateful processor: what a user of Holdfast writes.
//
//   class Sessionizer final : public hf::StatefulProcessor<std::string, Click, SessionRow> {
//    public:
//     void Init(hf::StatefulProcessorHandle& handle) override {
//       session_ = handle.GetValueState<Session>("session_state");
//     }
//     void HandleInputRows(const std::string& id, hf::RowsOf<Click> clicks, const hf::TimerValues&,
//                          hf::Output<SessionRow>& out) override { ... }
//    private:
//     hf::ValueState<Session> session_;
//   };
//
// Life cycle (Spark's): once at the start of a query Init runs on a copy of the processor only to collect the
// declared variables; then, per partition and batch, a fresh copy of the processor gets Init, its keys one after
// the other, the timers that are due, and Close - also after a failure. Fields of the object do not survive a batch:
// what must be remembered goes into state. A processor sees one key at a time, keys in the order of their columns, the
// rows of a key in the order of the source. Whatever it throws ends the query; nothing of that batch is committed.
// Under the real-time trigger one copy lives for a whole batch and is called for each row, in order of arrival;
// docs/semantics.md says what else is then otherwise.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "holdfast/list_state.h"
#include "holdfast/map_state.h"
#include "holdfast/row_access.h"
#include "holdfast/struct_layout.h"
#include "holdfast/value_state.h"

namespace hf {

enum class OutputMode { kAppend, kUpdate, kComplete };
enum class TimeMode { kNone, kProcessingTime, kEventTime };
// Spark's words: "Append"; "NoTime", "ProcessingTime", "EventTime" (as recorded in operator metadata).
std::string_view OutputModeName(OutputMode mode);
std::string_view TimeModeName(TimeMode mode);

// The clocks of the batch, fixed for its length (under the real-time trigger for that of a call); -1 without a time
// mode.
struct TimerValues {
  std::int64_t current_processing_time_ms = -1;
  std::int64_t current_watermark_ms = -1;
};

// Which timer HandleExpiredTimer is called for.
struct ExpiredTimerInfo {
  std::int64_t expiry_time_ms = -1;
};

struct QueryInfo {
  std::string query_id;
  std::string run_id;
  std::int64_t batch_id = 0;
};

// How long a value lives after it was last written, by the clock of the batch (TimerValues); zero: for ever. Of a list
// each element lives by itself, of a map each entry. Wants TimeMode::kProcessingTime.
struct TTLConfig {
  std::chrono::milliseconds ttl_duration{0};
};

// A state variable as a processor asks for it.
struct StateDeclaration {
  // A layout, and what keeps it alive when it is not static.
  struct Type {
    const TypeLayout* layout = nullptr;
    std::shared_ptr<const TypeLayout> owner = {};
  };
  std::string_view name;
  Type value;          // of a value, of a list's element, of a map's value
  Type user_key = {};  // of a map only
  TTLConfig ttl = {};
};

// Declares state variables in Init; registers timers while keys and timers are processed. What cannot be (a name
// twice, a reserved name, a type that the encoding cannot hold, a timer without a time mode) throws StatusError with
// Spark's error condition.
class StatefulProcessorHandle {
 public:
  virtual ~StatefulProcessorHandle() = default;

  // A variable holding one value a key. T is a HOLDFAST_STRUCT or a scalar (kept as struct<value: T>, as Spark does).
  template <typename T>
  ValueState<T> GetValueState(std::string_view name, TTLConfig ttl = {}) {
    return ValueState<T>(&DeclareValue({.name = name, .value = TypeOf<T>(), .ttl = ttl}));
  }
  // The same with a schema known at run time; values are hf::Row in schema order.
  ValueState<Row> GetValueState(std::string_view name, const Schema& schema, TTLConfig ttl = {}) {
    return ValueState<Row>(&DeclareValue({.name = name, .value = TypeOf(schema), .ttl = ttl}));
  }
  // A variable holding a list a key.
  template <typename T>
  ListState<T> GetListState(std::string_view name, TTLConfig ttl = {}) {
    return ListState<T>(&DeclareList({.name = name, .value = TypeOf<T>(), .ttl = ttl}));
  }
  ListState<Row> GetListState(std::string_view name, const Schema& element, TTLConfig ttl = {}) {
    return ListState<Row>(&DeclareList({.name = name, .value = TypeOf(element), .ttl = ttl}));
  }
  // A variable holding a map a key; K, too, is a HOLDFAST_STRUCT or a scalar.
  template <typename K, typename V>
  MapState<K, V> GetMapState(std::string_view name, TTLConfig ttl = {}) {
    return MapState<K, V>(&DeclareMap({.name = name, .value = TypeOf<V>(), .user_key = TypeOf<K>(), .ttl = ttl}));
  }
  MapState<Row, Row> GetMapState(std::string_view name, const Schema& user_key, const Schema& value,
                                 TTLConfig ttl = {}) {
    return MapState<Row, Row>(
        &DeclareMap({.name = name, .value = TypeOf(value), .user_key = TypeOf(user_key), .ttl = ttl}));
  }
  // Removes the variable and every value of it. Only inside Init.
  virtual void DeleteIfExists(std::string_view name) = 0;

  // A timer of the current key, for HandleExpiredTimer once the clock of the time mode has reached it, also within this
  // batch. A key has any number of timers, each time once; a timer that is there already, or for DeleteTimer is not,
  // stays as it is. Milliseconds since 1970.
  virtual void RegisterTimer(std::int64_t expiry_time_ms) = 0;
  virtual void DeleteTimer(std::int64_t expiry_time_ms) = 0;
  // The current key's timers, in no particular order.
  virtual std::vector<std::int64_t> ListTimers() = 0;

  virtual const QueryInfo& GetQueryInfo() const = 0;

 protected:
  virtual ValueSlot& DeclareValue(const StateDeclaration& declaration) = 0;
  virtual ListSlot& DeclareList(const StateDeclaration& declaration) = 0;
  virtual MapSlot& DeclareMap(const StateDeclaration& declaration) = 0;

 private:
  template <typename T>
  static StateDeclaration::Type TypeOf() {
    return {.layout = &detail::RowLayoutOf<T>()};
  }
  static StateDeclaration::Type TypeOf(const Schema& schema) {
    auto layout = RowLayout(schema);
    return {.layout = layout.get(), .owner = std::move(layout)};
  }
};

// The rows of the current key, once through, in order. Valid during the call it is passed to.
template <typename In>
class RowsOf {
 public:
  RowsOf(const RowReader* reader, RowSelection selection, In* scratch)
      : reader_(reader), selection_(selection), scratch_(scratch) {}

  class Iterator {
   public:
    Iterator(const RowsOf* rows, std::size_t at) : rows_(rows), at_(at) {}
    // The reference is valid until the iterator moves.
    const In& operator*() const {
      const RowRef at = rows_->selection_.rows[at_];
      rows_->reader_->Read(rows_->selection_.batches[at.batch], at.row, rows_->scratch_);
      return *rows_->scratch_;
    }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const RowsOf* rows_;
    std::size_t at_;
  };
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, selection_.rows.size()}; }
  [[nodiscard]] std::size_t size() const { return selection_.rows.size(); }
  // The columns behind the rows, for whoever wants them whole.
  [[nodiscard]] const RowSelection& selection() const { return selection_; }

 private:
  const RowReader* reader_;
  RowSelection selection_;
  In* scratch_;
};

// Where a processor puts its rows.
template <typename Out>
class Output {
 public:
  explicit Output(RowAppender* appender) : appender_(appender) {}
  void Emit(const Out& row) { appender_->Append(&row); }

 private:
  RowAppender* appender_;
};

// KeyT: a scalar for one grouping column, a HOLDFAST_STRUCT (members in the order of the grouping columns) for
// several. InT, OutT: HOLDFAST_STRUCTs. With hf::Row for any of them the schema is given at run time.
template <typename KeyT, typename InT, typename OutT>
class StatefulProcessor {
 public:
  using Key = KeyT;
  using In = InT;
  using Out = OutT;
  virtual ~StatefulProcessor() = default;

  virtual void Init(StatefulProcessorHandle& handle) = 0;
  virtual void HandleInputRows(const Key& key, RowsOf<In> rows, const TimerValues& timer_values, Output<Out>& out) = 0;
  // After all keys with rows, for each timer that is due, by time and then by key. The timer is gone afterwards.
  virtual void HandleExpiredTimer(const Key& /*key*/, const TimerValues& /*timer_values*/,
                                  const ExpiredTimerInfo& /*timer*/, Output<Out>& /*out*/) {}
  virtual void Close() {}

 protected:
  // The handle that Init got, until Close has returned. Throws StatusError (STATE_STORE_HANDLE_NOT_INITIALIZED) outside
  // of a query.
  [[nodiscard]] StatefulProcessorHandle& GetHandle() const {
    if (handle_ == nullptr) {
      throw StatusError(Invalid("the handle has not been initialized: this processor is not run by a query",
                                "STATE_STORE_HANDLE_NOT_INITIALIZED"));
    }
    return *handle_;
  }

 private:
  template <typename P>
  friend class TypedProcessor;
  friend class AnyRowProcessor;
  StatefulProcessorHandle* handle_ = nullptr;
};

// A processor that takes over state from elsewhere: HandleInitialState is called for each row of the initial state, in
// the first batch of a checkpoint only, before any input.
template <typename KeyT, typename InT, typename OutT, typename InitialT>
class StatefulProcessorWithInitialState : public StatefulProcessor<KeyT, InT, OutT> {
 public:
  using Initial = InitialT;
  virtual void HandleInitialState(const KeyT& key, const InitialT& row, const TimerValues& timer_values) = 0;
};

// ---- What the engine sees: a processor without its types. -------------------------------------------------------

// BeginCalls, EndCalls, BeginRows and Flush are for hosts that do better with many rows than with one: that take a lock
// of their own once for many calls, turn the rows of many keys into something else together, and keep rows back.
class AnyProcessor {
 public:
  virtual ~AnyProcessor() = default;
  // Calls of HandleInputRows, HandleExpiredTimer and HandleInitialState come in runs; between two runs the engine does
  // work of its own. EndCalls follows every BeginCalls, also when a call has thrown.
  virtual void BeginCalls() {}
  virtual void EndCalls() noexcept {}
  // The rows of all keys that the next HandleInputRows, or HandleInitialState, are for: those of each call are a part
  // of `rows.rows`, one behind the other. Valid until the last of them. Under the real-time trigger: those of one call.
  virtual void BeginRows(RowSelection /*rows*/) {}
  // What the processor has kept back of its output is due.
  virtual void Flush(RowAppender& /*out*/) {}
  virtual void Init(StatefulProcessorHandle& handle) = 0;
  // `key` points to an object of the key's layout.
  virtual void HandleInputRows(const void* key, const RowReader& reader, RowSelection rows,
                               const TimerValues& timer_values, RowAppender& out) = 0;
  virtual void HandleExpiredTimer(const void* key, const TimerValues& timer_values, const ExpiredTimerInfo& timer,
                                  RowAppender& out) = 0;
  // Only where the factory has a layout for it.
  virtual void HandleInitialState(const void* /*key*/, const RowReader& /*reader*/, RowSelection /*rows*/,
                                  const TimerValues& /*timer_values*/) {}
  virtual void Close() = 0;
};

// Makes fresh copies of one processor. The layouts live as long as the factory.
class ProcessorFactory {
 public:
  virtual ~ProcessorFactory() = default;
  [[nodiscard]] virtual std::unique_ptr<AnyProcessor> Make() const = 0;
  [[nodiscard]] virtual const TypeLayout& key_layout() const = 0;
  [[nodiscard]] virtual const TypeLayout& input_layout() const = 0;
  [[nodiscard]] virtual const TypeLayout& output_layout() const = 0;
  // Of the rows of the initial state; nullptr when the processor takes none.
  [[nodiscard]] virtual const TypeLayout* initial_state_layout() const { return nullptr; }
};

namespace detail {
template <typename P>
concept TakesInitialState = requires { typename P::Initial; };
}  // namespace detail

template <typename P>
class TypedProcessor final : public AnyProcessor {
 public:
  explicit TypedProcessor(const P& prototype) : processor_(prototype) {}
  void Init(StatefulProcessorHandle& handle) override {
    Base().handle_ = &handle;
    processor_.Init(handle);
  }
  void HandleInputRows(const void* key, const RowReader& reader, RowSelection rows, const TimerValues& timer_values,
                       RowAppender& out) override {
    Output<typename P::Out> output(&out);
    processor_.HandleInputRows(*static_cast<const typename P::Key*>(key),
                               RowsOf<typename P::In>(&reader, rows, &scratch_), timer_values, output);
  }
  void HandleExpiredTimer(const void* key, const TimerValues& timer_values, const ExpiredTimerInfo& timer,
                          RowAppender& out) override {
    Output<typename P::Out> output(&out);
    processor_.HandleExpiredTimer(*static_cast<const typename P::Key*>(key), timer_values, timer, output);
  }
  void HandleInitialState(const void* key, const RowReader& reader, RowSelection rows,
                          const TimerValues& timer_values) override {
    if constexpr (detail::TakesInitialState<P>) {
      typename P::Initial scratch{};
      for (const typename P::Initial& row : RowsOf<typename P::Initial>(&reader, rows, &scratch)) {
        processor_.HandleInitialState(*static_cast<const typename P::Key*>(key), row, timer_values);
      }
    }
  }
  void Close() override {
    processor_.Close();
    Base().handle_ = nullptr;
  }

 private:
  StatefulProcessor<typename P::Key, typename P::In, typename P::Out>& Base() { return processor_; }

  P processor_;
  typename P::In scratch_{};
};

template <typename P>
class TypedProcessorFactory final : public ProcessorFactory {
 public:
  explicit TypedProcessorFactory(P prototype) : prototype_(std::move(prototype)) {}
  [[nodiscard]] std::unique_ptr<AnyProcessor> Make() const override {
    return std::make_unique<TypedProcessor<P>>(prototype_);
  }
  [[nodiscard]] const TypeLayout& key_layout() const override { return detail::RowLayoutOf<typename P::Key>(); }
  [[nodiscard]] const TypeLayout& input_layout() const override { return detail::LayoutOf<typename P::In>::Get(); }
  [[nodiscard]] const TypeLayout& output_layout() const override { return detail::LayoutOf<typename P::Out>::Get(); }
  [[nodiscard]] const TypeLayout* initial_state_layout() const override {
    if constexpr (detail::TakesInitialState<P>) {
      return &detail::LayoutOf<typename P::Initial>::Get();
    } else {
      return nullptr;
    }
  }

 private:
  P prototype_;
};

// A processor over hf::Row: the schemas of key, input and output are known only at run time.
using RowProcessor = StatefulProcessor<Row, Row, Row>;

class RowProcessorFactory final : public ProcessorFactory {
 public:
  RowProcessorFactory(std::function<std::unique_ptr<RowProcessor>()> make, const Schema& key, const Schema& input,
                      const Schema& output);
  [[nodiscard]] std::unique_ptr<AnyProcessor> Make() const override;
  [[nodiscard]] const TypeLayout& key_layout() const override { return *key_; }
  [[nodiscard]] const TypeLayout& input_layout() const override { return *input_; }
  [[nodiscard]] const TypeLayout& output_layout() const override { return *output_; }

 private:
  std::function<std::unique_ptr<RowProcessor>()> make_;
  std::shared_ptr<const TypeLayout> key_;
  std::shared_ptr<const TypeLayout> input_;
  std::shared_ptr<const TypeLayout> output_;
};

}  // namespace hf
