// SPDX-License-Identifier: Apache-2.0
#include "state/delta.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <map>
#include <numeric>
#include <ranges>
#include <utility>

#include "base/check.h"

namespace hf {
namespace {

constexpr std::size_t kKeysPerFilterWord = 4;
// A filter costs about as much as a search for every so many keys of the delta.
constexpr std::size_t kKeysPerQuestion = 16;

// Three bits of a word, by those bits of the hash that do not choose the word.
std::uint64_t FilterBits(std::uint64_t hash) {
  return std::uint64_t{1} << (hash >> 58) | std::uint64_t{1} << (hash >> 52 & 63) |
         std::uint64_t{1} << (hash >> 46 & 63);
}

// The first two bytes in the order of the keys; missing bytes are zero.
std::uint16_t FamilyDigest(std::string_view key) { return static_cast<std::uint16_t>(KeyDigest(key, 0) >> 48); }

// The operations on one key in call order, reduced to their net effect.
class NetOperation {
 public:
  explicit NetOperation(std::string_view delimiter) : delimiter_(delimiter) {}

  void Start(const ChangelogRecord& first) {
    op_ = first.op;
    value_ = first.value;
    owned_ = false;
  }
  void Add(const ChangelogRecord& next) {
    if (next.op != StateOp::kMerge) {
      Start(next);
    } else if (op_ == StateOp::kDelete) {
      Start({.op = StateOp::kPut, .key = next.key, .value = next.value});
    } else {
      if (!owned_) {
        joined_.assign(value_);
        owned_ = true;
      }
      AppendElement(joined_, delimiter_, next.value);
    }
  }
  [[nodiscard]] StateOp op() const { return op_; }
  [[nodiscard]] std::string_view value() const { return owned_ ? std::string_view(joined_) : value_; }

 private:
  const std::string_view delimiter_;
  StateOp op_ = StateOp::kDelete;
  std::string_view value_;
  bool owned_ = false;
  std::string joined_;
};

bool IsStrictlyAscending(const Changelog& changelog) {
  for (std::size_t i = 1; i < changelog.offsets.size(); ++i) {
    if (changelog.record(i - 1).key >= changelog.record(i).key) {
      return false;
    }
  }
  return true;
}

}  // namespace

void AppendElement(std::string& value, std::string_view delimiter, std::string_view element) {
  value.append(delimiter);
  value.append(element);
}

Delta::Delta(std::string content, std::vector<std::uint32_t> offsets)
    : content_(std::move(content)), offsets_(std::move(offsets)) {
  FindRuns();
}

Result<std::shared_ptr<const Delta>> Delta::FromChangelog(Changelog changelog, std::string_view delimiter) {
  if (IsStrictlyAscending(changelog)) {
    return std::shared_ptr<const Delta>(new Delta(std::move(changelog.content), std::move(changelog.offsets)));
  }
  const std::size_t count = changelog.offsets.size();
  std::vector<std::string_view> keys(count);
  std::size_t joints = 0;
  for (std::size_t i = 0; i < count; ++i) {
    keys[i] = changelog.record(i).key;
  }
  const std::vector<std::uint32_t> order = SortedOrder(keys);
  for (std::size_t i = 1; i < count; ++i) {
    joints += keys[order[i]] == keys[order[i - 1]] ? 1 : 0;
  }
  // Joining elements takes a delimiter where it saves a record's frame and key.
  const std::size_t record_bytes = changelog.content.size() + joints * delimiter.size();
  if (!FitsDelta(record_bytes)) {
    return Corrupt("the operations of one version exceed 4 GiB");
  }
  DeltaBuilder builder(count - joints, record_bytes);
  NetOperation net(delimiter);
  for (std::size_t i = 0; i < count; ++i) {
    const ChangelogRecord record = changelog.record(order[i]);
    const bool is_first = i == 0 || keys[order[i - 1]] != record.key;
    is_first ? net.Start(record) : net.Add(record);
    if (i + 1 == count || keys[order[i + 1]] != record.key) {
      builder.Add(net.op(), record.key, net.value());
    }
  }
  return builder.Finish();
}

void Delta::FindRuns() {
  for (std::size_t begin = 0; begin < size();) {
    const std::uint16_t family = FamilyDigest(key(begin));
    const auto positions = std::views::iota(begin, size());
    const std::size_t end =
        begin + static_cast<std::size_t>(std::ranges::partition_point(
                                             positions, [&](std::size_t i) { return FamilyDigest(key(i)) == family; }) -
                                         positions.begin());
    const std::size_t shared = CommonPrefix(key(begin), key(end - 1));
    runs_.push_back({family, static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end),
                     static_cast<std::uint32_t>(shared)});
    begin = end;
  }
}

