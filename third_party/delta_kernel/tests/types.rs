// SPDX-License-Identifier: Apache-2.0
//! Spark's types go into a table and come out as they were, in one spelling.

mod support;

use std::sync::Arc;

use delta_kernel::arrow::array::types::{Int32Type, Int64Type};
use delta_kernel::arrow::array::*;
use delta_kernel::arrow::buffer::OffsetBuffer;
use delta_kernel::arrow::datatypes::{DataType, Field, Fields, Schema, TimeUnit};
use support::*;

fn append(table: &Delta, rows: &RecordBatch) -> Result<holdfast_delta::AppendResult, Refused> {
    table.append(Batch {
        app_id: None,
        version: 0,
        commit_empty: false,
        file_bytes_max: 0,
        merge_schema: false,
        rows: vec![rows.clone()],
        schema: rows.schema(),
    })
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).unwrap()
}

fn a_map(entries: Fields, name: &str) -> MapArray {
    let keys: ArrayRef = Arc::new(StringArray::from(vec!["a", "b", "c"]));
    let values: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
    let pairs = StructArray::new(entries.clone(), vec![keys, values], None);
    let entries = Field::new(name, DataType::Struct(entries), false);
    let offsets = OffsetBuffer::new(vec![0, 2, 2, 3].into());
    let nulls = vec![true, false, true].into();
    MapArray::new(Arc::new(entries), offsets, pairs, Some(nulls), false)
}

fn pair(key: &str, value: &str) -> Fields {
    vec![Field::new(key, DataType::Utf8, false), Field::new(value, DataType::Int64, true)].into()
}

fn a_list(element: &str) -> ListArray {
    let list = [Some(vec![Some(1), None]), None, Some(vec![])];
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>(list);
    let (_, offsets, values, nulls) = list.into_parts();
    let element = Field::new(element, DataType::Int32, true);
    ListArray::new(Arc::new(element), offsets, values, nulls)
}

fn a_struct() -> StructArray {
    let x: ArrayRef = Arc::new(Int8Array::from(vec![Some(1), None, Some(3)]));
    let inner: ArrayRef = Arc::new(a_list("element"));
    let fields: Fields = vec![
        Field::new("x", DataType::Int8, true),
        Field::new("deep", inner.data_type().clone(), true),
    ]
    .into();
    StructArray::new(fields, vec![x, inner], Some(vec![true, true, false].into()))
}

