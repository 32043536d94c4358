// SPDX-License-Identifier: Apache-2.0
package holdfast.recipes;

import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.TimeMode;

/** The way in for jvm.py. */
public final class JvmQuery {
  private JvmQuery() {}

  /** Groups by the column `k`, or by the bean of the columns `site` and `shard` if there is no `k`. */
  public static Dataset<String> transformed(Dataset<Row> rows, String timeMode, String outputMode) {
    boolean single = java.util.Arrays.asList(rows.columns()).contains("k");
    if (single) {
      return grouped(rows, row -> row.getAs("k"), Encoders.STRING(), timeMode, outputMode);
    }
    return grouped(rows, row -> new SiteKey(row.getAs("site"), row.<Integer>getAs("shard")),
        Encoders.bean(SiteKey.class), timeMode, outputMode);
  }

  private static <K> Dataset<String> grouped(
      Dataset<Row> rows, MapFunction<Row, K> key, Encoder<K> encoder, String timeMode, String outputMode) {
    TimeMode time = switch (timeMode) {
      case "ProcessingTime" -> TimeMode.ProcessingTime();
      case "EventTime" -> TimeMode.EventTime();
      default -> TimeMode.None();
    };
    OutputMode mode = outputMode.equals("Update") ? OutputMode.Update() : OutputMode.Append();
    var processor = new ScriptedProcessor<K>(timeMode.equals("ProcessingTime"));
    return rows.groupByKey(key, encoder).transformWithState(processor, time, mode, Encoders.STRING());
  }
}
