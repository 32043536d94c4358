// SPDX-License-Identifier: Apache-2.0
#include "holdfast/row_access.h"

#include <gtest/gtest.h>

#include "rows/random_for_test.h"

namespace access_test {

struct Part {
  std::string name;
  std::optional<double> price;
  bool operator==(const Part&) const = default;
};
HOLDFAST_STRUCT(Part, name, price);

struct Everything {
  bool flag = false;
  std::int8_t tiny = 0;
  std::int16_t small = 0;
  std::int32_t whole = 0;
  std::int64_t big = 0;
  float single = 0;
  double real = 0;
  std::string text;
  hf::Binary bytes;
  hf::Date day;
  hf::Timestamp instant;
  hf::TimestampNtz reading;
  hf::DecimalOf<20, 3> amount;
  Part part;
  std::vector<Part> parts;
  std::vector<std::optional<std::int32_t>> numbers;
  std::map<std::string, std::optional<std::int64_t>> counts;
  std::optional<std::string> maybe_text;
  std::optional<Part> maybe_part;
  std::optional<std::vector<std::string>> maybe_list;
  bool operator==(const Everything&) const = default;
};
HOLDFAST_STRUCT(Everything, flag, tiny, small, whole, big, single, real, text, bytes, day, instant, reading, amount,
                part, parts, numbers, counts, maybe_text, maybe_part, maybe_list);

struct View {
  std::string_view text;
  std::int32_t whole = 0;
};
HOLDFAST_STRUCT(View, text, whole);

}  // namespace access_test

