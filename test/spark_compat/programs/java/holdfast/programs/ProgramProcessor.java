// SPDX-License-Identifier: Apache-2.0
package holdfast.programs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.*;
import org.apache.spark.sql.types.StructType;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Does the operations that its input rows bring, and at a timer those that the program has for it. What each read
 * returned, and which operation was refused, is its output: JSON [key, row or timer, operation, result].
 */
final class ProgramProcessor<K> extends StatefulProcessor<K, Row, String> {
  /** One variable; of value, list and map the one that it is. */
  private static final class Variable {
    ValueState<Row> value;
    ListState<Row> list;
    MapState<Row, Row> map;
    StructType type;
    StructType userKey;
  }

  private final String run; // of the program, as JSON
  private final String timers;
  private final StructType keyType;
  private transient Map<String, Variable> variables;
  private transient JsonNode timerOperations;

  ProgramProcessor(JsonNode program, int run, StructType keyType) {
    this.run = program.get("runs").get(run).toString();
    this.timers = program.get("timers").toString();
    this.keyType = keyType;
  }

  @Override
  public void init(OutputMode outputMode, TimeMode timeMode) {
    JsonNode declared = Values.parsed(run);
    timerOperations = Values.parsed(timers);
    variables = new HashMap<>();
    for (JsonNode name : declared.get("delete")) {
      getHandle().deleteIfExists(name.asText());
    }
    for (JsonNode variable : declared.get("variables")) {
      variables.put(variable.get("name").asText(), declare(variable));
    }
  }

  private Variable declare(JsonNode declared) {
    Variable made = new Variable();
    String name = declared.get("name").asText();
    made.type = Values.schemaOf(declared.get("type").asText());
    TTLConfig ttl = declared.has("ttl") ? new TTLConfig(Duration.ofMillis(declared.get("ttl").asLong())) : TTLConfig.NONE();
    switch (declared.get("kind").asText()) {
      case "value" -> made.value = getHandle().getValueState(name, Encoders.row(made.type), ttl);
      case "list" -> made.list = getHandle().getListState(name, Encoders.row(made.type), ttl);
      default -> {
        made.userKey = Values.schemaOf(declared.get("key").asText());
        made.map = getHandle().getMapState(name, Encoders.row(made.userKey), Encoders.row(made.type), ttl);
      }
    }
    return made;
  }

  @Override
  public scala.collection.Iterator<String> handleInputRows(
      K key, scala.collection.Iterator<Row> rows, TimerValues timerValues) {
    List<String> out = new ArrayList<>();
    CollectionConverters.asJava(rows).forEachRemaining(row -> {
      JsonNode at = Values.JSON.valueToTree(row.<Integer>getAs("seq"));
      doAll(key, at, Values.parsed(row.getAs("ops")), timerValues, 0, out);
    });
    return CollectionConverters.asScala(out.iterator());
  }

  @Override
  public scala.collection.Iterator<String> handleExpiredTimer(
      K key, TimerValues timerValues, ExpiredTimerInfo expired) {
    List<String> out = new ArrayList<>();
    long expiry = expired.getExpiryTimeInMs();
    JsonNode at = Values.JSON.createObjectNode().put("timer", expiry);
    emit(key, at, -1, Values.JSON.nullNode(), out);
    JsonNode operations = timerOperations.get((int) Math.floorMod(expiry, (long) timerOperations.size()));
    doAll(key, at, operations, timerValues, expiry, out);
    return CollectionConverters.asScala(out.iterator());
  }

  private void doAll(K key, JsonNode at, JsonNode operations, TimerValues timerValues, long expiry, List<String> out) {
    for (int i = 0; i < operations.size(); ++i) {
      JsonNode result;
      try {
        result = perform(operations.get(i), timerValues, expiry);
      } catch (Exception failure) {
        if (!(failure instanceof SparkThrowable refused) || refused.getCondition() == null) {
          throw failure;
        }
        result = Values.JSON.createObjectNode().put("error", refused.getCondition());
      }
      if (result != null) {
        emit(key, at, i, result, out);
      }
    }
  }

  private void emit(K key, JsonNode at, int operation, JsonNode result, List<String> out) {
    Object keyRow = key instanceof Row ? key : org.apache.spark.sql.RowFactory.create(key);
    ArrayNode row = Values.JSON.createArrayNode();
    row.add(Values.json(keyRow, keyType)).add(at).add(operation).add(result);
    out.add(row.toString());
  }

