// SPDX-License-Identifier: Apache-2.0
package holdfast.expressions;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.BufferedWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkThrowable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.SpecializedGetters;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.plans.logical.LocalRelation;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.Project;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.apache.spark.sql.catalyst.util.MapData;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

/** The way in for __main__.py: what Spark makes of each question, row by row, a line an answer. */
public final class Expressions {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Expressions() {}

  public static void run(SparkSession session, String questions, String answers) throws Exception {
    Map<String, Dataset<Row>> tables = new HashMap<>();
    try (BufferedWriter out = Files.newBufferedWriter(Path.of(answers))) {
      for (String line : Files.readAllLines(Path.of(questions))) {
        JsonNode question = JSON.readTree(line);
        if (question.has("columns")) {
          tables.put(question.get("table").asText(), table(session, question));
          continue;
        }
        session.conf().set("spark.sql.session.timeZone",
            question.has("zone") ? question.get("zone").asText() : "UTC");
        out.write(answer(tables.get(question.get("table").asText()), question).toString());
        out.newLine();
      }
    }
  }

  /**
   * The projection is Spark's own generated code for the optimized plan; it is called a row at a time, so that an error
   * in one row does not hide the others.
   */
  private static ObjectNode answer(Dataset<Row> table, JsonNode question) {
    ObjectNode told = JSON.createObjectNode();
    try {
      Dataset<Row> selected = table.selectExpr(question.get("expression").asText());
      StructField field = selected.schema().fields()[0];
      told.put("name", field.name());
      told.put("type", field.dataType().simpleString());
      told.put("nullable", field.nullable());
      ArrayNode values = told.putArray("values");
      int step = question.has("step") ? question.get("step").asInt() : 1;
      List<Object> rows = rows(selected.queryExecution().optimizedPlan());
      for (int i = 0; i < rows.size(); i += step) {
        if (rows.get(i) instanceof Throwable) {
          values.addObject().put("error", condition((Throwable) rows.get(i)));
        } else {
          InternalRow row = (InternalRow) rows.get(i);
          values.add(written(row, 0, field.dataType()));
        }
      }
    } catch (Throwable failure) {
      told.removeAll();
      told.put("refused", condition(failure));
    }
    return told;
  }

  /** The rows of a plan of projections over a local relation; a Throwable where there is no row. */
  private static List<Object> rows(LogicalPlan plan) {
    if (plan instanceof LocalRelation) {
      return new ArrayList<>(CollectionConverters.asJava(((LocalRelation) plan).data()));
    }
    Project project = (Project) plan;
    UnsafeProjection projection = UnsafeProjection.create(list(project), project.child().output());
    projection.initialize(0); // of the partition; for rand() and uuid()
    List<Object> made = new ArrayList<>();
    for (Object row : rows(project.child())) {
      try {
        made.add(row instanceof Throwable ? row : projection.apply((InternalRow) row).copy());
      } catch (Throwable failure) {
        made.add(failure);
      }
    }
    return made;
  }

  @SuppressWarnings("unchecked") // Scala's Seq is covariant
  private static Seq<Expression> list(Project project) {
    return (Seq<Expression>) (Seq<?>) project.projectList();
  }

  private static String condition(Throwable failure) {
    for (Throwable at = failure; at != null; at = at.getCause()) {
      if (at instanceof SparkThrowable && ((SparkThrowable) at).getCondition() != null) {
        return ((SparkThrowable) at).getCondition();
      }
    }
    return failure.getClass().getName();
  }

