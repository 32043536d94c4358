// SPDX-License-Identifier: Apache-2.0
package holdfast.real_time;

import java.sql.Timestamp;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.execution.datasources.v2.LowLatencyClock$;
import org.apache.spark.sql.execution.streaming.sources.LowLatencyMemoryStream;
import org.apache.spark.sql.execution.streaming.sources.LowLatencyMemoryStream$;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** For real_time.py: a query over a source of one partition whose rows are pushed. */
public final class RealTimeQuery {
  private static final StructType ROW = StructType.fromDDL("k string, n bigint, delay bigint, at timestamp");

  private final LowLatencyMemoryStream<Row> stream;

  public RealTimeQuery(SparkSession session) {
    LowLatencyClock$.MODULE$.setClock(new SteppedClock());  // the stream asks for it now
    stream = LowLatencyMemoryStream$.MODULE$.apply(session, 1, Encoders.row(ROW));
  }

  /** `batchMs` 0: trigger AvailableNow. */
  public StreamingQuery start(String checkpoint, String timeMode, long ttlMs, long batchMs, String outputMode) {
    Dataset<Row> rows = stream.toDF();
    TimeMode time = switch (timeMode) {
      case "ProcessingTime" -> TimeMode.ProcessingTime();
      case "EventTime" -> TimeMode.EventTime();
      default -> TimeMode.None();
    };
    if (timeMode.equals("EventTime")) {
      rows = rows.withWatermark("at", "10 seconds");
    }
    Dataset<String> made = rows.groupByKey((MapFunction<Row, String>) row -> row.getAs("k"), Encoders.STRING())
        .transformWithState(new CallsProcessor(timeMode.equals("EventTime"), ttlMs), time,
            outputMode.equals("append") ? OutputMode.Append() : OutputMode.Update(), Encoders.STRING());
    var writer = made.writeStream().foreach(new Heard.Writer()).outputMode(outputMode)
        .option("checkpointLocation", checkpoint);
    try {
      return writer.trigger(batchMs > 0 ? Trigger.RealTime(batchMs) : Trigger.AvailableNow()).start();
    } catch (java.util.concurrent.TimeoutException failure) {
      throw new IllegalStateException(failure);
    }
  }

  public Dataset<Row> rows() {
    return stream.toDF();
  }

  public void push(String key, long n, Long delay, Long atMs) {
    Row row = RowFactory.create(key, n, delay, atMs == null ? null : new Timestamp(atMs));
    stream.addData(CollectionConverters.asScala(List.of(row)));
  }
}
