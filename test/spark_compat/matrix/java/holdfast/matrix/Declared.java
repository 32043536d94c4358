// SPDX-License-Identifier: Apache-2.0
package holdfast.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Encoder;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.OutputMode;
import org.apache.spark.sql.streaming.StatefulProcessorHandle;
import org.apache.spark.sql.streaming.TTLConfig;
import org.apache.spark.sql.streaming.TimeMode;
import org.apache.spark.sql.types.StructType;

/** What one version of a processor asks for, as cases.py writes it. */
final class Declared implements Serializable {
  private record Variable(String name, String kind, String schema, String userKey, boolean ttl)
      implements Serializable {}

  final String key;
  private final String timeMode;
  private final String outputMode;
  private final List<Variable> variables = new ArrayList<>();

  Declared(JsonNode version) {
    key = version.path("key").asText("k STRING");
    timeMode = version.path("time_mode").asText("NoTime");
    outputMode = version.path("output_mode").asText("Append");
    for (JsonNode variable : version.path("variables")) {
      variables.add(new Variable(variable.get("name").asText(), variable.get("kind").asText(),
          variable.path("schema").asText(), variable.path("key").asText("k INT"),
          variable.path("ttl").asBoolean()));
    }
  }

  /** What `init` of a processor does. */
  void declareOn(StatefulProcessorHandle handle) {
    for (Variable variable : variables) {
      TTLConfig ttl = variable.ttl ? new TTLConfig(Duration.ofHours(1)) : TTLConfig.NONE();
      switch (variable.kind) {
        case "value" -> handle.getValueState(variable.name, rows(variable.schema), ttl);
        case "list" -> handle.getListState(variable.name, rows(variable.schema), ttl);
        case "map" ->
            handle.getMapState(variable.name, rows(variable.userKey), rows(variable.schema), ttl);
        case "delete" -> handle.deleteIfExists(variable.name);
        default -> throw new IllegalArgumentException(variable.kind);
      }
    }
  }

  TimeMode timeMode() {
    return switch (timeMode) {
      case "ProcessingTime" -> TimeMode.ProcessingTime();
      case "EventTime" -> TimeMode.EventTime();
      default -> TimeMode.None();
    };
  }

  OutputMode outputMode() {
    return outputMode.equals("Update") ? OutputMode.Update() : OutputMode.Append();
  }

  static Encoder<Row> rows(String ddl) {
    return Encoders.row(StructType.fromDDL(ddl));
  }
}
