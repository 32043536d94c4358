// SPDX-License-Identifier: Apache-2.0
package holdfast.programs;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** The way in for __main__.py. */
public final class Programs {
  private Programs() {}

  /** Runs `count` programs of the file from line `first` on and adds what Spark made of each to `answers`. */
  public static void run(SparkSession session, String programs, String answers, String work, int first, int count,
      boolean keep) throws Exception {
    List<String> lines = Files.readAllLines(Path.of(programs));
    try (BufferedWriter out =
             Files.newBufferedWriter(Path.of(answers), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      for (String line : lines.subList(first, Math.min(first + count, lines.size()))) {
        JsonNode program = Values.parsed(line);
        JsonNode answer;
        Path directory = Path.of(work, program.get("program").asText());
        removeTree(directory); // of a run that was broken off
        try {
          answer = new ProgramRun(session, program, directory).run();
        } catch (Exception failure) {
          throw new IllegalStateException(program.get("program").asText() + " failed", failure);
        }
        if (!keep) {
          removeTree(directory);
        }
        out.write(answer.toString());
        out.newLine();
        out.flush();
      }
    }
  }

  /** Plays the triggers from `first` to before `last` in `directory`; what each did, as JSON. */
  public static String play(SparkSession session, String program, String directory, int first, int last)
      throws Exception {
    return new ProgramRun(session, Values.parsed(program), Path.of(directory)).play(first, last).toString();
  }

  /** The state after each batch of these triggers, as JSON. */
  public static String state(String program, String directory, String triggers) {
    var told = Values.JSON.createObjectNode();
    StateReads.addAll(Values.parsed(program), directory + "/ckpt", Values.parsed(triggers), told);
    return told.toString();
  }

  private static void removeTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (var paths = Files.walk(directory)) {
      for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