const std::vector<std::uint64_t>& Delta::Digests() const {
  std::call_once(digests_made_, [this] {
    digests_.resize(size());
    for (const Run& run : runs_) {
      for (std::size_t i = run.begin; i < run.end; ++i) {
        digests_[i] = KeyDigest(key(i), run.shared);
      }
    }
  });
  return digests_;
}

std::uint64_t Delta::HashOf(std::string_view key) { return XXH3_64bits(key.data(), key.size()); }

void Delta::MakeFilter() const {
  filter_.resize(std::bit_ceil(size() / kKeysPerFilterWord + 1));
  for (std::size_t i = 0; i < size(); ++i) {
    const std::uint64_t hash = HashOf(key(i));
    filter_[hash & (filter_.size() - 1)] |= FilterBits(hash);
  }
}

bool Delta::MayHave(std::uint64_t hash) const {
  if (asked_.load(std::memory_order_relaxed) * kKeysPerQuestion < size()) {
    asked_.fetch_add(1, std::memory_order_relaxed);
    return true;
  }
  std::call_once(filter_made_, [this] { MakeFilter(); });
  const std::uint64_t bits = FilterBits(hash);
  return (filter_[hash & (filter_.size() - 1)] & bits) == bits;
}

std::vector<std::string_view> Delta::FirstKeys() const {
  std::vector<std::string_view> keys;
  for (const Run& run : runs_) {
    keys.push_back(key(run.begin));
  }
  return keys;
}

std::size_t Delta::memory_bytes() const {
  return content_.capacity() + offsets_.capacity() * sizeof(std::uint32_t) +
         (size() + size() / kKeysPerFilterWord) * sizeof(std::uint64_t);
}

std::size_t Delta::SearchRun(const Run& run, std::string_view key, std::size_t from) const {
  const std::string_view shared = this->key(run.begin).substr(0, run.shared);
  const int compared = key.substr(0, run.shared).compare(shared);
  if (compared != 0) {
    return compared < 0 ? run.begin : run.end;
  }
  const std::vector<std::uint64_t>& digests = Digests();
  const std::uint64_t digest = KeyDigest(key, run.shared);
  std::size_t low = std::max<std::size_t>(run.begin, from);
  std::size_t high = low;
  for (std::size_t step = 1; high < run.end && digests[high] < digest; step *= 2) {
    low = high + 1;
    high = std::min<std::size_t>(run.end, high + step);
  }
  const auto begin = digests.begin();
  auto at = static_cast<std::size_t>(
      std::lower_bound(begin + static_cast<std::ptrdiff_t>(low), begin + static_cast<std::ptrdiff_t>(high), digest) -
      begin);
  if (at == run.end || digests[at] != digest || this->key(at) >= key) {
    return at;
  }
  const auto tie_end = static_cast<std::size_t>(
      std::upper_bound(begin + static_cast<std::ptrdiff_t>(at), begin + static_cast<std::ptrdiff_t>(run.end), digest) -
      begin);
  const auto tie = std::views::iota(at, tie_end);
  return at + static_cast<std::size_t>(
                  std::ranges::partition_point(tie, [&](std::size_t i) { return this->key(i) < key; }) - tie.begin());
}

std::size_t Delta::LowerBound(std::string_view key, std::size_t from) const {
  const std::uint16_t family = FamilyDigest(key);
  for (const Run& run : runs_) {
    if (run.family == family) {
      return std::max(from, SearchRun(run, key, from));
    }
    if (run.family > family) {
      return std::max<std::size_t>(from, run.begin);
    }
  }
  return size();
}

std::size_t Delta::Find(std::string_view key, std::size_t from, bool* found) const {
  const std::size_t at = LowerBound(key, from);
  *found = at < size() && this->key(at) == key;
  return at;
}

