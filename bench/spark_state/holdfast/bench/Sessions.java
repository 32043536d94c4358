// SPDX-License-Identifier: Apache-2.0
package holdfast.bench;

import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.ValueState;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** Opens a session for every key that it sees, and emits nothing. In Java, since Spark's Python would take an hour. */
public final class Sessions {
  private static final StructType SESSION = StructType.fromDDL(
      "session_id STRING, user_id STRING, session_start BIGINT, session_end BIGINT, event_count INT, revenue DOUBLE");

  private Sessions() {}

  public static Dataset<String> of(Dataset<Row> rows) {
    MapFunction<Row, String> key = row -> row.getAs("session_id");
    return rows.groupByKey(key, Encoders.STRING())
        .transformWithState(new Opener(), TimeMode.None(), OutputMode.Append(), Encoders.STRING());
  }

  private static final class Opener extends StatefulProcessor<String, Row, String> {
    private transient ValueState<Row> state;

    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {
      state = getHandle().getValueState("session_state", Encoders.row(SESSION), TTLConfig.NONE());
    }

    @Override
    public scala.collection.Iterator<String> handleInputRows(
        String key, scala.collection.Iterator<Row> rows, TimerValues timerValues) {
      Row known = state.get();
      String user = known == null ? null : known.getString(1);
      long start = known == null ? Long.MAX_VALUE : known.getLong(2);
      long end = known == null ? Long.MIN_VALUE : known.getLong(3);
      int events = known == null ? 0 : known.getInt(4);
      double revenue = known == null ? 0 : known.getDouble(5);
      while (rows.hasNext()) {
        Row row = rows.next();
        user = row.getAs("user_id");
        start = Math.min(start, row.<Long>getAs("at"));
        end = Math.max(end, row.<Long>getAs("at"));
        events += 1;
        revenue += row.<Double>getAs("amount");
      }
      state.update(org.apache.spark.sql.RowFactory.create(key, user, start, end, events, revenue));
      return CollectionConverters.asScala(List.<String>of().iterator());
    }
  }
}
