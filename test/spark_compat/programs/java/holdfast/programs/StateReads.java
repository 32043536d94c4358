// SPDX-License-Identifier: Apache-2.0
package holdfast.programs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.apache.spark.sql.catalyst.CatalystTypeConverters;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.SupportsRead;
import org.apache.spark.sql.connector.expressions.Transform;
import org.apache.spark.sql.connector.read.Batch;
import org.apache.spark.sql.connector.read.InputPartition;
import org.apache.spark.sql.execution.datasources.v2.state.StateDataSource;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/** Reads Spark's "statestore" source on this thread, without a job for each read. */
final class StateReads {
  private StateReads() {}

  /** Adds the state after each batch that a trigger ran, and what changed in it from the first of them on. */
  static void addAll(JsonNode program, String checkpoint, JsonNode triggers, ObjectNode told) {
    ObjectNode states = told.putObject("state");
    JsonNode variables = null; // of the last batch
    String first = null;
    for (int number = 0; number < triggers.size(); ++number) {
      JsonNode batch = triggers.get(number).get("batch");
      if (batch == null) {
        continue;
      }
      first = first == null ? batch.asText() : first;
      variables = program.get("runs").get(program.get("batches").get(number).get("run").asInt()).get("variables");
      for (JsonNode variable : variables) {
        addState(nameOf(variable), optionsOf(checkpoint, variable), batch, states);
      }
      for (JsonNode operator : operatorsWithTimers(program)) {
        Map<String, String> options = optionsOf(checkpoint, operator);
        options.put("readRegisteredTimers", "true");
        addState(nameOf(operator), options, batch, states);
      }
    }
    ObjectNode changes = told.putObject("changes");
    for (JsonNode variable : variables) {
      Map<String, String> options = optionsOf(checkpoint, variable);
      options.putAll(Map.of("readChangeFeed", "true", "changeStartBatchId", first));
      changes.set(nameOf(variable), readOrError(options));
    }
  }

  /** A query of several operators says which have timers; else it is the one, when there is a time mode. */
  private static ArrayNode operatorsWithTimers(JsonNode program) {
    ArrayNode operators = Values.JSON.createArrayNode();
    if (program.has("timed_operators")) {
      program.get("timed_operators").forEach(id -> operators.addObject().put("operator", id.asInt()));
    } else if (!program.get("time").asText().equals("None")) {
      operators.addObject();
    }
    return operators;
  }

  /** As the program has it, behind "1/" when it is of the operator 1. */
  private static String nameOf(JsonNode variable) {
    String name = variable.path("name").asText("timers");
    return variable.path("operator").asInt(0) == 0 ? name : variable.get("operator").asText() + "/" + name;
  }

  private static Map<String, String> optionsOf(String checkpoint, JsonNode variable) {
    Map<String, String> options = new HashMap<>(Map.of("path", checkpoint));
    options.put("operatorId", variable.path("operator").asText("0"));
    if (variable.has("name")) {
      options.put("stateVarName", variable.get("name").asText());
    }
    return options;
  }

  private static void addState(String name, Map<String, String> options, JsonNode batch, ObjectNode states) {
    options.put("batchId", batch.asText());
    states.withArray(name).add(Values.JSON.createArrayNode().add(batch).add(readOrError(options)));
  }

  private static JsonNode readOrError(Map<String, String> options) {
    try {
      return read(options);
    } catch (Exception failure) {
      return Values.JSON.createObjectNode().put("error", String.valueOf(failure.getMessage()).lines().findFirst().orElse(""));
    }
  }

  /** The rows in the source's order, each an array of its columns. */
  private static JsonNode read(Map<String, String> options) throws IOException {
    CaseInsensitiveStringMap given = new CaseInsensitiveStringMap(options);
    StateDataSource source = new StateDataSource();
    StructType schema = source.inferSchema(given);
    var table = (SupportsRead) source.getTable(schema, new Transform[0], options);
    Batch batch = table.newScanBuilder(given).build().toBatch();
    var readers = batch.createReaderFactory();
    var external = CatalystTypeConverters.createToScalaConverter(schema);
    ArrayNode rows = Values.JSON.createArrayNode();
    for (InputPartition partition : batch.planInputPartitions()) {
      try (var reader = readers.createReader(partition)) {
        while (reader.next()) {
          InternalRow row = reader.get();
          rows.add(Values.json(external.apply(row), schema));
        }
      }
    }
    return rows;
  }
}
