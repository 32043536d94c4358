// SPDX-License-Identifier: Apache-2.0
// For partition_state_test.cc: a partition's variables and timers, and a model of them in plain maps, with random
// operations on both.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "holdfast/processor.h"
#include "state/evolution.h"
#include "state/list_variable.h"
#include "state/map_variable.h"
#include "state/partition_state.h"
#include "state/store_testing.h"
#include "state/value_variable.h"

namespace hf::state_model {

struct Item {
  std::int64_t n = 0;
  std::optional<std::string> text;
  bool operator==(const Item&) const = default;
};
HOLDFAST_STRUCT(Item, n, text);

struct Page {
  std::string name;
  std::optional<std::int32_t> number;
  bool operator==(const Page&) const = default;
  auto operator<=>(const Page&) const = default;
};
HOLDFAST_STRUCT(Page, name, number);

struct Shape {
  StateEncoding encoding;
  bool every_operation;
  bool row_checksums;
  const char* delimiter;
};

// A value with the time at which it ends; kNeverExpires: never.
template <typename T>
struct Held {
  T value;
  std::int64_t until_ms;
};

struct KeyModel {
  std::optional<Held<Item>> value;
  std::optional<Held<Item>> value_ttl;
  std::vector<Held<Item>> list;
  std::vector<Held<Item>> list_ttl;
  std::map<Page, Held<Item>> map;
  std::map<Page, Held<Item>> map_ttl;
  std::set<std::int64_t> timers;
};
using Model = std::map<std::string, KeyModel>;

constexpr std::int64_t kTtlMs = 100;

class PartitionStateModel : public ::testing::TestWithParam<Shape> {
 protected:
  PartitionStateModel() : random_(42) {
    DeclaredState declared{.key = *Schema::FromDdl("id STRING"), .time_mode = "ProcessingTime"};
    const Schema item = SchemaOf(detail::LayoutOf<Item>::Get());
    const Schema page = SchemaOf(detail::LayoutOf<Page>::Get());
    for (const bool ttl : {false, true}) {
      const std::string suffix = ttl ? "_ttl" : "";
      declared.variables.push_back({.name = "value" + suffix, .value = item, .has_ttl = ttl});
      declared.variables.push_back(
          {.name = "list" + suffix, .kind = VariableKind::kList, .value = item, .has_ttl = ttl});
      declared.variables.push_back(
          {.name = "map" + suffix, .kind = VariableKind::kMap, .value = item, .user_key = page, .has_ttl = ttl});
    }
    EvolutionOptions options;
    options.encoding = GetParam().encoding;
    Evolution evolution = Evolve({}, declared, options);
    EXPECT_TRUE(evolution.status.ok()) << evolution.status.ToString();
    plan_ = std::move(evolution.plan);
    key_layout_ = RowLayout(plan_.key_schema);
    key_writer_ = StateRowWriter::Compile(plan_.frame.encoding, plan_.key_schema, *key_layout_).value();
    directory_.options.log_every_operation = GetParam().every_operation;
    directory_.options.row_checksums = GetParam().row_checksums;
    directory_.options.list_delimiter = GetParam().delimiter;
    directory_.options.min_deltas_for_snapshot = 3;
  }

  void Open() {
    state_ = nullptr;
    auto opened = PartitionState::Open({.store = directory_.options, .cache_bytes = 4096}, plan_, {version_, ""});
    ASSERT_TRUE(opened.ok()) << opened.status().ToString();
    state_ = std::move(opened).value();
  }

  template <typename Variable>
  Variable* Declare(const char* name, VariableKind kind, bool ttl) {
    auto declared = state_->Declare(name, kind,
                                    {.value = &detail::LayoutOf<Item>::Get(),
                                     .user_key = kind == VariableKind::kMap ? &detail::LayoutOf<Page>::Get() : nullptr,
                                     .value_owner = nullptr,
                                     .user_key_owner = nullptr,
                                     .ttl_ms = ttl ? kTtlMs : 0});
    EXPECT_TRUE(declared.ok()) << declared.status().ToString();
    return static_cast<Variable*>(*declared);
  }
  void BeginBatch() {
    state_->BeginBatch(now_ms_);
    value_ = ValueState<Item>(Declare<ValueVariable>("value", VariableKind::kValue, false));
    list_ = ListState<Item>(Declare<ListVariable>("list", VariableKind::kList, false));
    map_ = MapState<Page, Item>(Declare<MapVariable>("map", VariableKind::kMap, false));
    value_ttl_ = ValueState<Item>(Declare<ValueVariable>("value_ttl", VariableKind::kValue, true));
    list_ttl_ = ListState<Item>(Declare<ListVariable>("list_ttl", VariableKind::kList, true));
    map_ttl_ = MapState<Page, Item>(Declare<MapVariable>("map_ttl", VariableKind::kMap, true));
    ASSERT_TRUE(state_->OpenTimers("ProcessingTime").ok());
  }

