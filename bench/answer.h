// SPDX-License-Identifier: Apache-2.0
// What every system of the sessionize benchmark must agree on, and the one line it is printed as.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace bench {

struct Answer {
  std::int64_t rows = 0;             // ended sessions
  std::int64_t sum_event_count = 0;  // events in them
  double revenue = 0;                // of them
  std::int64_t live_keys = 0;        // sessions that are still open

  void CountEnded(std::int64_t event_count, double session_revenue) {
    rows += 1;
    sum_event_count += event_count;
    revenue += session_revenue;
  }
  void Add(const Answer& other) {
    rows += other.rows;
    sum_event_count += other.sum_event_count;
    revenue += other.revenue;
    live_keys += other.live_keys;
  }
};

// Prints one JSON line. `more`: further members, `"name":value` with a comma between them, or empty. Revenue is
// rounded to cents, so that the order of adding does not show.
inline void PrintAnswer(const Answer& answer, std::string_view more = {}) {
  fmt::print("{{\"answer\":{{\"rows\":{},\"sum_event_count\":{},\"revenue\":{:.2f},\"live_keys\":{}}}{}{}}}\n",
             answer.rows, answer.sum_event_count, std::round(answer.revenue * 100) / 100, answer.live_keys,
             more.empty() ? "" : ",", more);
}

// Ends the program with a message; a benchmark has nobody to hand an error to.
[[noreturn]] inline void Die(std::string_view message) {
  fmt::print(stderr, "{}\n", message);
  std::exit(1);
}

}  // namespace bench
