// SPDX-License-Identifier: Apache-2.0
package holdfast.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.streaming.ExpiredTimerInfo;
import org.apache.spark.sql.streaming.ListState;
import org.apache.spark.sql.streaming.MapState;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.ValueState;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** The jobs of bench/collection_rows.h. Rows are those of Item by place: id, key, field, amount, at. */
public final class Collections {
  private static final StructType TOLD = StructType.fromDDL("key BIGINT, number BIGINT");
  private static final int ID = 0;
  private static final int KEY = 1;
  private static final int FIELD = 2;
  private static final int AMOUNT = 3;
  private static final int NO_FIELD = -1;
  private static final long FIRST_TIMER_MS = 1767229200000L;

  private Collections() {}

  public static Dataset<Row> of(Dataset<Row> rows, String job, long ttlMs) {
    return switch (job) {
      case "list" -> transformed(rows, KEY, new ListAppender(), TimeMode.None());
      case "map" -> transformed(rows, KEY, new MapUpdater(), TimeMode.None());
      case "timers" -> transformed(rows.withWatermark("at", "10 seconds"), KEY, new TimerSetter(), TimeMode.EventTime());
      default -> transformed(rows, ID, new ExpiringWriter(ttlMs), TimeMode.ProcessingTime());
    };
  }

  private static Dataset<Row> transformed(Dataset<Row> rows, int column, ItemProcessor processor, TimeMode mode) {
    MapFunction<Row, Long> key = row -> row.getLong(column);
    return rows.groupByKey(key, Encoders.LONG())
        .transformWithState(processor, mode, OutputMode.Append(), Encoders.row(TOLD));
  }

  private abstract static class ItemProcessor extends StatefulProcessor<Long, Row, Row> {
    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {}

    static Row told(long key, long number) {
      return RowFactory.create(key, number);
    }

    static scala.collection.Iterator<Row> out(List<Row> rows) {
      return CollectionConverters.asScala(rows.iterator());
    }
  }

  private static final class ListAppender extends ItemProcessor {
    private transient ListState<Long> amounts;

    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {
      amounts = getHandle().getListState("amounts", Encoders.LONG(), TTLConfig.NONE());
    }

    @Override
    public scala.collection.Iterator<Row> handleInputRows(
        Long key, scala.collection.Iterator<Row> items, TimerValues timerValues) {
      long count = 0;
      while (items.hasNext()) {
        amounts.appendValue(items.next().getLong(AMOUNT));
        count += 1;
      }
      return out(List.of(told(key, count)));
    }
  }

  private static final class MapUpdater extends ItemProcessor {
    private transient MapState<Integer, Long> amounts;

    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {
      amounts = getHandle().getMapState("amounts", Encoders.INT(), Encoders.LONG(), TTLConfig.NONE());
    }

    @Override
    public scala.collection.Iterator<Row> handleInputRows(
        Long key, scala.collection.Iterator<Row> items, TimerValues timerValues) {
      long sum = 0;
      while (items.hasNext()) {
        Row item = items.next();
        amounts.updateValue(item.getInt(FIELD), item.getLong(AMOUNT));
        sum += item.getLong(AMOUNT);
      }
      return out(List.of(told(key, sum)));
    }
  }

  private static final class TimerSetter extends ItemProcessor {
    @Override
    public scala.collection.Iterator<Row> handleInputRows(
        Long key, scala.collection.Iterator<Row> items, TimerValues timerValues) {
      while (items.hasNext()) {
        Row item = items.next();
        if (item.getInt(FIELD) != NO_FIELD) {
          getHandle().registerTimer(FIRST_TIMER_MS + item.getLong(AMOUNT));
        }
      }
      return out(List.of());
    }

    @Override
    public scala.collection.Iterator<Row> handleExpiredTimer(Long key, TimerValues timerValues, ExpiredTimerInfo timer) {
      return out(List.of(told(key, timer.getExpiryTimeInMs())));
    }
  }

  private static final class ExpiringWriter extends ItemProcessor {
    private final long ttlMs;
    private transient ValueState<Long> amount;

    ExpiringWriter(long ttlMs) {
      this.ttlMs = ttlMs;
    }

    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {
      amount = getHandle().getValueState("amount", Encoders.LONG(), new TTLConfig(Duration.ofMillis(ttlMs)));
    }

    @Override
    public scala.collection.Iterator<Row> handleInputRows(
        Long id, scala.collection.Iterator<Row> items, TimerValues timerValues) {
      List<Row> told = new ArrayList<>();
      while (items.hasNext()) {
        Row item = items.next();
        if (item.getInt(FIELD) != NO_FIELD) {
          amount.update(item.getLong(AMOUNT));
          told.add(told(id, item.getLong(AMOUNT)));
        }
      }
      return out(told);
    }
  }
}