  std::size_t Draw(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  Item DrawItem() {
    Item item{.n = static_cast<std::int64_t>(Draw(5)), .text = std::nullopt};
    if (Draw(2) == 0) {
      item.text = std::string(Draw(40), 'x');  // of many sizes: cells must move
    }
    return item;
  }
  Page DrawPage() {
    return {.name = std::string(1 + Draw(3), 'p'),
            .number = Draw(2) == 0 ? std::nullopt : std::optional<std::int32_t>(static_cast<std::int32_t>(Draw(3)))};
  }

  bool IsLive(std::int64_t until_ms) const { return !IsExpired(until_ms, now_ms_); }
  std::int64_t Until(bool ttl) const { return ttl ? now_ms_ + kTtlMs : kNeverExpires; }

  void UseValue(ValueState<Item>& state, std::optional<Held<Item>>* model, bool ttl) {
    switch (Draw(4)) {
      case 0:
        state.Clear();
        model->reset();
        break;
      case 1: {
        const Item item = DrawItem();
        state.Update(item);
        *model = Held<Item>{item, Until(ttl)};
        break;
      }
      default: break;
    }
    const Item* found = state.Get();
    const bool expected = model->has_value() && IsLive((*model)->until_ms);
    ASSERT_EQ(found != nullptr, expected);
    ASSERT_EQ(state.Exists(), expected);
    if (expected) {
      ASSERT_EQ(*found, (*model)->value);
    }
  }

  void UseList(ListState<Item>& state, std::vector<Held<Item>>* model, bool ttl) {
    std::vector<Item> items(1 + Draw(3));
    std::generate(items.begin(), items.end(), [this] { return DrawItem(); });
    const std::size_t choice = Draw(6);
    if (choice == 0) {
      state.Clear();
      model->clear();
    } else if (choice == 1) {
      state.Put(items);
      model->clear();
    } else if (choice == 2) {
      state.AppendList(items);
    } else if (choice == 3) {
      items.resize(1);
      state.AppendValue(items[0]);
    }
    if (choice >= 1 && choice <= 3) {
      for (const Item& item : items) {
        model->push_back({item, Until(ttl)});
      }
    }
    std::vector<Item> found;
    for (const Item& item : state.Get()) {
      found.push_back(item);
    }
    std::vector<Item> expected;
    for (const Held<Item>& held : *model) {
      if (IsLive(held.until_ms)) {
        expected.push_back(held.value);
      }
    }
    ASSERT_EQ(found, expected);
    ASSERT_EQ(state.Exists(), !expected.empty());
  }

  void UseMap(MapState<Page, Item>& state, std::map<Page, Held<Item>>* model, bool ttl) {
    const Page page = DrawPage();
    const std::size_t choice = Draw(8);
    if (choice == 0) {
      state.Clear();
      model->clear();
    } else if (choice == 1) {
      state.RemoveKey(page);
      model->erase(page);
    } else if (choice <= 4) {
      const Item item = DrawItem();
      state.UpdateValue(page, item);
      model->insert_or_assign(page, Held<Item>{item, Until(ttl)});
    }
    const auto at = model->find(page);
    const bool expected = at != model->end() && IsLive(at->second.until_ms);
    const Item* found = state.GetValue(page);
    ASSERT_EQ(found != nullptr, expected);
    if (expected) {
      ASSERT_EQ(*found, at->second.value);
    }
    ASSERT_EQ(state.ContainsKey(page), expected);
    std::map<Page, Item> all;
    for (const auto& [key, value] : state.Iterator()) {
      all.emplace(key, value);
    }
    std::map<Page, Item> all_expected;
    for (const auto& [key, held] : *model) {
      if (IsLive(held.until_ms)) {
        all_expected.emplace(key, held.value);
      }
    }
    ASSERT_EQ(all, all_expected);
    ASSERT_EQ(state.Exists(), !all_expected.empty());
  }

  void UseTimers(std::string_view key, std::set<std::int64_t>* model) {
    const std::int64_t time = now_ms_ - 20 + static_cast<std::int64_t>(Draw(300));
    switch (Draw(4)) {
      case 0: ASSERT_EQ(state_->timers().Register(key, time).value(), model->insert(time).second); break;
      case 1: ASSERT_EQ(state_->timers().Delete(key, time).value(), model->erase(time) > 0); break;
      case 2:
        if (!model->empty()) {
          ASSERT_TRUE(state_->timers().Delete(key, *model->begin()).value());
          model->erase(model->begin());
        }
        break;
      default: break;
    }
    ASSERT_THAT(state_->timers().List(key).value(), ::testing::UnorderedElementsAreArray(*model));
  }

  void UseKey(KeyModel* model) {
    for (std::size_t i = 0; i < 3; ++i) {
      UseValue(value_, &model->value, false);
      UseValue(value_ttl_, &model->value_ttl, true);
      UseList(list_, &model->list, false);
      UseList(list_ttl_, &model->list_ttl, true);
      UseMap(map_, &model->map, false);
      UseMap(map_ttl_, &model->map_ttl, true);
      UseTimers(*state_->current_key(), &model->timers);
      if (::testing::Test::HasFatalFailure()) {
        return;
      }
    }
  }

  std::string KeyRow(const std::string& key) {
    std::string row;
    const Row object = {Value(key)};
    EXPECT_TRUE(key_writer_.Encode(&object, row).ok());
    return row;
  }

  void RunKeys(const std::vector<std::string>& keys, Model* model) {
    TimeEntries entries;
    for (const std::string& key : keys) {
      entries.Add(0, KeyRow(key));
    }
    GroupKeys bound;
    AppendKeys(plan_, entries, &bound);
    ASSERT_TRUE(state_->BindKeys(bound).ok());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      SCOPED_TRACE(keys[i]);
      state_->BindKey(i);
      UseKey(&(*model)[keys[i]]);
      if (::testing::Test::HasFatalFailure()) {
        return;
      }
      state_->EndKey();
    }
  }

