// SPDX-License-Identifier: Apache-2.0
package holdfast.programs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
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

  /** The rows in the source's order, each an array of its columns. */
  static JsonNode read(Map<String, String> options) throws IOException {
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
