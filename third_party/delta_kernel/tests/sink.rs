// SPDX-License-Identifier: Apache-2.0
//! What a streaming sink relies on: exactly-once appends, refusals before anything is written, and
//! sharing a table with other writers.

mod support;

use std::sync::Arc;

use delta_kernel::arrow::array::{ArrayRef, Int32Array, Int64Array, RecordBatch, StringArray};
use delta_kernel::arrow::datatypes::{DataType, Field, Schema};
use delta_kernel::arrow::ffi_stream::FFI_ArrowArrayStream;
use support::*;

const COMMITTED: i32 = 0;
const SKIPPED: i32 = 1;
const EMPTY: i32 = 2;

#[test]
fn staged_rows_that_are_not_appended_leave_nothing() {
    let scratch = Scratch::new("unstage");
    let table = numbers_table(&scratch);
    table.append_numbers(0, 5).unwrap();
    let files = || std::fs::read_dir(scratch.table()).unwrap().count();
    let before = files();
    table.stage_and_drop(numbers(100, 7), || assert_eq!(files(), before + 1));
    assert_eq!(files(), before);
    assert_eq!(table.rows(-1), 5);
}

#[test]
fn opening_touches_nothing() {
    let scratch = Scratch::new("open");
    let table = Delta::open(&scratch.table());
    let state = table.state().unwrap();
    assert_eq!((state.exists, state.version), (0, 0));
    assert_eq!(table.txn("q"), Ok(-1));
    assert!(!scratch.table().parent().unwrap().exists());
    let refused = table.append_numbers(0, 1).unwrap_err();
    assert_eq!(refused.code, INVALID);
    assert!(refused.message.contains("no Delta table at"), "{refused:?}");
    assert!(!scratch.table().exists());
}

#[test]
fn a_batch_is_one_commit_with_its_txn() {
    let scratch = Scratch::new("append");
    let table = numbers_table(&scratch);
    let first = table.append_numbers(0, 5).unwrap();
    assert_eq!((first.outcome, first.version), (COMMITTED, 1));
    assert_eq!((first.files, first.rows), (1, 5));
    let second = table.append_numbers(1, 7).unwrap();
    assert_eq!((second.outcome, second.version), (COMMITTED, 2));
    assert_eq!(table.txn("q"), Ok(1));
    assert_eq!(table.rows(-1), 12);
    assert_eq!(table.rows(1), 5);
    assert_eq!(table.rows(0), 0);

    let entry = log_entry(&scratch.table(), 2);
    let txn = entry.iter().find_map(|action| action.get("txn")).unwrap();
    assert_eq!((txn["appId"].as_str(), txn["version"].as_i64()), (Some("q"), Some(1)));
    let info = entry.iter().find_map(|action| action.get("commitInfo")).unwrap();
    assert_eq!(info["operation"], "STREAMING UPDATE");
    assert_eq!(info["operationParameters"]["epochId"], "1");
    assert_eq!(info["operationParameters"]["outputMode"], "Append");
    assert_eq!(info["operationMetrics"]["numOutputRows"], "7");
    let add = entry.iter().find_map(|action| action.get("add")).unwrap();
    let stats: serde_json::Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
    assert_eq!(stats["numRecords"], 7);
    assert_eq!((&stats["minValues"]["n"], &stats["maxValues"]["n"]), (&1000.into(), &1006.into()));
}

#[test]
fn a_repeated_batch_is_skipped_by_this_and_by_a_new_writer() {
    let scratch = Scratch::new("repeat");
    let table = numbers_table(&scratch);
    table.append_numbers(4, 5).unwrap();
    for writer in [&table, &Delta::open(&scratch.table())] {
        for version in [4, 3] {
            let again = writer.append_numbers(version, 5).unwrap();
            assert_eq!((again.outcome, again.version, again.files), (SKIPPED, 1, 0));
        }
    }
    assert_eq!(table.rows(-1), 5);
    assert_eq!(data_files(&scratch.table()), 1);
    // Another query has its own counter; no query has none.
    assert_eq!(table.txn("other"), Ok(-1));
    let rows = numbers(0, 1);
    let anonymous = |rows: &RecordBatch| Batch {
        app_id: None,
        version: 0,
        commit_empty: false,
        file_bytes_max: 0,
        merge_schema: false,
        rows: vec![rows.clone()],
        schema: rows.schema(),
    };
    assert_eq!(table.append(anonymous(&rows)).unwrap().outcome, COMMITTED);
    assert_eq!(table.append(anonymous(&rows)).unwrap().outcome, COMMITTED);
    assert_eq!(table.rows(-1), 7);
}

