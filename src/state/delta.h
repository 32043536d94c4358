// SPDX-License-Identifier: Apache-2.0
// Delta: the net effect of one batch (or of a replayed changelog) as an immutable sorted run, one record a key.
//
// Its bytes are a changelog's content: the changelog of the batch is those bytes compressed, and a delta that is
// replayed from such a changelog takes them over. Nothing is encoded twice.
//
// Records of one column family agree in their first bytes (family id, version, schema id), so a run keeps, per
// family, how many bytes its keys share and, per record, the eight bytes behind those as a number: a search touches
// an array of numbers and then, almost always, one key.
//
// Immutable after construction, so any number of threads may read it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "holdfast/status.h"
#include "state/changelog.h"
#include "state/key_order.h"

namespace hf {

class Delta {
 public:
  // Takes over a changelog, its records brought into key order and reduced to the net effect when they are not so.
  static Result<std::shared_ptr<const Delta>> FromChangelog(Changelog changelog, std::string_view delimiter);

  [[nodiscard]] std::size_t size() const { return offsets_.size(); }
  [[nodiscard]] bool empty() const { return offsets_.empty(); }
  [[nodiscard]] ChangelogRecord record(std::size_t index) const { return RecordAt(content_.data() + offsets_[index]); }
  [[nodiscard]] std::string_view key(std::size_t index) const { return RecordKeyAt(content_.data() + offsets_[index]); }

  // The first position whose key is not below `key`. `from`: a position at or before it, such as the answer for a
  // smaller key; near answers are then found fast.
  [[nodiscard]] std::size_t LowerBound(std::string_view key, std::size_t from = 0) const;
  // As LowerBound, and *found says whether the key is there.
  std::size_t Find(std::string_view key, std::size_t from, bool* found) const;

  // False: the key, of which HashOf makes `hash`, is not there. Where a delta is asked for single keys often enough it
  // says so of nearly all that are not, for much less than Find.
  [[nodiscard]] bool MayHave(std::uint64_t hash) const;
  static std::uint64_t HashOf(std::string_view key);

  // One key of each column family that has records.
  [[nodiscard]] std::vector<std::string_view> FirstKeys() const;

  // The content of a changelog with this delta's records.
  [[nodiscard]] std::string_view content() const { return content_; }
  [[nodiscard]] std::size_t memory_bytes() const;

 private:
  friend class DeltaBuilder;
  friend class DeltaMerge;

  // Records of one family.
  struct Run {
    std::uint16_t family;  // the first two key bytes as a big-endian number: in the order of the keys
    std::uint32_t begin;
    std::uint32_t end;
    std::uint32_t shared;  // bytes that all keys of the run begin with
  };

  Delta(std::string content, std::vector<std::uint32_t> offsets);
  void FindRuns();
  // Made when first asked for: while the cells know every key, nobody searches.
  [[nodiscard]] const std::vector<std::uint64_t>& Digests() const;
  void MakeFilter() const;
  [[nodiscard]] std::size_t SearchRun(const Run& run, std::string_view key, std::size_t from) const;

  std::string content_;
  std::vector<std::uint32_t> offsets_;
  mutable std::once_flag digests_made_;
  mutable std::vector<std::uint64_t> digests_;  // KeyDigest of each key behind its run's shared bytes
  std::vector<Run> runs_;
  mutable std::atomic<std::size_t> asked_ = 0;  // how often MayHave was, until there is a filter
  mutable std::once_flag filter_made_;
  mutable std::vector<std::uint64_t> filter_;  // a Bloom filter whose keys set bits of one word each; a power of two
};

// Takes records in ascending order of distinct keys.
class DeltaBuilder {
 public:
  // `record_bytes`: the sum of RecordBytes of what will be added; more is not allowed.
  DeltaBuilder(std::size_t records, std::size_t record_bytes, std::string_view header = kChangelogHeader);

  // REQUIRES: a key above the last one, of at least two bytes.
  void Add(StateOp op, std::string_view key, std::string_view value) {
    offsets_.push_back(static_cast<std::uint32_t>(at_ - content_.data()));
    at_ = StoreRecord(at_, op, key, value);
  }
  std::shared_ptr<const Delta> Finish();

 private:
  std::string content_;
  char* at_;
  std::vector<std::uint32_t> offsets_;
};

// Whether a delta with so many bytes of records can be made.
inline bool FitsDelta(std::size_t record_bytes) { return record_bytes <= kChangelogBytesMax - kChangelogHeaderMax - 1; }

// Joins list elements as StringAppendOperator does.
void AppendElement(std::string& value, std::string_view delimiter, std::string_view element);

// Several deltas as one ascending sequence of net operations: the newest wins, list elements are joined.
class DeltaMerge {
 public:
  // `deltas` from oldest to newest; they outlive the merge. Starts at the first key that is not below `begin`.
  DeltaMerge(std::vector<const Delta*> deltas, std::string_view delimiter, std::string_view begin = {});

  [[nodiscard]] bool valid() const { return valid_; }
  // The current operation; views are valid until Next.
  [[nodiscard]] const ChangelogRecord& record() const { return record_; }
  void Next();

 private:
  struct Cursor {
    const Delta* delta;
    std::size_t position;
    std::size_t age;  // 0: newest
    std::string_view key;
    std::uint64_t digest;  // orders as the keys do; equal digests decide nothing
  };
  // Of one family: how many bytes all its keys begin with, in all deltas.
  struct Shared {
    std::uint16_t family;
    std::size_t bytes;
  };
  // The heap's top is the least key, of equal keys the newest.
  static bool Later(const Cursor& a, const Cursor& b) {
    if (a.digest != b.digest) {
      return a.digest > b.digest;
    }
    const int compared = a.key.compare(b.key);
    return compared != 0 ? compared > 0 : a.age > b.age;
  }
  void FindShared(const std::vector<const Delta*>& deltas);
  // Two bytes of family, six bytes behind what the family's keys share.
  [[nodiscard]] std::uint64_t DigestOf(std::string_view key) const;
  void AdvanceTop();
  void SinkTop();
  void JoinOlder();

  const std::string delimiter_;
  std::vector<Shared> shared_;  // by family, ascending
  std::vector<Cursor> heap_;
  std::vector<std::string_view> elements_;  // newest first
  std::string joined_;
  ChangelogRecord record_;
  bool valid_ = false;
};

}  // namespace hf
