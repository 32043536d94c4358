// SPDX-License-Identifier: Apache-2.0
package holdfast.programs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.io.IOException;
import java.sql.Timestamp;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.*;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Values as JSON: a struct is the array of its fields, but one whose only field is `value`, which is what Spark makes of
 * a scalar, is that field; a map is an array of [key, value], sorted by their text.
 */
final class Values {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSSX");

  private Values() {}

  static JsonNode parsed(String text) {
    try {
      return JSON.readTree(text);
    } catch (IOException failure) {
      throw new IllegalArgumentException(failure);
    }
  }

  /** The struct of a type that a program names: "bigint", or "a int, b string". */
  static StructType schemaOf(String type) {
    return type.contains(" ") ? StructType.fromDDL(type) : StructType.fromDDL("value " + type);
  }

  static boolean isScalar(StructType type) {
    return type.length() == 1 && type.apply(0).name().equals("value");
  }

  static Row row(JsonNode json, StructType type) {
    Object[] fields = new Object[type.length()];
    for (int i = 0; i < fields.length; ++i) {
      fields[i] = value(isScalar(type) ? json : json.get(i), type.apply(i).dataType());
    }
    return RowFactory.create(fields);
  }

  static Object value(JsonNode json, DataType type) {
    if (json.isNull()) {
      return null;
    }
    if (type instanceof StructType struct) {
      return row(json, struct);
    }
    if (type instanceof ArrayType array) {
      List<Object> elements = new ArrayList<>();
      json.forEach(element -> elements.add(value(element, array.elementType())));
      return CollectionConverters.asScala(elements).toSeq();
    }
    if (type instanceof MapType map) {
      Map<Object, Object> entries = new LinkedHashMap<>();
      json.forEach(e -> entries.put(value(e.get(0), map.keyType()), value(e.get(1), map.valueType())));
      return CollectionConverters.asScala(entries);
    }
    return switch (type.typeName()) {
      case "integer" -> (Object) json.asInt();
      case "long" -> (Object) json.asLong();
      case "double" -> (Object) json.asDouble();
      case "boolean" -> (Object) json.asBoolean();
      case "string" -> (Object) json.asText();
      default -> throw new IllegalArgumentException("no values of " + type + " in programs");
    };
  }

  static JsonNode json(Object value, DataType type) {
    if (value == null) {
      return JSON.nullNode();
    }
    if (type instanceof StructType struct) {
      Row row = (Row) value;
      if (isScalar(struct)) {
        return json(row.get(0), struct.apply(0).dataType());
      }
      ArrayNode fields = JSON.createArrayNode();
      for (int i = 0; i < struct.length(); ++i) {
        fields.add(json(row.get(i), struct.apply(i).dataType()));
      }
      return fields;
    }
    if (type instanceof ArrayType array) {
      ArrayNode elements = JSON.createArrayNode();
      for (Object element : CollectionConverters.asJava((scala.collection.Iterable<?>) value)) {
        elements.add(json(element, array.elementType()));
      }
      return elements;
    }
    if (type instanceof MapType map) {
      List<ArrayNode> entries = new ArrayList<>();
      CollectionConverters.asJava((scala.collection.Map<?, ?>) value).forEach((k, v) -> entries.add(
          JSON.createArrayNode().add(json(k, map.keyType())).add(json(v, map.valueType()))));
      entries.sort(Comparator.comparing(Object::toString));
      return JSON.createArrayNode().addAll(entries);
    }
    if (value instanceof Timestamp time) {
      return JSON.getNodeFactory().textNode(time.toInstant().atOffset(ZoneOffset.UTC).format(TIME));
    }
    return JSON.valueToTree(value);
  }
}