namespace hf {
namespace {

using access_test::Everything;
using access_test::View;

template <typename T>
const TypeLayout& LayoutFor() {
  return detail::LayoutOf<T>::Get();
}

Everything Sample() {
  Everything made;
  made.flag = true;
  made.tiny = -1;
  made.small = -2;
  made.whole = -3;
  made.big = INT64_MIN;
  made.single = 1.5f;
  made.real = 2.5;
  made.text = "a text that is longer than sixteen bytes";
  made.bytes = {std::string("\0\xFF", 2)};
  made.day = {20454};
  made.instant = {1767225600000000};
  made.reading = {-1};
  made.amount = {-(static_cast<__int128>(1) << 65)};
  made.part = {"wheel", 9.5};
  made.parts = {{"a", {}}, {"b", 1.0}};
  made.numbers = {1, {}, 3};
  made.counts = {{"x", 1}, {"y", {}}};
  made.maybe_text = "";
  made.maybe_part = access_test::Part{"p", {}};
  made.maybe_list = std::vector<std::string>{"q"};
  return made;
}

TEST(RowAccess, EveryMemberComesBack) {
  const TypeLayout& layout = LayoutFor<Everything>();
  const Schema schema = SchemaOf(layout);
  auto appender = RowAppender::Make(schema, layout);
  ASSERT_TRUE(appender.ok()) << appender.status().ToString();
  const Everything full = Sample();
  Everything empty;
  (*appender)->Append(&full);
  (*appender)->Append(&empty);
  (*appender)->Append(&full);
  EXPECT_EQ((*appender)->rows(), 3);
  const ColumnBatch batch = (*appender)->Finish();
  EXPECT_EQ((*appender)->rows(), 0);

  const auto reader = RowReader::Compile(schema, layout);
  ASSERT_TRUE(reader.ok());
  // One object for all rows, as the engine does it: nothing of one row may show in the next.
  Everything row = Sample();
  reader->Read(batch, 1, &row);
  EXPECT_EQ(row, empty);
  reader->Read(batch, 2, &row);
  EXPECT_EQ(row, full);
  reader->Read(batch.Slice(1, 2), 0, &row);
  EXPECT_EQ(row, empty);
}

TEST(RowAccess, MembersFindTheirColumnsByName) {
  const Schema schema = *Schema::FromDdl("unused DOUBLE, whole INT, text STRING");
  const ColumnBatch batch = *ColumnBatch::FromRows(schema, {{1.0, std::int32_t{7}, "seven"}});
  const auto reader = RowReader::Compile(schema, LayoutFor<View>());
  ASSERT_TRUE(reader.ok());
  View view;
  reader->Read(batch, 0, &view);
  EXPECT_EQ(view.text, "seven");
  EXPECT_EQ(view.whole, 7);
  EXPECT_EQ(static_cast<const void*>(view.text.data()), static_cast<const void*>(batch.column(2).values));
}

TEST(RowAccess, MisfitsAreNamedWithBothTypes) {
  const auto failure = [](const char* ddl) {
    return std::string(RowReader::Compile(*Schema::FromDdl(ddl), LayoutFor<View>()).status().message());
  };
  EXPECT_EQ(failure("text STRING, whole BIGINT"),
            "member whole: the column has type BIGINT, the member stands for INT");
  EXPECT_EQ(failure("text STRING"), "member whole: there is no such column; there are struct<text:string>");
  const auto append = [](const char* ddl) {
    return std::string(RowAppender::Make(*Schema::FromDdl(ddl), LayoutFor<View>()).status().message());
  };
  EXPECT_EQ(append("whole INT, text STRING"), "");
  EXPECT_EQ(append("text STRING, whole INT, more INT"), "column more: no member of the row has this name");
  const Schema nested = *Schema::FromDdl("part STRUCT<name: STRING, price: INT>");
  struct Holder {
    access_test::Part part;
  };
  TypeLayout layout = detail::StructLayoutOf<Holder>({detail::FieldOf("part", &Holder::part)});
  EXPECT_EQ(RowReader::Compile(nested, layout).status().message(),
            "member part.price: the column has type INT, the member stands for DOUBLE");
}

TEST(RowAccess, ANullWithoutAPlaceIsAnErrorThatNamesTheMember) {
  const Schema schema = *Schema::FromDdl("text STRING, whole INT");
  const ColumnBatch batch = *ColumnBatch::FromRows(schema, {{"x", {}}});
  View view;
  try {
    RowReader::Compile(schema, LayoutFor<View>())->Read(batch, 0, &view);
    FAIL();
  } catch (const StatusError& error) {
    EXPECT_EQ(error.status().message(),
              "the row {\"text\":\"x\",\"whole\":null}: member whole: the column holds a null, but the member is not "
              "optional. Declare it std::optional, or keep such "
              "rows out: a record that cannot be read has nulls too (mode DROPMALFORMED or FAILFAST)");
  }
}

TEST(RowAccess, AColumnWithoutNullsRefusesAnEmptyMember) {
  struct Maybe {
    std::optional<std::int32_t> n;
  };
  const TypeLayout layout = detail::StructLayoutOf<Maybe>({detail::FieldOf("n", &Maybe::n)});
  auto appender = *RowAppender::Make(*Schema::FromDdl("n INT NOT NULL"), layout);
  Maybe row{5};
  appender->Append(&row);
  row.n.reset();
  EXPECT_THROW(appender->Append(&row), StatusError);
}

TEST(RowAccess, DynamicRowsComeBack) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    RandomData random(seed);
    const Schema schema = random.Schema(4, 3);
    const auto layout = RowLayout(schema);
    auto appender = *RowAppender::Make(schema, *layout);
    const std::vector<Row> rows = random.Rows(schema, 20);
    for (const Row& row : rows) {
      appender->Append(&row);
    }
    const ColumnBatch batch = appender->Finish();
    const RowReader reader = *RowReader::Compile(schema, *layout);
    Row row;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      reader.Read(batch, static_cast<std::int64_t>(i), &row);
      ASSERT_EQ(row, rows[i]);
    }
  }
}

TEST(RowAccess, ADynamicRowThatDoesNotFitLeavesNothingBehind) {
  const Schema schema = *Schema::FromDdl("a INT, b STRING");
  const auto layout = RowLayout(schema);
  auto appender = *RowAppender::Make(schema, *layout);
  const Row good = {std::int32_t{1}, "x"};
  const Row bad = {std::int32_t{1}, std::int32_t{2}};
  const Row shorter = {std::int32_t{1}};
  appender->Append(&good);
  EXPECT_THROW(appender->Append(&bad), StatusError);
  EXPECT_THROW(appender->Append(&shorter), StatusError);
  appender->Append(&good);
  EXPECT_EQ(appender->Finish().rows(), 2);
}

}  // namespace
}  // namespace hf
