// SPDX-License-Identifier: Apache-2.0
package holdfast.recipes;

import java.util.List;
import org.apache.spark.api.java.function.FlatMapGroupsWithStateFunction;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.GroupStateTimeout;
import org.apache.spark.sql.streaming.OutputMode;

/** For operators.py: what only the JVM has. */
public final class JvmOperators {
  private JvmOperators() {}

  /** Counts the rows of each `k`. */
  public static Dataset<String> flatMapGroupsWithState(Dataset<Row> rows) {
    FlatMapGroupsWithStateFunction<String, Row, Long, String> count = (key, values, state) -> {
      long rowsSoFar = state.exists() ? state.get() : 0;
      while (values.hasNext()) {
        values.next();
        ++rowsSoFar;
      }
      state.update(rowsSoFar);
      return List.of(key + " " + rowsSoFar).iterator();
    };
    return rows.groupByKey((MapFunction<Row, String>) row -> row.getAs("k"), Encoders.STRING())
        .flatMapGroupsWithState(
            count, OutputMode.Append(), Encoders.LONG(), Encoders.STRING(), GroupStateTimeout.NoTimeout());
  }
}
