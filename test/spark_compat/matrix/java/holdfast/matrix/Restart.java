// SPDX-License-Identifier: Apache-2.0
package holdfast.matrix;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessor;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.streaming.TimerValues;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/** The same as SchemaCheck by a streaming query that is started anew for each version. */
final class Restart {
  private final SparkSession session;
  private final Path home;
  private int runs;

  Restart(SparkSession session, String home) {
    this.session = session;
    this.home = Path.of(home);
  }

  void restart(Declared declared) throws Exception {
    Path input = Files.createDirectories(home.resolve("input"));
    Files.writeString(input.resolve(runs++ + ".json"), "{\"n\":1,\"at\":\"2026-01-01T00:00:00Z\"}\n");
    StructType key = StructType.fromDDL(declared.key);
    Dataset<Row> rows = session.readStream().schema("n INT, at TIMESTAMP").json(input.toString());
    if (declared.timeMode() == TimeMode.EventTime()) {
      rows = rows.withWatermark("at", "1 second");
    }
    MapFunction<Row, Row> keyed = row -> (Row) Sample.of(key);
    rows.groupByKey(keyed, Encoders.row(key))
        .transformWithState(new Declaring(declared), declared.timeMode(), declared.outputMode(), Encoders.STRING())
        .writeStream()
        .format("noop")
        .outputMode(declared.outputMode())
        .option("checkpointLocation", home.resolve("checkpoint").toString())
        .trigger(Trigger.AvailableNow())
        .start()
        .awaitTermination();
  }

  /** Declares its state and leaves it alone. */
  private static final class Declaring extends StatefulProcessor<Row, Row, String> {
    private final Declared declared;

    Declaring(Declared declared) {
      this.declared = declared;
    }

    @Override
    public void init(OutputMode outputMode, TimeMode timeMode) {
      declared.declareOn(getHandle());
    }

    @Override
    public scala.collection.Iterator<String> handleInputRows(
        Row key, scala.collection.Iterator<Row> rows, TimerValues timerValues) {
      rows.size();
      return CollectionConverters.asScala(List.<String>of().iterator());
    }
  }

  /** One value of each type that the keys of queries have. */
  private static final class Sample {
    static Object of(org.apache.spark.sql.types.DataType type) {
      if (type instanceof StructType struct) {
        return RowFactory.create(
            java.util.Arrays.stream(struct.fields()).map(StructField::dataType).map(Sample::of).toArray());
      }
      if (type.equals(DataTypes.StringType)) {
        return "s";
      }
      if (type.equals(DataTypes.IntegerType)) {
        return 1;
      }
      if (type.equals(DataTypes.LongType)) {
        return 1L;
      }
      throw new IllegalArgumentException("no sample of " + type);
    }
  }
}
