# SPDX-License-Identifier: Apache-2.0
"""A processor of somebody else: a library built against an installed Holdfast and nothing of this tree, and queries that
use it."""
import json
import shutil

from support.script import BUILD, run

PROCESSORS = """
#include <holdfast/plugin.h>

namespace shop {

struct Click {
  std::string user;
  double spent = 0;
  std::optional<std::string> page;
};
HOLDFAST_STRUCT(Click, user, spent, page);

struct Total {
  std::string user;
  std::int64_t clicks = 0;
  double spent = 0;
};
HOLDFAST_STRUCT(Total, user, clicks, spent);

struct SeenV1 {
  std::int32_t clicks = 0;
  double spent = 0;
};
HOLDFAST_STRUCT(SeenV1, clicks, spent);

struct SeenV2 {
  std::int64_t clicks = 0;
  double spent = 0;
  std::optional<std::string> last_page;
};
HOLDFAST_STRUCT(SeenV2, clicks, spent, last_page);

struct SeenNarrow {
  std::int16_t clicks = 0;
  double spent = 0;
};
HOLDFAST_STRUCT(SeenNarrow, clicks, spent);

struct SeenLess {
  double spent = 0;
};
HOLDFAST_STRUCT(SeenLess, spent);

struct SeenStrict {  // a page that is never empty
  std::int64_t clicks = 0;
  double spent = 0;
  std::string last_page;
};
HOLDFAST_STRUCT(SeenStrict, clicks, spent, last_page);

struct TotalOnPage {
  std::string user;
  std::int64_t clicks = 0;
  double spent = 0;
  std::optional<std::string> page;
};
HOLDFAST_STRUCT(TotalOnPage, user, clicks, spent, page);

template <typename Seen, typename Row = Total>
class Totals final : public hf::StatefulProcessor<std::string, Click, Row> {
 public:
  void Init(hf::StatefulProcessorHandle& handle) override { seen_ = handle.GetValueState<Seen>("seen"); }
  void HandleInputRows(const std::string& user, hf::RowsOf<Click> clicks, const hf::TimerValues&,
                       hf::Output<Row>& out) override {
    Seen seen = seen_.Get() != nullptr ? *seen_.Get() : Seen();
    std::int64_t count = 0;
    for (const Click& click : clicks) {
      if constexpr (requires { seen.clicks; }) {
        ++seen.clicks;
        count = seen.clicks;
      }
      seen.spent += click.spent;
      if constexpr (requires { seen.last_page; }) {
        if constexpr (std::is_same_v<Seen, SeenStrict>) {
          seen.last_page = click.page.value_or("");
        } else {
          seen.last_page = click.page;
        }
      }
    }
    seen_.Update(seen);
    if constexpr (std::is_same_v<Row, TotalOnPage>) {
      out.Emit({user, count, seen.spent, seen.last_page});
    } else {
      out.Emit({user, count, seen.spent});
    }
  }

 private:
  hf::ValueState<Seen> seen_;
};

using TotalsV1 = Totals<SeenV1>;
using TotalsV2 = Totals<SeenV2>;
using TotalsNarrow = Totals<SeenNarrow>;
using TotalsStrict = Totals<SeenStrict>;
using TotalsLess = Totals<SeenLess>;
using TotalsOnPage = Totals<SeenV2, TotalOnPage>;
HOLDFAST_PROCESSOR(TotalsV1)
HOLDFAST_PROCESSOR(TotalsV2)
HOLDFAST_PROCESSOR(TotalsNarrow)
HOLDFAST_PROCESSOR(TotalsStrict)
HOLDFAST_PROCESSOR(TotalsLess)
HOLDFAST_PROCESSOR(TotalsOnPage)

}  // namespace shop

// What a library of other headers exports.
extern "C" int holdfast_abi_Ancient() { return 0; }
extern "C" void* holdfast_processor_Ancient() { return nullptr; }
"""

CMAKE = """
cmake_minimum_required(VERSION 3.25)
project(shop LANGUAGES CXX)
find_package(Holdfast 0.1 REQUIRED CONFIG)
add_library(shop MODULE shop.cc)
target_link_libraries(shop PRIVATE Holdfast::holdfast)
"""


SOURCE = {"format": "json", "path": "in"}
SINK = {"format": "delta", "path": "totals"}


class Shop:
    """A plugin's project outside of the tree, and queries that use it."""

    def __init__(self, directory):
        self.directory = directory
        prefix = directory / "prefix"
        run("cmake", "--install", BUILD, "--prefix", prefix)
        # As on another machine: nothing may hang on where it was installed.
        self.prefix = directory / "moved"
        prefix.rename(self.prefix)
        self.holdfast_path = self.prefix / "bin/holdfast"
        project = directory / "project"
        project.mkdir()
        (project / "shop.cc").write_text(PROCESSORS)
        (project / "CMakeLists.txt").write_text(CMAKE)
        generator = ["-G", "Ninja"] if shutil.which("ninja") else []
        run("cmake", "-S", project, "-B", project / "build", *generator, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON")
        run("cmake", "--build", project / "build")
        self.clicks = []

    def add_clicks(self, *clicks):
        file = self.directory / f"query/in/{len(self.clicks):03}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        hidden = file.with_name("." + file.name)  # so that a running query sees it whole
        hidden.write_text("".join(json.dumps(dict(zip(("user", "spent", "page"), click))) + "\n" for click in clicks))
        hidden.rename(file)
        self.clicks.append(clicks)

    def run_query(self, processor, code=0, more=None, arguments=()):
        query = {"name": "shop", "source": SOURCE, "groupBy": ["user"],
                 "processor": {"library": "../project/build/libshop.so", "class": processor},
                 "sink": SINK, "checkpointLocation": "checkpoint",
                 "trigger": {"availableNow": True}, "conf": {"spark.sql.shuffle.partitions": 2}, **(more or {})}
        file = self.directory / "query/query.json"
        file.write_text(json.dumps({key: value for key, value in query.items() if value is not None}))
        return self.holdfast("run", file, *arguments, code=code)

    def holdfast(self, *arguments, code=0):
        return run(self.holdfast_path, *arguments, code=code, cwd="/")

    def count_rows(self, table):
        return self.holdfast("sql", "--format", "json", "--table", f"t={self.directory}/query/{table}",
                             "SELECT count(*) AS n FROM t").rows()[0]["n"]

    def state(self):
        rows = self.holdfast("state", self.directory / "query/checkpoint", "--format", "json").rows()
        return {row["key"]["user"]: row["value"] for row in rows}

    def files(self):
        checkpoint = self.directory / "query/checkpoint"
        return {path: path.read_bytes() for path in checkpoint.rglob("*") if path.is_file()}
