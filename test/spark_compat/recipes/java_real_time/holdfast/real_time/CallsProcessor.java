// SPDX-License-Identifier: Apache-2.0
package holdfast.real_time;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.*;
import scala.jdk.javaapi.CollectionConverters;

/** Puts out a row for each call: which rows it got, what the clocks say, and what is in the state. */
public final class CallsProcessor extends StatefulProcessor<String, Row, String> {
  private static final long FAIL = 666;

  private final boolean eventTime;
  private final long ttlMs;
  private transient ValueState<Long> total;
  private transient ValueState<Long> recent;

  /** `ttlMs` 0: no TTL. */
  CallsProcessor(boolean eventTime, long ttlMs) {
    this.eventTime = eventTime;
    this.ttlMs = ttlMs;
  }

  @Override
  public void init(OutputMode outputMode, TimeMode timeMode) {
    total = getHandle().getValueState("total", Encoders.LONG(), TTLConfig.NONE());
    TTLConfig kept = ttlMs > 0 ? new TTLConfig(Duration.ofMillis(ttlMs)) : TTLConfig.NONE();
    recent = getHandle().getValueState("recent", Encoders.LONG(), kept);
    tellOfTask("init");
  }

  @Override
  public scala.collection.Iterator<String> handleInputRows(
      String key, scala.collection.Iterator<Row> rows, TimerValues clocks) {
    ObjectNode told = called("rows", key, clocks);
    var numbers = told.putArray("n");
    long sum = total.exists() ? total.get() : 0;
    while (rows.hasNext()) {
      Row row = rows.next();
      long n = row.<Long>getAs("n");
      if (n == FAIL) {
        throw new IllegalStateException("666 is not for this processor");
      }
      numbers.add(n);
      sum += n;
      recent.update(n);
      Long delay = row.getAs("delay");
      if (delay != null) {
        long from = eventTime ? row.<java.sql.Timestamp>getAs("at").getTime() : clocks.getCurrentProcessingTimeInMs();
        getHandle().registerTimer(from + delay);
      }
    }
    total.update(sum);
    return single(told.put("total", sum));
  }

  @Override
  public scala.collection.Iterator<String> handleExpiredTimer(
      String key, TimerValues clocks, ExpiredTimerInfo expired) {
    ObjectNode told = called("timer", key, clocks).put("expiry", expired.getExpiryTimeInMs());
    return single(told.put("total", total.exists() ? total.get() : 0));
  }

  @Override
  public void close() {
    tellOfTask("close");
  }

  /** The driver calls init and close, too, to learn what is declared. */
  private static void tellOfTask(String what) {
    if (TaskContext.get() != null) {
      Heard.tell(Heard.event(what));
    }
  }

  private ObjectNode called(String what, String key, TimerValues clocks) {
    return Heard.event(what).put("key", key).put("processing", clocks.getCurrentProcessingTimeInMs())
        .put("watermark", clocks.getCurrentWatermarkInMs()).put("batch", getHandle().getQueryInfo().getBatchId())
        .put("recent", recent.exists() ? recent.get() : null);
  }

  private static scala.collection.Iterator<String> single(ObjectNode row) {
    return CollectionConverters.asScala(new ArrayList<>(List.of(row.toString())).iterator());
  }
}
