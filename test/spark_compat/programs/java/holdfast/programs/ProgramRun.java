// SPDX-License-Identifier: Apache-2.0
package holdfast.programs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.types.StructType;

/** One program through a streaming query, trigger by trigger. */
final class ProgramRun {
  private final SparkSession session;
  private final JsonNode program;
  private final Path input;
  private final String checkpoint;
  private final StructType keyType;
  private final StructType inputType;
  private final boolean eventTime;

  private SteppedQuery query;

  ProgramRun(SparkSession session, JsonNode program, Path directory) throws IOException {
    this.session = session;
    this.program = program;
    input = Files.createDirectories(directory.resolve("input"));
    checkpoint = directory.resolve("ckpt").toString();
    keyType = Values.schemaOf(program.get("key").asText());
    eventTime = program.get("time").asText().equals("EventTime");
    StructType columns = keyType;
    if (eventTime) {
      columns = columns.add("et", "timestamp");
    }
    inputType = columns.add("seq", "int").add("ops", "string");
  }

  /** All of it, and then the state after each batch. */
  JsonNode run() throws Exception {
    JsonNode triggers = play(0, program.get("batches").size());
    ObjectNode told = Values.JSON.createObjectNode();
    told.set("triggers", triggers);
    StateReads.addAll(program, checkpoint, triggers, told);
    return told;
  }

  /** Plays the triggers from `first` to before `last` on the checkpoint as it is, and stops the query. */
  JsonNode play(int first, int last) throws Exception {
    session.conf().set("spark.sql.streaming.stateStore.encodingFormat", program.get("encoding").asText());
    ArrayNode triggers = Values.JSON.createArrayNode();
    int runNow = -1;
    for (int number = first; number < last; ++number) {
      JsonNode trigger = program.get("batches").get(number);
      addInput(number, trigger.get("rows"));
      long time = trigger.get("time").asLong();
      if (trigger.get("run").asInt() != runNow) {
        stop();
        runNow = trigger.get("run").asInt();
        start(runNow, time);
      } else {
        query.release(time);
      }
      triggers.add(query.answer());
    }
    stop();
    return triggers;
  }

  /** Writes the rows of a trigger, if it has any, as a file that is younger than those before. */
  private void addInput(int number, JsonNode rows) throws IOException {
    if (rows.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    int seq = 0;
    for (JsonNode row : rows) {
      ObjectNode line = Values.JSON.createObjectNode();
      for (int i = 0; i < keyType.length(); ++i) {
        line.set(keyType.apply(i).name(), Values.isScalar(keyType) ? row.get(0) : row.get(0).get(i));
      }
      if (eventTime && !row.get(2).isNull()) {
        line.put("et", Instant.ofEpochMilli(row.get(2).asLong()).toString());
      }
      line.put("seq", seq++).put("ops", row.get(1).toString());
      text.append(line).append('\n');
    }
    Path hidden = input.resolve("." + number);
    Files.writeString(hidden, text);
    Files.setLastModifiedTime(hidden, FileTime.from(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(number)));
    Files.move(hidden, input.resolve(String.format("%03d.json", number)));
  }

  private void start(int run, long time) throws Exception {
    Dataset<Row> rows = session.readStream().schema(inputType).json(input.toString());
    if (eventTime) {
      rows = rows.withWatermark("et", program.get("delay").asLong() + " milliseconds");
    }
    Dataset<String> out = switch (program.get("key").asText()) {
      case "string" -> transformed(rows, row -> row.<String>getAs("value"), Encoders.STRING(), run);
      case "bigint" -> transformed(rows, row -> row.<Long>getAs("value"), Encoders.LONG(), run);
      default -> transformed(rows, keyRow(keyType.fieldNames()), Encoders.row(keyType), run);
    };
    query = new SteppedQuery(session, out.toDF(), checkpoint, outputMode(), time);
  }

  private static MapFunction<Row, Row> keyRow(String[] names) {
    return row -> {
      Object[] fields = new Object[names.length];
      for (int i = 0; i < names.length; ++i) {
        fields[i] = row.getAs(names[i]);
      }
      return RowFactory.create(fields);
    };
  }

  private <K> Dataset<String> transformed(Dataset<Row> rows, MapFunction<Row, K> key, Encoder<K> encoder, int run) {
    TimeMode time = switch (program.get("time").asText()) {
      case "ProcessingTime" -> TimeMode.ProcessingTime();
      case "EventTime" -> TimeMode.EventTime();
      default -> TimeMode.None();
    };
    var processor = new ProgramProcessor<K>(program, run, keyType);
    return rows.groupByKey(key, encoder).transformWithState(processor, time, outputMode(), Encoders.STRING());
  }

  private OutputMode outputMode() {
    return program.get("output").asText().equals("Update") ? OutputMode.Update() : OutputMode.Append();
  }

  private void stop() throws Exception {
    if (query != null) {
      query.stop();
      query = null;
    }
  }
}
