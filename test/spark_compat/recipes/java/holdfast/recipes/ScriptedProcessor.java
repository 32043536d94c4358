// SPDX-License-Identifier: Apache-2.0
package holdfast.recipes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.*;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;

/** What processor.py is for Python, with the kinds of state that only JVM queries have: primitives and beans. */
public final class ScriptedProcessor<K> extends StatefulProcessor<K, Row, String> {
  private static final Duration LONG_TTL = Duration.ofDays(3650);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final boolean ttl;
  private transient ValueState<Integer> count;
  private transient ValueState<Session> session;
  private transient ListState<String> tags;
  private transient MapState<String, Long> pages;
  private transient ValueState<Long> recent;

  ScriptedProcessor(boolean ttl) {
    this.ttl = ttl;
  }

  @Override
  public void init(OutputMode outputMode, TimeMode timeMode) {
    count = getHandle().getValueState("count", Encoders.INT(), TTLConfig.NONE());
    session = getHandle().getValueState("session", Encoders.bean(Session.class), TTLConfig.NONE());
    tags = getHandle().getListState("tags", Encoders.STRING(), TTLConfig.NONE());
    pages = getHandle().getMapState("pages", Encoders.STRING(), Encoders.LONG(), TTLConfig.NONE());
    TTLConfig kept = ttl ? new TTLConfig(LONG_TTL) : TTLConfig.NONE();
    recent = getHandle().getValueState("recent", Encoders.LONG(), kept);
  }

  @Override
  public scala.collection.Iterator<String> handleInputRows(
      K key, scala.collection.Iterator<Row> rows, TimerValues timerValues) {
    List<Row> ordered = new ArrayList<>();
    CollectionConverters.asJava(rows).forEachRemaining(ordered::add);
    ordered.sort((a, b) -> Integer.compare(a.<Integer>getAs("seq"), b.<Integer>getAs("seq")));
    List<String> out = new ArrayList<>();
    for (Row row : ordered) {
      String op = row.getAs("op");
      JsonNode arg = parsed(row.getAs("arg"));
      String text = apply(op, arg, timerValues);
      if (text != null) {
        out.add(outputRow(key, row.getAs("seq"), op, text));
      }
    }
    return CollectionConverters.asScala(out.iterator());
  }

  @Override
  public scala.collection.Iterator<String> handleExpiredTimer(
      K key, TimerValues timerValues, ExpiredTimerInfo expired) {
    count.clear();
    session.clear();
    tags.clear();
    pages.clear();
    String row = outputRow(key, -1, "timer", Long.toString(expired.getExpiryTimeInMs()));
    return CollectionConverters.asScala(List.of(row).iterator());
  }

  /** Does one operation; what a `get` returned, or null. */
  private String apply(String op, JsonNode arg, TimerValues timerValues) {
    switch (op) {
      case "update count": count.update(arg.asInt()); return null;
      case "update recent": recent.update(arg.asLong()); return null;
      case "update session": session.update(new Session(arg)); return null;
      case "append tags": tags.appendValue(arg.asText()); return null;
      case "set pages": pages.updateValue(arg.get(0).asText(), arg.get(1).asLong()); return null;
      case "remove pages": pages.removeKey(arg.asText()); return null;
      case "clear count": count.clear(); return null;
      case "clear session": session.clear(); return null;
      case "clear tags": tags.clear(); return null;
      case "register": getHandle().registerTimer(arg.asLong()); return null;
      case "registerIn":
        getHandle().registerTimer(timerValues.getCurrentProcessingTimeInMs() + arg.asLong());
        return null;
      case "get count": return String.valueOf(count.get());
      case "get recent": return String.valueOf(recent.get());
      case "get session": return String.valueOf(session.get());
      case "get tags": return String.join(" ", listed(tags.get()));
      case "get pages": return pagesText();
      default: throw new IllegalArgumentException("no operation '" + op + "'");
    }
  }

  private String pagesText() {
    StringBuilder text = new StringBuilder();
    for (Tuple2<String, Long> page : listed(pages.iterator())) {
      text.append(page._1()).append('=').append(page._2()).append(' ');
    }
    return text.toString();
  }

  private static <T> List<T> listed(scala.collection.Iterator<T> values) {
    List<T> made = new ArrayList<>();
    Iterator<T> each = CollectionConverters.asJava(values);
    each.forEachRemaining(made::add);
    return made;
  }

  private static JsonNode parsed(String text) {
    try {
      return text == null ? null : JSON.readTree(text);
    } catch (java.io.IOException failure) {
      throw new IllegalArgumentException(failure);
    }
  }

  private String outputRow(K key, int seq, String event, String text) {
    var row = JSON.createObjectNode();
    row.put("key", String.valueOf(key)).put("seq", seq).put("event", event).put("text", text);
    return row.toString();
  }
}