  /** What it returned; null if it returns nothing. */
  private JsonNode perform(JsonNode operation, TimerValues timerValues, long expiry) {
    String name = operation.get(0).asText();
    if (name.equals("now")) {
      return Values.JSON.createArrayNode()
          .add(timerValues.getCurrentProcessingTimeInMs())
          .add(timerValues.getCurrentWatermarkInMs());
    }
    if (name.equals("timer")) {
      return performTimer(operation, timerValues, expiry);
    }
    Variable variable = variables.get(name);
    if (variable.value != null) {
      return performValue(variable, operation);
    }
    return variable.list != null ? performList(variable, operation) : performMap(variable, operation);
  }

  /** ["timer", "register" or "delete", base, milliseconds] with base at, expiry, time or watermark; ["timer", "list"]. */
  private JsonNode performTimer(JsonNode operation, TimerValues timerValues, long expiry) {
    if (operation.get(1).asText().equals("list")) {
      List<Long> times = new ArrayList<>();
      CollectionConverters.asJava(getHandle().listTimers()).forEachRemaining(time -> times.add((Long) time));
      times.sort(null);
      return Values.JSON.valueToTree(times);
    }
    long base = switch (operation.get(2).asText()) {
      case "time" -> timerValues.getCurrentProcessingTimeInMs();
      case "watermark" -> timerValues.getCurrentWatermarkInMs();
      case "expiry" -> expiry;
      default -> 0;
    };
    long time = base + operation.get(3).asLong();
    if (operation.get(1).asText().equals("register")) {
      getHandle().registerTimer(time);
    } else {
      getHandle().deleteTimer(time);
    }
    return null;
  }

  private JsonNode performValue(Variable variable, JsonNode operation) {
    switch (operation.get(1).asText()) {
      case "get": return Values.json(variable.value.get(), variable.type);
      case "exists": return Values.JSON.valueToTree(variable.value.exists());
      case "update": variable.value.update(Values.row(operation.get(2), variable.type)); return null;
      case "clear": variable.value.clear(); return null;
      default: throw unknown(operation);
    }
  }

  private JsonNode performList(Variable variable, JsonNode operation) {
    switch (operation.get(1).asText()) {
      case "get": return listed(variable.list.get(), variable.type);
      case "exists": return Values.JSON.valueToTree(variable.list.exists());
      case "put": variable.list.put(rows(operation.get(2), variable.type)); return null;
      case "append": variable.list.appendValue(Values.row(operation.get(2), variable.type)); return null;
      case "appendList": variable.list.appendList(rows(operation.get(2), variable.type)); return null;
      case "clear": variable.list.clear(); return null;
      default: throw unknown(operation);
    }
  }

  private JsonNode performMap(Variable variable, JsonNode operation) {
    Row userKey = operation.size() > 2 ? Values.row(operation.get(2), variable.userKey) : null;
    switch (operation.get(1).asText()) {
      case "get": return Values.json(variable.map.getValue(userKey), variable.type);
      case "contains": return Values.JSON.valueToTree(variable.map.containsKey(userKey));
      case "update": variable.map.updateValue(userKey, Values.row(operation.get(3), variable.type)); return null;
      case "remove": variable.map.removeKey(userKey); return null;
      case "exists": return Values.JSON.valueToTree(variable.map.exists());
      case "keys": return listed(variable.map.keys(), variable.userKey);
      case "values": return listed(variable.map.values(), variable.type);
      case "clear": variable.map.clear(); return null;
      case "iterate":
        ArrayNode entries = Values.JSON.createArrayNode();
        CollectionConverters.asJava(variable.map.iterator()).forEachRemaining(entry -> entries.add(
            Values.JSON.createArrayNode().add(Values.json(entry._1(), variable.userKey))
                .add(Values.json(entry._2(), variable.type))));
        return entries;
      default: throw unknown(operation);
    }
  }

  private static Row[] rows(JsonNode elements, StructType type) {
    Row[] rows = new Row[elements.size()];
    for (int i = 0; i < rows.length; ++i) {
      rows[i] = Values.row(elements.get(i), type);
    }
    return rows;
  }

  private static JsonNode listed(scala.collection.Iterator<Row> values, StructType type) {
    ArrayNode list = Values.JSON.createArrayNode();
    CollectionConverters.asJava(values).forEachRemaining(value -> list.add(Values.json(value, type)));
    return list;
  }

  private static IllegalArgumentException unknown(JsonNode operation) {
    return new IllegalArgumentException("no operation " + operation);
  }
}
