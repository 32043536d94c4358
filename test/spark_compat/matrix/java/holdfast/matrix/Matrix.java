// SPDX-License-Identifier: Apache-2.0
package holdfast.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.SparkSession;

/** The way in for __main__.py: a file of cases in, a file of verdicts out, a line each. */
public final class Matrix {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STATE_STORE = "spark.sql.streaming.stateStore.";

  private Matrix() {}

  /** What happened to one version: a verdict that is "ok" or an error condition. */
  private interface Version {
    ObjectNode judge(Declared declared) throws Exception;
  }

  public static int checkSchemas(SparkSession session, String cases, String verdicts, String work) throws Exception {
    return answer(session, cases, verdicts, work, (asked, home) -> {
      var check = new SchemaCheck((org.apache.spark.sql.classic.SparkSession) session, home, asked);
      return declared -> {
        ObjectNode told = JSON.createObjectNode().put("verdict", "ok").put("evolved", check.restart(declared));
        return told.put("ids", check.schemaIds());
      };
    });
  }

  public static int restartQueries(SparkSession session, String cases, String verdicts, String work) throws Exception {
    return answer(session, cases, verdicts, work, (asked, home) -> {
      var query = new Restart(session, home);
      return declared -> {
        query.restart(declared);
        return JSON.createObjectNode().put("verdict", "ok");
      };
    });
  }

  private interface Way {
    Version begin(JsonNode asked, String home);
  }

  private static int answer(SparkSession session, String cases, String verdicts, String work, Way way)
      throws Exception {
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of(cases))) {
      JsonNode asked = JSON.readTree(line);
      Path home = Path.of(work, Integer.toString(lines.size()));
      Map<String, String> conf = new LinkedHashMap<>();
      // With timers of processing time there would be another batch for ever.
      conf.put("spark.sql.streaming.noDataMicroBatches.enabled", "false");
      conf.put("spark.sql.shuffle.partitions", "1");
      conf.put(STATE_STORE + "encodingFormat", asked.path("encoding").asText("avro"));
      asked.path("conf").fields().forEachRemaining(e -> conf.put(STATE_STORE + e.getKey(), e.getValue().asText()));
      conf.forEach((name, value) -> session.conf().set(name, value));
      var told = JSON.createArrayNode();
      Version version = way.begin(asked, home.toString());
      for (JsonNode declared : asked.get("versions")) {
        try {
          told.add(version.judge(new Declared(declared)));
        } catch (Throwable refusal) {
          told.add(JSON.createObjectNode().put("verdict", condition(refusal)));
          break;
        }
      }
      conf.keySet().forEach(name -> session.conf().unset(name));
      lines.add(JSON.writeValueAsString(told));
      delete(home);
    }
    Files.write(Path.of(verdicts), lines);
    return lines.size();
  }

  /** Of the innermost cause that Spark names; whatever else it may be comes with its message. */
  private static String condition(Throwable refusal) {
    String found = null;
    Throwable last = refusal;
    for (Throwable cause = refusal; cause != null; cause = cause.getCause()) {
      last = cause;
      if (cause instanceof SparkThrowable named && named.getCondition() != null
          && !named.getCondition().equals("STREAM_FAILED")) {
        found = named.getCondition();
      }
    }
    return found != null ? found : last.toString();
  }

  private static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (var paths = Files.walk(directory)) {
      paths.sorted(Comparator.reverseOrder()).forEach(path -> {
        try {
          Files.delete(path);
        } catch (IOException failure) {
          throw new UncheckedIOException(failure);
        }
      });
    }
  }
}
