// SPDX-License-Identifier: Apache-2.0
package holdfast.real_time;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.ForeachWriter;

/** What processor and sink tell, in the order in which it happened. One JVM is all there is in local mode. */
public final class Heard {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> LINES = new ArrayList<>();

  private Heard() {}

  static ObjectNode event(String what) {
    return JSON.createObjectNode().put("event", what);
  }

  static void tell(ObjectNode event) {
    synchronized (LINES) {
      LINES.add(event.toString());
    }
  }

  public static List<String> since(int first) {
    synchronized (LINES) {
      return new ArrayList<>(LINES.subList(first, LINES.size()));
    }
  }

  /** The sink of these queries. */
  static final class Writer extends ForeachWriter<String> {
    @Override
    public boolean open(long partition, long epoch) {
      tell(event("opened").put("partition", partition).put("epoch", epoch));
      return true;
    }

    @Override
    public void process(String row) {
      try {
        tell((ObjectNode) JSON.readTree(row));
      } catch (java.io.IOException failure) {
        throw new IllegalStateException(failure);
      }
    }

    @Override
    public void close(Throwable failure) {
      tell(event("closed").put("failed", failure != null));
    }
  }
}
