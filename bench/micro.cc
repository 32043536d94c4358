// SPDX-License-Identifier: Apache-2.0
// The parts of a batch, one at a time: codec, grouping, cells, changelog, store. Items are events or keys.
#include <benchmark/benchmark.h>

#include <filesystem>

#include "answer.h"
#include "base/random.h"
#include "codec/avro/avro_reader.h"
#include "codec/avro/avro_writer.h"
#include "engine/grouping.h"
#include "files/disk_file_system.h"
#include "files/posix_disk.h"
#include "sessionization/streamshop.h"
#include "state/cells.h"
#include "state/changelog.h"
#include "state/compressed_stream.h"
#include "state/delta.h"
#include "state/store.h"

namespace bench {
namespace {

using streamshop::SessionV1;
using streamshop::SessionV2;

constexpr std::size_t kKeys = 50'000;  // of one partition in a batch of 100,000 events

template <typename T>
const hf::TypeLayout& LayoutOf() {
  return hf::detail::LayoutOf<T>::Get();
}
template <typename T>
hf::Schema SchemaOf() {
  return hf::SchemaOf(LayoutOf<T>());
}

std::string Id(std::size_t number) { return fmt::format("s{:07}", number); }

SessionV1 Session(std::size_t number) {
  SessionV1 session;
  session.session_id = Id(number);
  session.user_id = fmt::format("u{:06}", number / 3);
  session.event_count = static_cast<std::int32_t>(number % 90);
  session.total_revenue = static_cast<double>(number) / 7;
  session.session_start = {1'767'225'600'000'000 + static_cast<std::int64_t>(number)};
  return session;
}

std::string Encoded(std::size_t number) {
  static const hf::AvroWriter writer = hf::AvroWriter::Compile(SchemaOf<SessionV1>(), LayoutOf<SessionV1>()).value();
  const SessionV1 session = Session(number);
  std::string bytes;
  if (!writer.Encode(&session, bytes).ok()) {
    Die("a session does not encode");
  }
  return bytes;
}

void Count(benchmark::State& state, std::size_t items) {
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(items));
}

void AvroEncode(benchmark::State& state) {
  const hf::AvroWriter writer = hf::AvroWriter::Compile(SchemaOf<SessionV1>(), LayoutOf<SessionV1>()).value();
  const SessionV1 session = Session(123'456);
  std::string bytes;
  for (auto _ : state) {
    bytes.clear();
    benchmark::DoNotOptimize(writer.Encode(&session, bytes).ok());
  }
  Count(state, 1);
}
BENCHMARK(AvroEncode);

// The value that version 1 wrote, as version `View` sees it.
template <typename View>
void AvroDecode(benchmark::State& state) {
  const hf::AvroReader reader = hf::AvroReader::Compile(SchemaOf<SessionV1>(), LayoutOf<View>()).value();
  const std::string bytes = Encoded(123'456);
  View session;
  for (auto _ : state) {
    benchmark::DoNotOptimize(reader.Decode(bytes, &session).ok());
  }
  Count(state, 1);
}
BENCHMARK(AvroDecode<SessionV1>)->Name("AvroDecode/V1");
BENCHMARK(AvroDecode<SessionV2>)->Name("AvroDecode/V1asV2");

void Group(benchmark::State& state) {
  hf::SeededRandom random(1);
  std::vector<std::string> texts;
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < kKeys; ++row) {
    texts.push_back(Id(random.Next64() % 1'000'000));
    rows.push_back(row);
  }
  const std::vector<std::string_view> keys(texts.begin(), texts.end());
  hf::Grouping grouping;
  for (auto _ : state) {
    grouping.Clear();
    grouping.Add(0, rows, keys);
    grouping.Finish();
    benchmark::DoNotOptimize(grouping.groups());
  }
  Count(state, kKeys);
}
BENCHMARK(Group)->Unit(benchmark::kMicrosecond);

// A delta of kKeys sessions.
std::shared_ptr<const hf::Delta> MakeDelta(std::size_t first, std::size_t step) {
  std::vector<std::pair<std::string, std::string>> records;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < kKeys; ++i) {
    records.emplace_back(std::string("\2\0\0\0\0", 5) + Id(first + i * step), Encoded(first + i * step));
    bytes += hf::RecordBytes(records.back().first, records.back().second);
  }
  hf::DeltaBuilder builder(records.size(), bytes);
  for (const auto& [key, value] : records) {
    builder.Add(hf::StateOp::kPut, key, value);
  }
  return builder.Finish();
}

void ChangelogCompress(benchmark::State& state) {
  const auto delta = MakeDelta(0, 17);
  for (auto _ : state) {
    benchmark::DoNotOptimize(hf::Compress(hf::CompressionCodec::kLz4, delta->content()).value().size());
  }
  Count(state, kKeys);
}
BENCHMARK(ChangelogCompress)->Unit(benchmark::kMicrosecond);

void ChangelogRead(benchmark::State& state) {
  const std::string file = hf::Compress(hf::CompressionCodec::kLz4, MakeDelta(0, 17)->content()).value();
  for (auto _ : state) {
    hf::Changelog changelog = hf::ReadChangelog(file, hf::CompressionCodec::kLz4).value();
    benchmark::DoNotOptimize(hf::Delta::FromChangelog(std::move(changelog), "").value()->size());
  }
  Count(state, kKeys);
}
BENCHMARK(ChangelogRead)->Unit(benchmark::kMicrosecond);

void MergeTenDeltas(benchmark::State& state) {
  std::vector<std::shared_ptr<const hf::Delta>> kept;
  std::vector<const hf::Delta*> deltas;
  for (std::size_t i = 0; i < 10; ++i) {
    deltas.push_back(kept.emplace_back(MakeDelta(i, 11 + i)).get());
  }
  for (auto _ : state) {
    std::size_t keys = 0;
    for (hf::DeltaMerge merge(deltas, ""); merge.valid(); merge.Next()) {
      ++keys;
    }
    benchmark::DoNotOptimize(keys);
  }
  Count(state, 10 * kKeys);
}
BENCHMARK(MergeTenDeltas)->Unit(benchmark::kMicrosecond);

// A store in a directory of its own.
class Bed {
 public:
  Bed() {
    std::string pattern = (std::filesystem::temp_directory_path() / "holdfast-bench-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
    hf::StoreOptions options;
    options.files = &files_;
    options.directory = directory_ + "/state";
    options.scratch_directory = directory_ + "/scratch";
    store_ = hf::Store::Open(options, 0).value();
    family_ = store_->EnsureFamily("session_state").value();
  }
  ~Bed() {
    store_.reset();
    std::filesystem::remove_all(directory_);
  }
  hf::Store& store() { return *store_; }
  [[nodiscard]] hf::FamilyId family() const { return family_; }

 private:
  std::string directory_;
  hf::PosixDisk disk_;
  hf::DiskFileSystem files_{disk_};
  std::unique_ptr<hf::Store> store_;
  hf::FamilyId family_ = 0;
};

// A batch over cells of which `state.range(0)` are known: bind, put, confirm.
void CellsBatch(benchmark::State& state) {
  Bed bed;
  hf::Cells cells(bed.family(), true);
  hf::SeededRandom random(2);
  const auto known = static_cast<std::uint64_t>(state.range(0));
  const std::string value = Encoded(1);
  for (auto _ : state) {
    state.PauseTiming();
    hf::GroupKeys keys;
    const std::uint64_t first = random.Next64() % known;
    for (std::size_t i = 0; i < kKeys; ++i) {  // 17 divides no number of known keys, so each comes once
      keys.arena().append("??", 2).append(3, '\0').append(Id((first + i * 17) % known));
      keys.EndKey();
    }
    state.ResumeTiming();
    std::vector<hf::Cell*> bound;
    if (!cells.Bind(keys, bed.store(), &bound).ok()) {
      Die("binding failed");
    }
    for (hf::Cell*& cell : bound) {
      cells.Put(&cell, value);
    }
    cells.EndBatch({}, std::size_t{1} << 40);
  }
  Count(state, kKeys);
}
BENCHMARK(CellsBatch)->Arg(100'000)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

// From the cells' net operations to the bytes of a changelog.
void StorePrepare(benchmark::State& state) {
  Bed bed;
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < kKeys; ++i) {
    std::string key(5, '\0');
    const hf::FamilyId family = bed.family();
    std::memcpy(key.data(), &family, sizeof(family));
    pairs.emplace_back(key + Id(i * 17), Encoded(i));
  }
  for (auto _ : state) {
    std::vector<hf::StateRecord> records;
    for (const auto& [key, value] : pairs) {
      records.push_back({.op = hf::StateOp::kPut, .key = key, .value = value, .existed = false});
    }
    benchmark::DoNotOptimize(bed.store().Prepare(records).value().changelog_bytes.size());
    state.PauseTiming();
    bed.store().Abort();
    bed.store().EnsureFamily("session_state").value();
    state.ResumeTiming();
  }
  Count(state, kKeys);
}
BENCHMARK(StorePrepare)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace bench

BENCHMARK_MAIN();