  // Every timer that is due, by time, then by key, some at a time; each uses its key's state once more, and is gone.
  // Which those are is decided at the start: what keys set and delete meanwhile does not matter.
  void RunTimers(Model* model) {
    std::vector<std::pair<std::int64_t, std::string>> expected;
    for (const auto& [key, of_key] : *model) {
      for (const std::int64_t time : of_key.timers) {
        if (time <= now_ms_) {
          expected.emplace_back(time, key);
        }
      }
    }
    std::sort(expected.begin(), expected.end());
    state_->timers().BeginDue(now_ms_);
    const std::size_t at_a_time = 1 + Draw(4);
    std::size_t at = 0;
    TimeEntries due = state_->timers().NextDue(at_a_time).value();
    for (; due.size() > 0; due = state_->timers().NextDue(at_a_time).value()) {
      ASSERT_LE(at + due.size(), expected.size());
      ASSERT_LE(due.size(), at_a_time);
      std::vector<std::string> keys;
      for (std::size_t i = 0; i < due.size(); ++i) {
        ASSERT_EQ(due.time_ms(i), expected[at + i].first);
        ASSERT_EQ(due.row(i), KeyRow(expected[at + i].second));
        keys.push_back(expected[at + i].second);
      }
      RunKeys(keys, model);  // the same key may come several times
      for (const std::size_t end = at + due.size(); at < end; ++at) {
        const auto& [time, key] = expected[at];
        if ((*model)[key].timers.erase(time) > 0) {
          ASSERT_TRUE(state_->timers().Delete(KeyRow(key), time).value());
        }
      }
    }
    ASSERT_EQ(at, expected.size());
  }