DeltaBuilder::DeltaBuilder(std::size_t records, std::size_t record_bytes, std::string_view header) {
  HF_CHECK(FitsDelta(record_bytes), "{} bytes", record_bytes);
  content_.resize(header.size() + record_bytes + 1);
  offsets_.reserve(records);
  std::memcpy(content_.data(), header.data(), header.size());
  at_ = content_.data() + header.size();
}

std::shared_ptr<const Delta> DeltaBuilder::Finish() {
  *at_++ = kChangelogEnd;
  const auto used = static_cast<std::size_t>(at_ - content_.data());
  HF_CHECK(used <= content_.size(), "{} bytes were announced, {} written", content_.size(), used);
  const bool is_loose = used < content_.size() / 2;
  content_.resize(used);
  if (is_loose) {
    content_.shrink_to_fit();
  }
  return std::shared_ptr<const Delta>(new Delta(std::move(content_), std::move(offsets_)));
}

DeltaMerge::DeltaMerge(std::vector<const Delta*> deltas, std::string_view delimiter, std::string_view begin)
    : delimiter_(delimiter) {
  FindShared(deltas);
  for (std::size_t i = 0; i < deltas.size(); ++i) {
    const Delta* delta = deltas[i];
    const std::size_t position = delta->LowerBound(begin);
    if (position < delta->size()) {
      const std::string_view key = delta->key(position);
      heap_.push_back({delta, position, deltas.size() - 1 - i, key, DigestOf(key)});
    }
  }
  std::make_heap(heap_.begin(), heap_.end(), Later);
  Next();
}

void DeltaMerge::FindShared(const std::vector<const Delta*>& deltas) {
  std::map<std::uint16_t, std::string_view> shared;
  for (const Delta* delta : deltas) {
    for (const Delta::Run& run : delta->runs_) {
      const std::string_view prefix = delta->key(run.begin).substr(0, run.shared);
      const auto [known, is_first] = shared.emplace(run.family, prefix);
      if (!is_first) {
        known->second = known->second.substr(0, CommonPrefix(known->second, prefix));
      }
    }
  }
  for (const auto& [family, prefix] : shared) {
    shared_.push_back({family, prefix.size()});
  }
}

std::uint64_t DeltaMerge::DigestOf(std::string_view key) const {
  const std::uint16_t family = FamilyDigest(key);
  auto shared = shared_.begin();
  while (shared->family != family) {
    ++shared;
  }
  return std::uint64_t{family} << 48 | KeyDigest(key, shared->bytes) >> 16;
}

void DeltaMerge::AdvanceTop() {
  Cursor& top = heap_.front();
  if (++top.position == top.delta->size()) {
    top = heap_.back();
    heap_.pop_back();
  } else {
    top.key = top.delta->key(top.position);
    top.digest = DigestOf(top.key);
  }
  SinkTop();
}

// Brings the heap in order when only its top may be out of place.
void DeltaMerge::SinkTop() {
  std::size_t at = 0;
  while (2 * at + 1 < heap_.size()) {
    std::size_t child = 2 * at + 1;
    if (child + 1 < heap_.size() && Later(heap_[child], heap_[child + 1])) {
      ++child;
    }
    if (!Later(heap_[at], heap_[child])) {
      return;
    }
    std::swap(heap_[at], heap_[child]);
    at = child;
  }
}

void DeltaMerge::Next() {
  valid_ = !heap_.empty();
  if (!valid_) {
    return;
  }
  record_ = heap_.front().delta->record(heap_.front().position);
  AdvanceTop();
  if (!heap_.empty() && heap_.front().key == record_.key) {
    JoinOlder();
  }
}

void DeltaMerge::JoinOlder() {
  const bool was_merge = record_.op == StateOp::kMerge;
  elements_.assign(1, record_.value);
  while (!heap_.empty() && heap_.front().key == record_.key) {
    if (record_.op == StateOp::kMerge) {
      const ChangelogRecord older = heap_.front().delta->record(heap_.front().position);
      if (older.op != StateOp::kMerge) {
        record_.op = StateOp::kPut;
      }
      if (older.op != StateOp::kDelete) {
        elements_.push_back(older.value);
      }
    }
    AdvanceTop();
  }
  if (!was_merge || elements_.size() == 1) {
    return;
  }
  joined_.assign(elements_.back());
  for (std::size_t i = elements_.size() - 1; i-- > 0;) {
    AppendElement(joined_, delimiter_, elements_[i]);
  }
  record_.value = joined_;
}

}  // namespace hf
