// SPDX-License-Identifier: Apache-2.0
//! Partitioned tables, and tables that get new columns with the rows that have them.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use delta_kernel::arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, Decimal128Array, Int32Array, Int64Array, RecordBatch,
    StringArray, StructArray, TimestampMicrosecondArray,
};
use delta_kernel::arrow::datatypes::{DataType, Field, Int64Type, Schema};
use support::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, column)| (name, column, true)),
    )
    .unwrap()
}

fn longs(values: Vec<Option<i64>>) -> ArrayRef {
    Arc::new(Int64Array::from(values))
}

fn texts(values: Vec<Option<&str>>) -> ArrayRef {
    Arc::new(StringArray::from(values))
}

fn rows_of<'a>(version: i64, merge_schema: bool, rows: &[RecordBatch]) -> Batch<'a> {
    Batch {
        app_id: Some("q"),
        version,
        commit_empty: true,
        file_bytes_max: 0,
        merge_schema,
        rows: rows.to_vec(),
        schema: rows[0].schema(),
    }
}

/// path -> partitionValues of the add actions of a version.
fn added(table: &Path, version: u64) -> BTreeMap<String, serde_json::Value> {
    let adds =
        log_entry(table, version).into_iter().filter_map(|action| action.get("add").cloned());
    adds.map(|add| (add["path"].as_str().unwrap().to_string(), add["partitionValues"].clone()))
        .collect()
}

#[test]
fn each_combination_of_values_has_files_of_its_own_and_every_row_is_there() {
    let scratch = Scratch::new("partitioned");
    let table = Delta::open(&scratch.table());
    let rows = batch(vec![
        ("n", longs((0..6).map(Some).collect())),
        ("s", texts(vec![Some("a"), Some("b/c d%"), Some("a"), None, Some(""), Some("b/c d%")])),
        ("k", longs(vec![Some(1), Some(1), Some(1), Some(2), Some(2), Some(1)])),
    ]);
    table.create_partitioned(&rows.schema(), &["k", "s"], &[]).unwrap();
    assert_eq!(table.state().unwrap().partitioned, 1);
    let result = table.append(rows_of(0, false, &[rows.clone(), rows.slice(0, 1)])).unwrap();
    // No text and an empty one are two groups, and one partition.
    assert_eq!((result.files, result.rows), (4, 7));

    let adds = added(&scratch.table(), 1);
    let values: Vec<String> = adds.values().map(|values| values.to_string()).collect();
    // An empty text is no value, as the protocol has it.
    assert_eq!(
        values,
        [
            r#"{"k":"1","s":"a"}"#,
            r#"{"k":"1","s":"b/c d%"}"#,
            r#"{"k":"2","s":null}"#,
            r#"{"k":"2","s":null}"#,
        ]
    );
    let paths: Vec<&String> = adds.keys().collect();
    assert!(paths[0].starts_with("k=1/s=a/part-"), "{paths:?}");
    assert!(paths[2].starts_with("k=2/s=__HIVE_DEFAULT_PARTITION__/part-"), "{paths:?}");

    let mut read: Vec<(i64, Option<String>, i64)> = Vec::new();
    for found in table.scan(-1).unwrap() {
        let (n, s) = (found.column_by_name("n").unwrap(), found.column_by_name("s").unwrap());
        let k = found.column_by_name("k").unwrap();
        for row in 0..found.num_rows() {
            let text = s.is_valid(row).then(|| s.as_string::<i32>().value(row).to_string());
            let (n, k) = (n.as_primitive::<Int64Type>(), k.as_primitive::<Int64Type>());
            read.push((n.value(row), text, k.value(row)));
        }
    }
    read.sort();
    let a = Some("a".to_string());
    let b = Some("b/c d%".to_string());
    let expected = [
        (0, a.clone(), 1),
        (0, a.clone(), 1),
        (1, b.clone(), 1),
        (2, a, 1),
        (3, None, 2),
        (4, None, 2),
        (5, b, 1),
    ];
    assert_eq!(read, expected);
}