  // The model forgets what the state must have removed, and what is left must not be due.
  void RemoveExpired(Model* model) {
    std::int64_t expected = 0;
    for (auto& [key, of_key] : *model) {
      const auto expired = [this](const Held<Item>& held) { return !IsLive(held.until_ms); };
      if (of_key.value_ttl.has_value() && expired(*of_key.value_ttl)) {
        of_key.value_ttl.reset();
        ++expected;
      }
      expected += static_cast<std::int64_t>(std::erase_if(of_key.list_ttl, expired));
      expected += static_cast<std::int64_t>(
          std::erase_if(of_key.map_ttl, [&](const auto& entry) { return expired(entry.second); }));
    }
    ASSERT_EQ(state_->RemoveExpired().value(), expected);
  }

  void Commit() {
    auto prepared = state_->Prepare();
    ASSERT_TRUE(prepared.ok()) << prepared.status().ToString();
    ASSERT_TRUE(directory_.files.PutMany(prepared->Files()).ok());
    if (prepared->publish_now) {
      ASSERT_TRUE(state_->PublishNow().ok());
    }
    state_->Confirm();
    version_ = prepared->version;
    if (const auto job = state_->store().BeginSnapshot(false); job != nullptr) {
      ASSERT_TRUE(job->Run().ok());
      state_->store().Adopt(*job);
    }
  }

  // In user families: value, list and map entries of the model.
  static std::int64_t KeysOf(const Model& model) {
    std::int64_t keys = 0;
    for (const auto& [key, of_key] : model) {
      keys += of_key.value.has_value() + of_key.value_ttl.has_value() + !of_key.list.empty() + !of_key.list_ttl.empty();
      keys += static_cast<std::int64_t>(of_key.map.size() + of_key.map_ttl.size());
    }
    return keys;
  }

  void CheckNextExpiry(const Model& model) {
    std::optional<std::int64_t> timer;
    std::optional<std::int64_t> expiration;
    const auto least = [](std::optional<std::int64_t>* to, std::int64_t time) {
      *to = std::min(to->value_or(time), time);
    };
    for (const auto& [key, of_key] : model) {
      for (const std::int64_t time : of_key.timers) {
        least(&timer, time);
      }
      if (of_key.value_ttl.has_value()) {
        least(&expiration, of_key.value_ttl->until_ms);
      }
      for (const Held<Item>& held : of_key.list_ttl) {
        least(&expiration, held.until_ms);
      }
      for (const auto& [page, held] : of_key.map_ttl) {
        least(&expiration, held.until_ms);
      }
    }
    ASSERT_EQ(state_->EarliestTimer("ProcessingTime").value(), timer);
    ASSERT_EQ(state_->EarliestExpiration().value(), expiration);
  }

  // A list with TTL has one entry in its index, however many elements: the least expiration among them.
  void CheckListExpirations(const Model& model) {
    std::vector<std::pair<std::int64_t, std::string>> expected;
    for (const auto& [key, of_key] : model) {
      const auto least = std::min_element(
          of_key.list_ttl.begin(), of_key.list_ttl.end(),
          [](const Held<Item>& one, const Held<Item>& other) { return one.until_ms < other.until_ms; });
      if (least != of_key.list_ttl.end()) {
        expected.emplace_back(least->until_ms, KeyRow(key));
      }
    }
    TimeIndex index(plan_.frame, state_->store(), *state_->store().FindFamily(ExpirationFamily("list_ttl")));
    index.BeginDue(std::numeric_limits<std::int64_t>::max() - 1);
    const TimeEntries entries = index.NextDue(expected.size() + 1).value();
    std::vector<std::pair<std::int64_t, std::string>> found;
    for (std::size_t i = 0; i < entries.size(); ++i) {
      found.emplace_back(entries.time_ms(i), entries.row(i));
    }
    ASSERT_THAT(found, ::testing::UnorderedElementsAreArray(expected));
  }

  std::mt19937_64 random_;
  StatePlan plan_;
  std::shared_ptr<const TypeLayout> key_layout_;
  StateRowWriter key_writer_;
  StoreDirectory directory_;
  std::unique_ptr<PartitionState> state_;
  StateVersion version_ = 0;
  std::int64_t now_ms_ = 1000;
  ValueState<Item> value_;
  ValueState<Item> value_ttl_;
  ListState<Item> list_;
  ListState<Item> list_ttl_;
  MapState<Page, Item> map_;
  MapState<Page, Item> map_ttl_;
};

}  // namespace hf::state_model