#[test]
fn an_empty_batch_commits_its_txn_only_if_asked_to() {
    let scratch = Scratch::new("empty");
    let table = numbers_table(&scratch);
    let empty = |commit_empty| Batch {
        app_id: Some("q"),
        version: 0,
        commit_empty,
        file_bytes_max: 0,
        merge_schema: false,
        rows: vec![numbers(0, 0)],
        schema: numbers(0, 0).schema(),
    };
    let skipped = table.append(empty(false)).unwrap();
    assert_eq!((skipped.outcome, skipped.version), (EMPTY, 0));
    assert_eq!(table.txn("q"), Ok(-1));
    let committed = table.append(empty(true)).unwrap();
    assert_eq!((committed.outcome, committed.version, committed.files), (COMMITTED, 1, 0));
    assert_eq!(Delta::open(&scratch.table()).txn("q"), Ok(0));
    assert_eq!(table.append(empty(true)).unwrap().outcome, SKIPPED);
    assert_eq!(table.rows(-1), 0);
    assert_eq!(data_files(&scratch.table()), 0);
}

#[test]
fn a_large_batch_becomes_several_files() {
    let scratch = Scratch::new("split");
    let table = numbers_table(&scratch);
    let result = table
        .append(Batch {
            app_id: Some("q"),
            version: 0,
            commit_empty: true,
            file_bytes_max: 1,
            merge_schema: false,
            rows: vec![numbers(0, 10), numbers(10, 20), numbers(30, 5)],
            schema: numbers(0, 0).schema(),
        })
        .unwrap();
    assert_eq!((result.files, result.rows), (3, 35));
    let (files, not_plain) = table.files(-1).unwrap();
    assert_eq!(not_plain, None);
    let mut rows: Vec<i64> = files.iter().map(|(_, _, rows)| *rows).collect();
    rows.sort();
    assert_eq!(rows, [5, 10, 20]);
    for (path, size, _) in &files {
        assert_eq!(std::fs::metadata(path).unwrap().len(), *size as u64);
    }
    assert_eq!(files.iter().map(|(_, size, _)| size).sum::<i64>(), result.bytes);
}

fn refusal(table: &Delta, columns: &[(&str, DataType)]) -> Refused {
    let fields: Vec<Field> =
        columns.iter().map(|(name, of)| Field::new(*name, of.clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let checked = table.check_append(Some(&schema)).unwrap_err();
    let batch = Batch {
        app_id: Some("q"),
        version: 0,
        commit_empty: true,
        file_bytes_max: 0,
        merge_schema: false,
        rows: vec![RecordBatch::new_empty(schema.clone())],
        schema,
    };
    assert_eq!(table.append(batch).unwrap_err(), checked);
    checked
}

#[test]
fn rows_that_do_not_fit_are_refused_by_column_and_type() {
    let scratch = Scratch::new("schema");
    let table = numbers_table(&scratch);
    let long = DataType::Int64;
    let text = DataType::Utf8;
    let cases = [
        (vec![("n", long.clone())], "the table has column 's' of type string"),
        (vec![("n", long.clone()), ("S", text.clone())], "they have 'S'"),
        (
            vec![("n", long.clone()), ("s", text.clone()), ("x", DataType::Date32)],
            "the rows have column 'x' of type date",
        ),
        (
            vec![("n", DataType::Int32), ("s", text.clone())],
            "column 'n' is long in the table and integer in the rows",
        ),
        (vec![("n", DataType::UInt64), ("s", text)], "column 'n' has Arrow type UInt64"),
    ];
    for (columns, expected) in cases {
        let refused = refusal(&table, &columns);
        assert_eq!(refused.code, INVALID, "{refused:?}");
        assert!(refused.message.contains(expected), "{refused:?}");
    }
    assert_eq!(data_files(&scratch.table()), 0);
    assert_eq!(table.state().unwrap().version, 0);
    assert_eq!(table.check_append(Some(&numbers(0, 0).schema())), Ok(()));
    assert_eq!(table.check_append(None), Ok(()));
}

#[test]
fn columns_come_in_any_order() {
    let scratch = Scratch::new("order");
    let table = numbers_table(&scratch);
    let s: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
    let n: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None]));
    let rows = RecordBatch::try_from_iter_with_nullable([("s", s, true), ("n", n.clone(), true)]);
    let rows = rows.unwrap();
    let batch = Batch {
        app_id: Some("q"),
        version: 0,
        commit_empty: false,
        file_bytes_max: 0,
        merge_schema: false,
        schema: rows.schema(),
        rows: vec![rows],
    };
    table.append(batch).unwrap();
    let back = table.scan(-1).unwrap();
    assert_eq!(back[0].schema().field(0).name(), "n");
    assert_eq!(back[0].column(0), &n);
}

