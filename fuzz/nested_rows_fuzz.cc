// SPDX-License-Identifier: Apache-2.0
// What stands in the keys and values of lists, maps, timers and TTL: rows within rows, and elements behind one another.
// First byte: the encoding and what it is. What is read and written again reads again as the same.
#include "fuzz_target.h"
#include "state/nested_rows.h"

namespace hf {
namespace {

void StructRow(StateEncoding encoding, std::string_view bytes) {
  if (const auto read = ReadStructRow(encoding, bytes); read.has_value()) {
    std::string written;
    AppendStructsRow(encoding, {*read}, written);
    HF_FUZZ_CHECK(ReadStructRow(encoding, written) == read);
  }
}

void StructPairRow(StateEncoding encoding, std::string_view bytes) {
  static const AvroSkipper first = [] {
    auto skipper = AvroSkipper::Compile(*Schema::FromDdl("key STRING, n BIGINT"));
    HF_FUZZ_CHECK(skipper.ok());
    return std::move(*skipper);
  }();
  if (const auto read = ReadStructPairRow(encoding, bytes, first); read.has_value()) {
    std::string written;
    AppendStructsRow(encoding, {read->first, read->second}, written);
    const auto again = ReadStructPairRow(encoding, written, first);
    HF_FUZZ_CHECK(again.has_value() && again->first == read->first && again->second == read->second);
  }
}

void LongRow(StateEncoding encoding, std::string_view bytes) {
  if (const auto read = ReadLongRow(encoding, bytes); read.has_value()) {
    std::string written;
    AppendLongRow(encoding, *read, written);
    HF_FUZZ_CHECK(ReadLongRow(encoding, written) == read);
  }
}

void Expiring(StateEncoding encoding, std::string_view bytes) {
  if (const auto read = ReadExpiringRow(encoding, bytes); read.has_value()) {
    std::string written;
    AppendExpiringRow(encoding, read->value, read->expiration_ms, written);
    const auto again = ReadExpiringRow(encoding, written);
    HF_FUZZ_CHECK(again.has_value() && again->value == read->value && again->expiration_ms == read->expiration_ms);
  }
}

// Each element lies within the list, behind the one before it.
void List(StateEncoding encoding, std::string_view list) {
  const RowFrame frame{.encoding = encoding};
  const std::string_view delimiter = fuzz::TakeByte(list) % 2 == 0 ? "" : ",";
  while (!list.empty()) {
    const char* const from = list.data();
    const std::size_t size = list.size();
    const auto element = frame.TakeElement(delimiter, &list);
    if (!element.has_value()) {
      return;
    }
    HF_FUZZ_CHECK(list.size() < size && element->bytes.data() > from);
    HF_FUZZ_CHECK(element->bytes.data() + element->bytes.size() <= from + (size - list.size()));
  }
}

void Keys(StateEncoding encoding, std::string_view bytes) {
  const RowFrame frame{.encoding = encoding};
  static_cast<void>(frame.ReadRow(bytes));
  static_cast<void>(frame.ReadKey(bytes));
  static_cast<void>(frame.ReadPrefixedKey(bytes));
}

}  // namespace

HOLDFAST_FUZZ_TARGET(nested_rows) {
  const unsigned variant = fuzz::TakeByte(bytes);
  const StateEncoding encoding = variant % 2 == 0 ? StateEncoding::kAvro : StateEncoding::kUnsafeRow;
  switch (variant / 2 % 6) {
    case 0: return StructRow(encoding, bytes);
    case 1: return StructPairRow(encoding, bytes);
    case 2: return LongRow(encoding, bytes);
    case 3: return Expiring(encoding, bytes);
    case 4: return List(encoding, bytes);
    default: return Keys(encoding, bytes);
  }
}

}  // namespace hf