#[test]
fn values_of_every_type_are_written_as_the_protocol_says() {
    let scratch = Scratch::new("values");
    let table = Delta::open(&scratch.table());
    let time = TimestampMicrosecondArray::from(vec![1_700_000_000_123_456]).with_timezone("UTC");
    let decimal = Decimal128Array::from(vec![-12345]).with_precision_and_scale(10, 2).unwrap();
    let rows = batch(vec![
        ("n", longs(vec![Some(1)])),
        ("i", Arc::new(Int32Array::from(vec![-7]))),
        ("day", Arc::new(Date32Array::from(vec![19_723]))),
        ("at", Arc::new(time)),
        ("price", Arc::new(decimal)),
    ]);
    table.create_partitioned(&rows.schema(), &["i", "day", "at", "price"], &[]).unwrap();
    table.append(rows_of(0, false, std::slice::from_ref(&rows))).unwrap();
    let adds = added(&scratch.table(), 1);
    let values = adds.values().next().unwrap();
    assert_eq!((&values["i"], &values["day"]), (&"-7".into(), &"2024-01-01".into()));
    assert_eq!(values["price"], "-123.45");
    let read = table.scan(-1).unwrap();
    assert_eq!(read.len(), 1);
    for column in ["i", "day", "at", "price"] {
        assert_eq!(read[0].column_by_name(column), rows.column_by_name(column), "{column}");
    }
}

#[test]
fn staged_partitions_that_are_not_appended_leave_nothing() {
    let scratch = Scratch::new("partition-unstage");
    let table = Delta::open(&scratch.table());
    let schema = numbers(0, 0).schema();
    table.create_partitioned(&schema, &["s"], &[]).unwrap();
    let entries = || std::fs::read_dir(scratch.table()).unwrap().count();
    let before = entries();
    table.stage_and_drop(numbers(0, 3), || assert_eq!(entries(), before + 3));
    assert_eq!(entries(), before);
}

#[test]
fn a_table_keeps_its_partition_columns() {
    let scratch = Scratch::new("partition-check");
    let table = Delta::open(&scratch.table());
    let schema = numbers(0, 0).schema();
    for unknown in ["x", "_delta"] {
        assert_eq!(table.create_partitioned(&schema, &[unknown], &[]).unwrap_err().code, INVALID);
    }
    table.create_partitioned(&schema, &["s"], &[]).unwrap();
    assert_eq!(table.check_append_to(Some(&schema), &["s"], false), Ok(()));
    assert_eq!(table.check_append_to(Some(&schema), &[], false), Ok(()));
    let refused = table.check_append_to(Some(&schema), &["n", "s"], false).unwrap_err();
    assert_eq!(refused.code, INVALID);
    assert!(refused.message.contains("partitioned by s"), "{refused:?}");
    let plain = Scratch::new("partition-none");
    let refused = numbers_table(&plain).check_append_to(Some(&schema), &["s"], false).unwrap_err();
    assert!(refused.message.contains("not partitioned"), "{refused:?}");
}

#[test]
fn new_columns_come_in_the_commit_that_has_their_rows() {
    let scratch = Scratch::new("merge");
    let table = numbers_table(&scratch);
    table.append_numbers(0, 2).unwrap();
    let inner = |names: &[&str]| -> ArrayRef {
        let fields: Vec<_> =
            names.iter().map(|name| Field::new(*name, DataType::Int64, true)).collect();
        let columns = names.iter().map(|_| longs(vec![Some(5)])).collect();
        Arc::new(StructArray::new(fields.into(), columns, None))
    };
    let rows = batch(vec![("n", longs(vec![Some(9)])), ("in", inner(&["a"]))]);
    let refused = table.append(rows_of(1, false, std::slice::from_ref(&rows))).unwrap_err();
    assert_eq!(refused.code, INVALID);
    assert_eq!(table.check_append_to(Some(&rows.schema()), &[], true), Ok(()));
    assert_eq!(table.append(rows_of(1, true, std::slice::from_ref(&rows))).unwrap().version, 2);

    let entry = log_entry(&scratch.table(), 2);
    for action in ["metaData", "add", "txn"] {
        assert!(entry.iter().any(|line| line.get(action).is_some()), "{action}");
    }
    let names =
        |schema: &Schema| schema.fields().iter().map(|f| f.name().clone()).collect::<Vec<_>>();
    assert_eq!(names(&table.schema(-1).unwrap()), ["n", "s", "in"]);
    assert_eq!(names(&table.schema(1).unwrap()), ["n", "s"]);

    // A field within the struct, and again the same columns: no second change of the schema.
    let deeper = batch(vec![("n", longs(vec![None])), ("in", inner(&["b", "a"]))]);
    table.append(rows_of(2, true, std::slice::from_ref(&deeper))).unwrap();
    table.append(rows_of(3, true, std::slice::from_ref(&deeper))).unwrap();
    let changes = |version| {
        log_entry(&scratch.table(), version).iter().any(|line| line.get("metaData").is_some())
    };
    assert_eq!((changes(3), changes(4)), (true, false));
    let skipped = table.append(rows_of(3, true, std::slice::from_ref(&deeper))).unwrap();
    assert_eq!((skipped.outcome, skipped.version), (1, 4));
    assert_eq!(table.rows(-1), 5);
}