#[test]
fn a_null_in_a_required_column_is_refused_and_leaves_no_file() {
    let scratch = Scratch::new("null");
    let table = Delta::open(&scratch.table());
    let schema = Schema::new(vec![Field::new("k", DataType::Int32, false)]);
    table.create(&schema, &[]).unwrap();
    let nullable = Arc::new(Schema::new(vec![Field::new("k", DataType::Int32, true)]));
    let batch = |values: Vec<Option<i32>>| {
        let column: ArrayRef = Arc::new(Int32Array::from(values));
        RecordBatch::try_new(nullable.clone(), vec![column]).unwrap()
    };
    let append = |rows| {
        table.append(Batch {
            app_id: Some("q"),
            version: 0,
            commit_empty: true,
            file_bytes_max: 1,
            merge_schema: false,
            rows,
            schema: nullable.clone(),
        })
    };
    let refused = append(vec![batch(vec![Some(1)]), batch(vec![Some(2), None])]).unwrap_err();
    assert_eq!(refused.code, INVALID);
    assert!(refused.message.contains("'k' must not be null"), "{refused:?}");
    assert_eq!(data_files(&scratch.table()), 0);
    assert_eq!(append(vec![batch(vec![Some(1)])]).unwrap().outcome, COMMITTED);
}

#[test]
fn two_writers_interleave() {
    let scratch = Scratch::new("writers");
    let one = numbers_table(&scratch);
    let two = Delta::open(&scratch.table());
    two.append_numbers(0, 1).unwrap();
    assert_eq!(one.append_numbers(1, 1).unwrap().version, 2);
    assert_eq!(two.append_numbers(2, 1).unwrap().version, 3);
    assert_eq!(one.append_numbers(2, 1).unwrap().outcome, SKIPPED);
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let path = scratch.table();
            std::thread::spawn(move || {
                let table = Delta::open(&path);
                let rows = numbers(0, 3);
                for version in 0..10 {
                    let app_id = format!("writer {writer}");
                    let batch = Batch {
                        app_id: Some(&app_id),
                        version,
                        commit_empty: true,
                        file_bytes_max: 0,
                        merge_schema: false,
                        rows: vec![rows.clone()],
                        schema: rows.schema(),
                    };
                    assert_eq!(table.append(batch).unwrap().outcome, COMMITTED);
                }
            })
        })
        .collect();
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    assert_eq!(one.state().unwrap().version, 43);
    assert_eq!(one.rows(-1), 3 + 40 * 3);
    assert_eq!(one.txn("writer 3"), Ok(9));
}

/// A stream that lets another writer in while its rows are being read.
fn interrupted(between: impl FnMut() + Send + 'static) -> FFI_ArrowArrayStream {
    let rows = numbers(0, 2);
    let mut between = between;
    let batches = vec![rows.clone()].into_iter().map(move |batch| {
        between();
        Ok(batch)
    });
    let reader = delta_kernel::arrow::array::RecordBatchIterator::new(batches, rows.schema());
    FFI_ArrowArrayStream::new(Box::new(reader))
}

#[test]
fn a_commit_in_between_is_passed_unless_it_matters() {
    let scratch = Scratch::new("between");
    let table = numbers_table(&scratch);
    let path = scratch.table();
    let other = {
        let path = path.clone();
        move || drop(Delta::open(&path).append_numbers(0, 1).unwrap())
    };
    let mut stream = interrupted(other);
    let result = table.append_stream(Some("mine"), 0, true, 0, false, &mut stream).unwrap();
    assert_eq!((result.outcome, result.version, result.files), (COMMITTED, 2, 1));
    assert_eq!(table.rows(-1), 3);

    // The same batch, committed meanwhile by another attempt.
    let twin = {
        let path = path.clone();
        move || drop(Delta::open(&path).append_numbers(7, 1).unwrap())
    };
    let mut stream = interrupted(twin);
    let result = table.append_stream(Some("q"), 7, true, 0, false, &mut stream).unwrap();
    assert_eq!((result.outcome, result.version), (SKIPPED, 3));
    assert_eq!(table.rows(-1), 4);

    let altered = {
        let path = path.clone();
        move || write_log_entry(&path, 4, &[&numbers_metadata(r#"{"delta.appendOnly":"true"}"#)])
    };
    let mut stream = interrupted(altered);
    let refused = table.append_stream(Some("mine"), 1, true, 0, false, &mut stream).unwrap_err();
    assert_eq!(refused.code, CONFLICT);
    assert!(refused.message.contains("version 4"), "{refused:?}");
    assert_eq!(table.rows(-1), 4);
}

#[test]
fn a_replaced_table_is_noticed() {
    let scratch = Scratch::new("replaced");
    let table = numbers_table(&scratch);
    table.append_numbers(0, 5).unwrap();
    std::fs::remove_dir_all(scratch.table()).unwrap();
    assert_eq!(table.state().unwrap().exists, 0);
    let again = numbers_table(&scratch);
    again.append_numbers(9, 2).unwrap();
    assert_eq!(table.txn("q"), Ok(9));
    assert_eq!(table.append_numbers(10, 1).unwrap().version, 2);
    assert_eq!(table.rows(-1), 3);
}