fn every_type() -> RecordBatch {
    let micros = vec![Some(-1), None, Some(1_767_225_600_123_456)];
    let times = TimestampMicrosecondArray::from(micros);
    let money = Decimal128Array::from(vec![Some(12345), None, Some(-1)]);
    let bytes: BinaryArray = vec![Some(&b"\x00\xff"[..]), None, Some(&b""[..])].into();
    batch(vec![
        ("boolean", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
        ("byte", Arc::new(Int8Array::from(vec![Some(-128), None, Some(127)]))),
        ("short", Arc::new(Int16Array::from(vec![Some(-32768), None, Some(1)]))),
        ("int", Arc::new(Int32Array::from(vec![Some(i32::MIN), None, Some(1)]))),
        ("long", Arc::new(Int64Array::from(vec![Some(i64::MIN), None, Some(1)]))),
        ("float", Arc::new(Float32Array::from(vec![Some(f32::INFINITY), None, Some(-0.5)]))),
        ("double", Arc::new(Float64Array::from(vec![Some(1e300), None, Some(-0.5)]))),
        ("decimal", Arc::new(money.with_precision_and_scale(20, 3).unwrap())),
        ("string", Arc::new(StringArray::from(vec![Some("z\u{fc}rich"), None, Some("")]))),
        ("binary", Arc::new(bytes)),
        ("date", Arc::new(Date32Array::from(vec![Some(-1), None, Some(20_454)]))),
        ("timestamp", Arc::new(times.clone().with_timezone("UTC"))),
        ("timestamp_ntz", Arc::new(times)),
        ("array", Arc::new(a_list("element"))),
        ("map", Arc::new(a_map(pair("key", "value"), "key_value"))),
        ("struct", Arc::new(a_struct())),
    ])
}

#[test]
fn every_type_of_spark_comes_back_as_it_was() {
    let scratch = Scratch::new("types");
    let table = Delta::open(&scratch.table());
    let rows = every_type();
    table.create(&rows.schema(), &[]).unwrap();
    assert_eq!(Arc::new(table.schema(-1).unwrap()), rows.schema());
    append(&table, &rows).unwrap();
    assert_eq!(Delta::open(&scratch.table()).scan(-1).unwrap(), [rows]);

    let entry = log_entry(&scratch.table(), 0);
    let protocol = entry.iter().find_map(|action| action.get("protocol")).unwrap();
    for list in ["readerFeatures", "writerFeatures"] {
        assert_eq!(protocol[list], serde_json::json!(["timestampNtz"]));
    }
    let metadata = entry.iter().find_map(|action| action.get("metaData")).unwrap();
    let schema = metadata["schemaString"].as_str().unwrap();
    let schema: serde_json::Value = serde_json::from_str(schema).unwrap();
    let fields = schema["fields"].as_array().unwrap().iter();
    let (simple, nested): (Vec<_>, Vec<_>) = fields.partition(|field| field["type"].is_string());
    let simple: Vec<&str> = simple.iter().map(|field| field["type"].as_str().unwrap()).collect();
    assert_eq!(
        simple.join(" "),
        "boolean byte short integer long float double decimal(20,3) \
        string binary date timestamp timestamp_ntz"
    );
    let nested: Vec<&str> =
        nested.iter().map(|field| field["type"]["type"].as_str().unwrap()).collect();
    assert_eq!(nested, ["array", "map", "struct"]);
}

#[test]
fn arrows_other_spellings_are_the_same_types() {
    let scratch = Scratch::new("spelling");
    let table = Delta::open(&scratch.table());
    let times = TimestampMicrosecondArray::from(vec![Some(5), None, Some(7)]);
    let text = || StringArray::from(vec![Some("a"), None, Some("a")]);
    let expected = batch(vec![
        ("t", Arc::new(times.clone().with_timezone("UTC"))),
        ("s", Arc::new(text())),
        ("d", Arc::new(text())),
        ("b", Arc::new(BinaryArray::from(vec![Some(&b"x"[..]), None, Some(&b"y"[..])]))),
        ("l", Arc::new(a_list("element"))),
        ("m", Arc::new(a_map(pair("key", "value"), "key_value"))),
    ]);
    let dictionary: DictionaryArray<Int32Type> =
        vec![Some("a"), None, Some("a")].into_iter().collect();
    let large = LargeListArray::from_iter_primitive::<Int32Type, _, _>([
        Some(vec![Some(1), None]),
        None,
        Some(vec![]),
    ]);
    let rows = batch(vec![
        ("t", Arc::new(times.with_timezone("America/New_York"))),
        ("s", Arc::new(LargeStringArray::from(vec![Some("a"), None, Some("a")]))),
        ("d", Arc::new(dictionary)),
        ("b", Arc::new(LargeBinaryArray::from(vec![Some(&b"x"[..]), None, Some(&b"y"[..])]))),
        ("l", Arc::new(large)),
        ("m", Arc::new(a_map(pair("keys", "values"), "entries"))),
    ]);
    table.create(&rows.schema(), &[]).unwrap();
    append(&table, &rows).unwrap();
    append(&table, &expected).unwrap();
    assert_eq!(table.scan(-1).unwrap(), [expected.clone(), expected]);
}

#[test]
fn nested_columns_are_compared_at_every_depth() {
    let scratch = Scratch::new("nested");
    let table = Delta::open(&scratch.table());
    let of = |data_type| Schema::new(vec![Field::new("c", data_type, true)]);
    let structure = |fields: Vec<Field>| DataType::Struct(fields.into());
    let list = |element| DataType::new_list(element, true);
    let x = Field::new("x", DataType::Int32, true);
    let y = Field::new("y", DataType::Utf8, true);
    table.create(&of(list(structure(vec![x.clone(), y.clone()]))), &[]).unwrap();
    let fits = of(list(structure(vec![y.clone(), x.clone()])));
    assert_eq!(table.check_append(Some(&fits)), Ok(()));
    let millis = DataType::Timestamp(TimeUnit::Millisecond, None);
    let cases = [
        (list(structure(vec![x.clone()])), "column 'c.element.y' of type string"),
        (
            list(structure(vec![x.clone(), Field::new("y", DataType::Int64, true)])),
            "column 'c.element.y' is string in the table and long in the rows",
        ),
        (structure(vec![x, y]), "column 'c' is array<struct<x: integer, y: string>> in the table"),
        (millis, "column 'c' has Arrow type Timestamp(ms)"),
    ];
    for (data_type, expected) in cases {
        let refused = table.check_append(Some(&of(data_type))).unwrap_err();
        assert!(refused.message.contains(expected), "{refused:?}");
    }
}

#[test]
fn nested_fields_are_reordered_and_nulls_checked() {
    let scratch = Scratch::new("reorder");
    let table = Delta::open(&scratch.table());
    let field = |name, of, nullable| Field::new(name, of, nullable);
    let required = vec![field("x", DataType::Int64, false), field("y", DataType::Utf8, true)];
    let schema = Schema::new(vec![Field::new("c", DataType::Struct(required.into()), true)]);
    table.create(&schema, &[]).unwrap();
    let rows = |x: Vec<Option<i64>>, nulls: Vec<bool>| {
        let x: ArrayRef = Arc::new(PrimitiveArray::<Int64Type>::from(x));
        let y: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let fields: Fields =
            vec![field("y", DataType::Utf8, true), field("x", DataType::Int64, true)].into();
        batch(vec![("c", Arc::new(StructArray::new(fields, vec![y, x], Some(nulls.into()))))])
    };
    // A null under a null struct is not a null value of the field.
    append(&table, &rows(vec![Some(7), None], vec![true, false])).unwrap();
    let back = table.scan(-1).unwrap();
    let back = back[0].column(0).as_struct();
    assert_eq!(back.column(0).as_primitive::<Int64Type>().value(0), 7);
    assert!(back.is_null(1));
    let refused = append(&table, &rows(vec![Some(7), None], vec![true, true])).unwrap_err();
    assert_eq!(refused.code, INVALID);
    assert!(refused.message.contains("column 'c'"), "{refused:?}");
    assert_eq!(data_files(&scratch.table()), 1);
}