#[test]
fn what_merging_would_change_is_refused_by_name() {
    let scratch = Scratch::new("merge-refused");
    let table = Delta::open(&scratch.table());
    let schema = Schema::new(vec![
        Field::new("n", DataType::Int64, false),
        Field::new("s", DataType::Utf8, true),
    ]);
    table.create(&schema, &[]).unwrap();
    let cases = [
        (vec![("n", DataType::Int32)], "column 'n' is long in the table and integer in the rows"),
        (vec![("n", DataType::Int64), ("S", DataType::Utf8)], "may not differ by case alone"),
        (vec![("s", DataType::Utf8)], "'n' that must not be null"),
    ];
    for (columns, expected) in cases {
        let fields: Vec<Field> =
            columns.iter().map(|(name, of)| Field::new(*name, of.clone(), true)).collect();
        let refused = table.check_append_to(Some(&Schema::new(fields)), &[], true).unwrap_err();
        assert_eq!(refused.code, INVALID);
        assert!(refused.message.contains(expected), "{refused:?}");
    }
    assert_eq!(table.state().unwrap().version, 0);
}

#[test]
fn a_partitioned_table_gets_columns_too() {
    let scratch = Scratch::new("merge-partitioned");
    let table = Delta::open(&scratch.table());
    table.create_partitioned(&numbers(0, 0).schema(), &["s"], &[]).unwrap();
    let rows = batch(vec![
        ("extra", longs(vec![Some(1), Some(2)])),
        ("s", texts(vec![Some("x"), Some("y")])),
        ("n", longs(vec![Some(3), Some(4)])),
    ]);
    assert_eq!(table.append(rows_of(0, true, std::slice::from_ref(&rows))).unwrap().files, 2);
    assert_eq!(table.rows(-1), 2);
    assert_eq!(table.schema(-1).unwrap().fields().len(), 3);
}

#[test]
fn files_are_read_one_by_one_in_the_order_asked_for() {
    let scratch = Scratch::new("scan-files");
    let table = numbers_table(&scratch);
    for version in 0..3 {
        table.append_numbers(version, 2).unwrap();
    }
    let path = |version| added(&scratch.table(), version).into_keys().next().unwrap();
    let schema = Schema::new(vec![
        Field::new("s", DataType::Utf8, true),
        Field::new("n", DataType::Int64, true),
        Field::new("later", DataType::Date32, true),
    ]);
    let (first, third) = (path(1), path(3));
    let read = table.scan_files(3, &schema, &[&third, &first]).unwrap();
    let n: Vec<i64> = read
        .iter()
        .flat_map(|batch| batch.column(1).as_primitive::<Int64Type>().values().to_vec())
        .collect();
    assert_eq!(n, [2000, 2001, 0, 1]);
    assert_eq!(read[0].column(2).null_count(), 2);
    let refused = table.scan_files(2, &schema, &[&third]).unwrap_err();
    assert_eq!(refused.code, CORRUPT);
    let narrow = Schema::new(vec![Field::new("n", DataType::Int64, true)]);
    let refused = table.scan_files(3, &narrow, &[&first]).unwrap_err();
    assert!(refused.message.contains("'s'"), "{refused:?}");
}
