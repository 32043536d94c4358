// SPDX-License-Identifier: Apache-2.0
#include "engine/dialect.h"

#include <gmock/gmock.h>

#include <optional>
#include <string>

#include "support/status_matchers.h"

namespace hf {
namespace {

using test::HasKind;
using test::IsOk;

struct TwoColumns {
  std::int64_t shard = 0;
  std::optional<std::int32_t> site;
};
HOLDFAST_STRUCT(TwoColumns, shard, site);

const TypeLayout& Layout() { return detail::LayoutOf<TwoColumns>::Get(); }

Schema Ddl(const char* text) { return Schema::Parse(text).value(); }

std::vector<StateFamilySchema> FileWith(const char* family, const char* key) {
  return {{.family = family, .key_schema = Ddl(key), .value_schema = Ddl("value BINARY"), .key_encoder_json = "{}"}};
}

std::string Jvm(const std::vector<StateFamilySchema>* file) {
  return KeyStructOf(kJvmOperator, Ddl("a BIGINT,b INT"), Layout(), file).ToDdl();
}

TEST(Dialect, OnlySparksThreeNamesAreGoneOnWith) {
  for (const std::string_view name : kOperatorNames) {
    EXPECT_THAT(CheckOperatorName(name), IsOk());
  }
  EXPECT_THAT(CheckOperatorName("flatMapGroupsWithState"), HasKind(ErrorKind::kIncompatible));
}

TEST(Dialect, PythonsKeyIsTheGroupingColumns) {
  const auto file = FileWith("default", "x BIGINT,y INT");
  for (const std::string_view name : {kRowOperator, kPandasOperator}) {
    EXPECT_EQ(KeyStructOf(name, Ddl("a BIGINT,b INT"), Layout(), &file).ToDdl(), "a BIGINT,b INT");
  }
}

TEST(Dialect, TheJvmsNewKeyHasWhatItsEncoderWouldSay) {
  EXPECT_EQ(Jvm(nullptr), "a BIGINT NOT NULL,b INT");
  EXPECT_EQ(KeyStructOf(kJvmOperator, Ddl("id STRING"), detail::RowLayoutOf<std::string>(), nullptr).ToDdl(),
            "value STRING");
  EXPECT_EQ(KeyStructOf(kJvmOperator, Ddl("id BIGINT"), detail::RowLayoutOf<std::int64_t>(), nullptr).ToDdl(),
            "value BIGINT NOT NULL");
}

TEST(Dialect, TheJvmsKeyStaysAsItIsRecordedWhenTheTypesAgreeByPlace) {
  for (const char* recorded : {"x BIGINT NOT NULL,y INT", "x BIGINT,y INT", "a BIGINT,b INT"}) {
    const auto file = FileWith("default", recorded);
    EXPECT_EQ(Jvm(&file), recorded);
  }
}

TEST(Dialect, AKeyThatDoesNotFitIsLeftToTheRules) {
  for (const char* recorded :
       {"x INT,y INT", "x BIGINT", "b BIGINT,a INT", "x BIGINT,y INT NOT NULL", "x BIGINT,y INT,z INT"}) {
    const auto file = FileWith("default", recorded);
    EXPECT_EQ(Jvm(&file), "a BIGINT,b INT") << recorded;
  }
  const auto without = FileWith("v", "x BIGINT,y INT");
  EXPECT_EQ(Jvm(&without), "a BIGINT,b INT");
}

}  // namespace
}  // namespace hf
