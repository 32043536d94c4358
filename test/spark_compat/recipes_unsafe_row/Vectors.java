// SPDX-License-Identifier: Apache-2.0
// Has Spark encode the rows of make_cases.py as UnsafeRow and adds the bytes as hex to each line.
//
// A row is written by the generated projection that queries use. It is also written by a projection that was just made
// and by the interpreted one; a line where those bytes differ says so, in "fresh" or "interpreted". Spark's own check
// of rows must find nothing. Lines with "key" go through the encoders of whole state keys, without the family id.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.BoundReference;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection;
import org.apache.spark.sql.catalyst.expressions.UnsafeProjection$;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.catalyst.util.UnsafeRowUtils;
import org.apache.spark.sql.execution.streaming.state.KeyStateEncoderSpec;
import org.apache.spark.sql.execution.streaming.state.NoPrefixKeyStateEncoderSpec;
import org.apache.spark.sql.execution.streaming.state.PrefixKeyScanStateEncoderSpec;
import org.apache.spark.sql.execution.streaming.state.RangeKeyScanStateEncoderSpec;
import org.apache.spark.sql.execution.streaming.state.RocksDBStateEncoder;
import org.apache.spark.sql.execution.streaming.state.UnsafeRowDataEncoder;
import org.apache.spark.sql.types.*;
import org.apache.spark.unsafe.types.UTF8String;
import scala.jdk.javaapi.CollectionConverters;

public class Vectors {
  static final ObjectMapper JSON = new ObjectMapper();

  static Object datum(JsonNode node, DataType type) {
    if (node.isNull()) return null;
    if (type instanceof BooleanType) return node.asBoolean();
    if (type instanceof ByteType) return (byte) node.asInt();
    if (type instanceof ShortType) return (short) node.asInt();
    if (type instanceof IntegerType || type instanceof DateType) return node.asInt();
    if (type instanceof LongType || type instanceof TimestampType || type instanceof TimestampNTZType) return node.asLong();
    if (type instanceof FloatType) return Float.intBitsToFloat(Integer.parseUnsignedInt(node.asText(), 16));
    if (type instanceof DoubleType) return Double.longBitsToDouble(Long.parseUnsignedLong(node.asText(), 16));
    if (type instanceof StringType) return UTF8String.fromString(node.asText());
    if (type instanceof BinaryType) return HexFormat.of().parseHex(node.asText());
    if (type instanceof DecimalType) {
      DecimalType decimal = (DecimalType) type;
      return Decimal.apply(
          new BigDecimal(new BigInteger(node.asText()), decimal.scale()), decimal.precision(), decimal.scale());
    }
    if (type instanceof StructType) return row(node, (StructType) type);
    if (type instanceof ArrayType) {
      Object[] elements = new Object[node.size()];
      for (int i = 0; i < elements.length; i++) elements[i] = datum(node.get(i), ((ArrayType) type).elementType());
      return new GenericArrayData(elements);
    }
    MapType map = (MapType) type;
    Object[] keys = new Object[node.size()];
    Object[] values = new Object[node.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = datum(node.get(i).get(0), map.keyType());
      values[i] = datum(node.get(i).get(1), map.valueType());
    }
    return new ArrayBasedMapData(new GenericArrayData(keys), new GenericArrayData(values));
  }

  static InternalRow row(JsonNode node, StructType type) {
    Object[] fields = new Object[node.size()];
    for (int i = 0; i < fields.length; i++) fields[i] = datum(node.get(i), type.fields()[i].dataType());
    return new GenericInternalRow(fields);
  }

  static scala.collection.immutable.Seq<Expression> references(StructType type) {
    List<Expression> made = new ArrayList<>();
    for (StructField field : type.fields()) made.add(new BoundReference(made.size(), field.dataType(), field.nullable()));
    return CollectionConverters.asScala(made).toSeq();
  }

  static UnsafeProjection generated(StructType type) {
    return UnsafeProjection$.MODULE$.createCodeGeneratedObject(references(type));
  }

  static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  static void addKey(ObjectNode line, UnsafeRow row, StructType type) {
    JsonNode spec = line.get("key");
    KeyStateEncoderSpec encoder = new NoPrefixKeyStateEncoderSpec(type);
    if (spec.has("prefix")) encoder = new PrefixKeyScanStateEncoderSpec(type, spec.get("prefix").asInt());
    if (spec.has("range")) {
      List<Object> ordinals = new ArrayList<>();
      spec.get("range").forEach(ordinal -> ordinals.add(ordinal.asInt()));
      encoder = new RangeKeyScanStateEncoderSpec(type, CollectionConverters.asScala(ordinals).toSeq());
    }
    UnsafeRowDataEncoder data = new UnsafeRowDataEncoder(encoder, type);
    line.put("hex", hex(RocksDBStateEncoder.getKeyEncoder(data, encoder, true).encodeKey(row)));
    line.put("as_value", hex(RocksDBStateEncoder.getValueEncoder(data, type, false, 0).encodeValue(row)));
  }

  public static void main(String[] arguments) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Map<String, UnsafeProjection> used = new HashMap<>();
    Map<String, UnsafeProjection> usedInterpreted = new HashMap<>();
    for (String text = in.readLine(); text != null; text = in.readLine()) {
      ObjectNode line = (ObjectNode) JSON.readTree(text);
      String ddl = line.get("ddl").asText();
      StructType type = StructType.fromDDL(ddl);
      InternalRow input = row(line.get("row"), type);
      UnsafeRow row = used.computeIfAbsent(ddl, unused -> generated(type)).apply(input).copy();
      String fresh = hex(generated(type).apply(input).getBytes());
      String interpreted = hex(usedInterpreted
          .computeIfAbsent(ddl, unused -> UnsafeProjection$.MODULE$.createInterpretedObject(references(type)))
          .apply(input).getBytes());
      if (UnsafeRowUtils.validateStructuralIntegrityWithReason(row, type).isDefined()) {
        throw new IllegalStateException(UnsafeRowUtils.getStructuralIntegrityStatus(row, type) + " " + text);
      }
      line.put("hex", hex(row.getBytes()));
      if (!fresh.equals(line.get("hex").asText())) line.put("fresh", fresh);
      if (!interpreted.equals(line.get("hex").asText())) line.put("interpreted", interpreted);
      if (line.has("key")) addKey(line, row, type);
      out.println(JSON.writeValueAsString(line));
    }
  }
}
