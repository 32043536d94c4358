// SPDX-License-Identifier: Apache-2.0
package holdfast.programs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoder;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder;
import org.apache.spark.sql.execution.streaming.sources.ForeachBatchSink;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StreamingQuery;
import org.apache.spark.sql.streaming.Trigger;
import scala.Option;
import scala.runtime.BoxedUnit;

/** A streaming query, trigger by trigger, whose clock stands still within each. */
public final class SteppedQuery {
  private static final String[] METRICS = {
      "numRowsTotal", "numRowsUpdated", "numRowsRemoved", "numRowsDroppedByWatermark"};
  private static final String[] CUSTOM_METRICS = {
      "numExpiredTimers", "numRegisteredTimers", "numDeletedTimers", "numValuesRemovedDueToTTLExpiry"};

  private final StreamingQuery query;
  private final SteppedClock clock;
  private long ranBatch = -1; // by the last trigger; -1: none
  private final List<String> emitted = new ArrayList<>();

  /** Begins; `rows` has one column, which is JSON. The first trigger is at `time`. */
  public SteppedQuery(SparkSession session, Dataset<Row> rows, String checkpoint, OutputMode mode, long time)
      throws Exception {
    clock = new SteppedClock(time);
    scala.Function2<Dataset<String>, Object, BoxedUnit> keep = new scala.runtime.AbstractFunction2<>() {
      @Override
      public BoxedUnit apply(Dataset<String> batch, Object id) {
        emitted.addAll(batch.collectAsList());
        ranBatch = (Long) id;
        return BoxedUnit.UNIT;
      }
    };
    var sink = new ForeachBatchSink<>(keep, ExpressionEncoder.apply((AgnosticEncoder<String>) Encoders.STRING()));
    var manager = (org.apache.spark.sql.classic.StreamingQueryManager) session.streams();
    query = manager.startQuery(Option.empty(), Option.empty(), Option.apply(checkpoint),
        (org.apache.spark.sql.classic.Dataset<?>) rows, scala.collection.immutable.Map$.MODULE$.empty(), sink, mode,
        false, true, Trigger.ProcessingTime(1), clock, Option.empty(), Option.empty());
  }

  /** The next trigger is at `time`; what the one before did has been asked for. */
  public void release(long time) {
    ranBatch = -1;
    emitted.clear();
    clock.release(time);
  }

  /** What the trigger did, once it has ended; empty when it ran no batch. */
  public JsonNode answer() throws Exception {
    clock.awaitTrigger(query::isActive);
    if (query.exception().isDefined()) {
      throw query.exception().get();
    }
    ObjectNode told = Values.JSON.createObjectNode();
    if (ranBatch < 0) {
      return told;
    }
    told.put("batch", ranBatch);
    JsonNode progress = Values.parsed(query.lastProgress().json());
    JsonNode watermark = progress.path("eventTime").path("watermark");
    if (!watermark.isMissingNode()) {
      told.put("watermark", Instant.parse(watermark.asText()).toEpochMilli());
    }
    ArrayNode out = told.putArray("out");
    emitted.forEach(row -> out.add(Values.parsed(row)));
    ArrayNode metrics = told.putArray("metrics");
    for (JsonNode operator : progress.get("stateOperators")) {
      for (String name : METRICS) {
        metrics.add(operator.get(name));
      }
      for (String name : CUSTOM_METRICS) {
        metrics.add(operator.get("customMetrics").get(name));
      }
    }
    return told;
  }

  public void stop() throws Exception {
    query.stop();
  }
}