  /** A text; null; an array for an array or a struct; {"entries": [[key, value], ...]} for a map. */
  private static JsonNode written(SpecializedGetters holder, int at, DataType type) {
    if (holder.isNullAt(at)) {
      return NullNode.instance;
    }
    Object value = holder.get(at, type);
    ArrayNode parts = JSON.createArrayNode();
    if (type instanceof ArrayType) {
      writeAll((ArrayData) value, ((ArrayType) type).elementType(), parts);
      return parts;
    }
    if (type instanceof StructType) {
      StructField[] fields = ((StructType) type).fields();
      for (int i = 0; i < fields.length; i++) {
        parts.add(written((InternalRow) value, i, fields[i].dataType()));
      }
      return parts;
    }
    if (type instanceof MapType) {
      ArrayNode keys = JSON.createArrayNode();
      ArrayNode values = JSON.createArrayNode();
      writeAll(((MapData) value).keyArray(), ((MapType) type).keyType(), keys);
      writeAll(((MapData) value).valueArray(), ((MapType) type).valueType(), values);
      for (int i = 0; i < keys.size(); i++) {
        parts.addArray().add(keys.get(i)).add(values.get(i));
      }
      return JSON.createObjectNode().set("entries", parts);
    }
    return TextNode.valueOf(text(value, type));
  }

  private static void writeAll(ArrayData array, DataType type, ArrayNode out) {
    for (int i = 0; i < array.numElements(); i++) {
      out.add(written(array, i, type));
    }
  }

  private static String text(Object value, DataType type) {
    switch (type.typeName()) {
      case "float": return String.format("%08x", Float.floatToIntBits((Float) value));
      case "double": return String.format("%016x", Double.doubleToLongBits((Double) value));
      case "binary": return HexFormat.of().formatHex((byte[]) value);
      default: return value instanceof Decimal ? ((Decimal) value).toPlainString() : value.toString();
    }
  }

  private static Dataset<Row> table(SparkSession session, JsonNode question) {
    StructType schema = StructType.fromDDL(question.get("columns").asText());
    List<Row> rows = new ArrayList<>();
    for (JsonNode row : question.get("rows")) {
      rows.add(row(row, schema));
    }
    return session.createDataFrame(rows, schema);
  }

  private static Row row(JsonNode row, StructType schema) {
    Object[] values = new Object[schema.length()];
    for (int i = 0; i < values.length; i++) {
      values[i] = datum(row.get(i), schema.fields()[i].dataType());
    }
    return RowFactory.create(values);
  }

  private static Object datum(JsonNode written, DataType type) {
    if (written.isNull()) {
      return null;
    }
    if (type instanceof StructType) {
      return row(written, (StructType) type);
    }
    if (type instanceof ArrayType) {
      Object[] elements = new Object[written.size()];
      for (int i = 0; i < elements.length; i++) {
        elements[i] = datum(written.get(i), ((ArrayType) type).elementType());
      }
      return elements;
    }
    if (type instanceof MapType) {
      Map<Object, Object> map = new LinkedHashMap<>();
      for (JsonNode entry : written.get("entries")) {
        map.put(datum(entry.get(0), ((MapType) type).keyType()), datum(entry.get(1), ((MapType) type).valueType()));
      }
      return map;
    }
    return value(written.asText(), type);
  }

  private static Object value(String text, DataType type) {
    if (type instanceof DecimalType) {
      return new BigDecimal(text);
    }
    switch (type.typeName()) {
      case "boolean": return Boolean.valueOf(text);
      case "byte": return Byte.valueOf(text);
      case "short": return Short.valueOf(text);
      case "integer": return Integer.valueOf(text);
      case "long": return Long.valueOf(text);
      case "float": return Float.intBitsToFloat(Integer.parseUnsignedInt(text, 16));
      case "double": return Double.longBitsToDouble(Long.parseUnsignedLong(text, 16));
      case "string": return text;
      case "binary": return HexFormat.of().parseHex(text);
      case "date": return LocalDate.ofEpochDay(Integer.parseInt(text));
      case "timestamp": return Instant.EPOCH.plus(Long.parseLong(text), ChronoUnit.MICROS);
      case "timestamp_ntz":
        return LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC).plus(Long.parseLong(text), ChronoUnit.MICROS);
      default: throw new IllegalArgumentException(type.typeName());
    }
  }
}
