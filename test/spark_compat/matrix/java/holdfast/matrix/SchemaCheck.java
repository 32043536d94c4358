// SPDX-License-Identifier: Apache-2.0
package holdfast.matrix;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.encoders.AgnosticEncoder;
import org.apache.spark.sql.catalyst.encoders.ExpressionEncoder$;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.streaming.operators.stateful.StatefulOperatorStateInfo;
import org.apache.spark.sql.execution.streaming.operators.stateful.transformwithstate.TransformWithStateOperatorProperties;
import org.apache.spark.sql.execution.streaming.operators.stateful.transformwithstate.TransformWithStateOperatorProperties$;
import org.apache.spark.sql.execution.streaming.operators.stateful.transformwithstate.statefulprocessor.DriverStatefulProcessorHandleImpl;
import org.apache.spark.sql.execution.streaming.operators.stateful.transformwithstate.statefulprocessor.StatefulProcessorHandleState;
import org.apache.spark.sql.execution.streaming.state.NoPrefixKeyStateEncoderSpec;
import org.apache.spark.sql.execution.streaming.state.StateSchemaCompatibilityChecker$;
import org.apache.spark.sql.execution.streaming.state.StateStoreColFamilySchema;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Option;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Asks Spark's own check of a restart, without a query: the processor's families come from the
 * handle that a query has on its driver, the verdict from the checker that a query asks, then from
 * the comparison of operator properties.
 */
final class SchemaCheck {
  private static final int SCHEMA_FORMAT = 3;
  private static final Configuration HADOOP = new Configuration();

  static {
    HADOOP.set("spark.sql.streaming.checkpointFileManagerClass",
        "org.apache.spark.sql.execution.streaming.checkpointing.FileSystemBasedCheckpointFileManager");
    HADOOP.set("fs.file.impl", WithoutPermissions.class.getName());
    HADOOP.setBoolean("fs.file.impl.disable.cache", true);
  }

  /** Hadoop starts a chmod for each file that it makes, which takes longer than all the rest of a case. */
  public static final class WithoutPermissions extends LocalFileSystem {
    public WithoutPermissions() {
      super(new RawLocalFileSystem() {
        @Override
        public void setPermission(Path path, FsPermission permission) {}
      });
    }
  }

  private final SparkSession session;
  private final String home;
  private final boolean avro;
  private final boolean python;
  private final List<Path> schemaFiles = new ArrayList<>();
  private TransformWithStateOperatorProperties properties;

  SchemaCheck(SparkSession session, String home, JsonNode asked) {
    this.session = session;
    this.home = home;
    this.avro = asked.path("encoding").asText("avro").equals("avro");
    this.python = asked.path("api").asText("jvm").equals("python");
  }

  /** Whether the version needs a schema file of its own. Throws what a restart would. */
  boolean restart(Declared declared) {
    var key = (AgnosticEncoder<Row>) Declared.rows(declared.key);
    @SuppressWarnings({"unchecked", "rawtypes"})
    var handle = new DriverStatefulProcessorHandleImpl(
        declared.timeMode(), (org.apache.spark.sql.catalyst.encoders.ExpressionEncoder) ExpressionEncoder$.MODULE$.apply(key));
    handle.setHandleState(StatefulProcessorHandleState.PRE_INIT());
    declared.declareOn(handle);
    // TransformWithStateInPySparkExec asks for nullable values where they are Avro, TransformWithStateExec never; only
    // that one has a default family.
    var byName = handle.getColumnFamilySchemas(python && avro, avro);
    List<StateStoreColFamilySchema> families =
        new ArrayList<>(CollectionConverters.asJava(byName.values().toSeq()));
    if (!python) {
      families.add(defaultFamily(StructType.fromDDL(declared.key)));
    }
    Path made = new Path(home, "state/0/_stateSchema/default/" + schemaFiles.size() + "_" + UUID.randomUUID());
    var info = new StatefulOperatorStateInfo(
        home, UUID.randomUUID(), 0, schemaFiles.size(), 1, Option.empty(), Option.empty());
    var result = StateSchemaCompatibilityChecker$.MODULE$.validateAndMaybeEvolveStateSchema(info, HADOOP,
        CollectionConverters.asScala(families).toList(), session.sessionState(), SCHEMA_FORMAT,
        scala.collection.immutable.Map$.MODULE$.empty(), "default",
        CollectionConverters.asScala(schemaFiles).toList(), Option.apply(made), avro);
    var now = TransformWithStateOperatorProperties.apply(declared.timeMode().toString(),
        declared.outputMode().toString(), handle.getStateVariableInfos().values().toList());
    if (properties != null) {
      TransformWithStateOperatorProperties$.MODULE$.validateOperatorProperties(properties, now);
    }
    properties = now;
    if (result.evolvedSchema()) {
      schemaFiles.add(made);
    }
    return result.evolvedSchema();
  }

  /** "family=key id/value id" of the newest schema file, by name. */
  String schemaIds() throws java.io.IOException {
    Path newest = schemaFiles.get(schemaFiles.size() - 1);
    List<String> ids = new ArrayList<>();
    try (var stream = newest.getFileSystem(HADOOP).open(newest)) {
      var families = StateSchemaCompatibilityChecker$.MODULE$.readSchemaFile(stream);
      for (StateStoreColFamilySchema family : CollectionConverters.asJava(families)) {
        ids.add(family.colFamilyName() + "=" + family.keySchemaId() + "/" + family.valueSchemaId());
      }
    }
    ids.sort(null);
    return String.join(" ", ids);
  }

  private static StateStoreColFamilySchema defaultFamily(StructType key) {
    return new StateStoreColFamilySchema("default", (short) 0, key, (short) 0,
        new StructType().add("value", DataTypes.BinaryType),
        Option.apply(new NoPrefixKeyStateEncoderSpec(key)), Option.empty());
  }
}
