// SPDX-License-Identifier: Apache-2.0
//! Tables of other engines and damaged ones: what is refused, and by which name.

mod support;

use std::sync::Arc;

use delta_kernel::arrow::datatypes::{DataType, Field, Schema};
use support::*;

fn foreign_table(scratch: &Scratch, protocol: &str, properties: &str) -> Delta {
    let path = scratch.table();
    write_log_entry(&path, 0, &[protocol, &numbers_metadata(properties)]);
    Delta::open(&path)
}

fn modern(reader: &str, writer: &str) -> String {
    format!(
        r#"{{"protocol":{{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":[{reader}],"writerFeatures":[{writer}]}}}}"#
    )
}

#[test]
fn an_unknown_writer_feature_is_named_and_reading_goes_on() {
    let scratch = Scratch::new("feature");
    let table = foreign_table(&scratch, &modern("", r#""fancyIndex""#), "{}");
    for refused in [table.check_append(None), table.append_numbers(0, 1).map(|_| ())] {
        let refused = refused.unwrap_err();
        assert_eq!(refused.code, INCOMPATIBLE, "{refused:?}");
        assert!(refused.message.contains("fancyIndex"), "{refused:?}");
    }
    assert_eq!(table.rows(-1), 0);
    assert_eq!(data_files(&scratch.table()), 0);
}

#[test]
fn an_unknown_reader_feature_is_named() {
    let scratch = Scratch::new("reader");
    let both = r#""newEncoding""#;
    let table = foreign_table(&scratch, &modern(both, both), "{}");
    let refused = table.scan(-1).unwrap_err();
    assert_eq!(refused.code, INCOMPATIBLE);
    assert!(refused.message.contains("newEncoding"), "{refused:?}");
}

#[test]
fn a_constraint_that_we_cannot_check_is_named() {
    let scratch = Scratch::new("constraint");
    let properties = r#"{"delta.constraints.positive":"n > 0"}"#;
    let table = foreign_table(&scratch, &modern("", r#""checkConstraints""#), properties);
    let refused = table.append_numbers(0, 1).unwrap_err();
    assert_eq!(refused.code, INCOMPATIBLE);
    assert!(refused.message.contains("checkConstraints"), "{refused:?}");
}

#[test]
fn a_table_of_legacy_protocol_is_appended_to() {
    let scratch = Scratch::new("legacy");
    let protocol = r#"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#;
    let table = foreign_table(&scratch, protocol, r#"{"delta.checkpointInterval":"3"}"#);
    assert_eq!(table.state().unwrap().checkpoint_every, 3);
    let due: Vec<i32> =
        (0..3).map(|version| table.append_numbers(version, 2).unwrap().checkpoint_due).collect();
    assert_eq!(due, [0, 0, 1]);
    table.checkpoint().unwrap();
    assert_eq!(table.append_numbers(3, 2).unwrap().checkpoint_due, 0);
    assert_eq!(table.rows(-1), 8);
}

#[test]
fn a_table_is_read_from_its_checkpoint_alone() {
    let scratch = Scratch::new("checkpoint");
    let table = numbers_table(&scratch);
    for version in 0..12 {
        let result = table.append_numbers(version, 3).unwrap();
        assert_eq!(result.checkpoint_due, i32::from(version >= 9), "{version}");
    }
    table.checkpoint().unwrap();
    table.checkpoint().unwrap();
    let log = scratch.table().join("_delta_log");
    assert!(log.join("_last_checkpoint").exists());
    for version in 0..12 {
        std::fs::remove_file(log.join(format!("{version:020}.json"))).unwrap();
    }
    let again = Delta::open(&scratch.table());
    assert_eq!((again.txn("q"), again.rows(-1)), (Ok(11), 36));
    assert_eq!(again.append_numbers(12, 1).unwrap().version, 13);
    assert_eq!(table.append_numbers(13, 1).unwrap().version, 14);
    assert_eq!(again.rows(-1), 38);
}

#[test]
fn damage_is_corrupt_and_not_a_panic() {
    let scratch = Scratch::new("damage");
    let path = scratch.table();
    let table = numbers_table(&scratch);
    table.append_numbers(0, 5).unwrap();
    let (files, _) = table.files(-1).unwrap();
    let data = &files[0].0;
    let bytes = std::fs::read(data).unwrap();
    std::fs::write(data, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(table.scan(-1).unwrap_err().code, STREAM);
    std::fs::remove_file(data).unwrap();
    assert_eq!(table.scan(-1).unwrap_err().code, STREAM);

    write_log_entry(&path, 2, &["{\"txn\":{\"appId\":"]);
    let refused = table.state().unwrap_err();
    assert_eq!(refused.code, CORRUPT, "{refused:?}");
    assert!(!refused.message.contains("backtrace"), "{refused:?}");

    write_log_entry(&path, 0, &["{}"]);
    let refused = Delta::open(&path).state().unwrap_err();
    assert_eq!(refused.code, CORRUPT, "{refused:?}");
}

#[test]
fn creation_is_refused_for_a_reason() {
    let scratch = Scratch::new("creation");
    let table = Delta::open(&scratch.table());
    let schema = |of: DataType| Schema::new(vec![Field::new("c", of, true)]);
    let unsigned = Field::new("inner", DataType::UInt8, true);
    let nested = DataType::Struct(vec![unsigned].into());
    let cases = [
        (schema(nested), vec![], "column 'c.inner' has Arrow type UInt8"),
        (Schema::empty(), vec![], "at least one column"),
        (schema(DataType::Int8), vec![("delta.noSuch", "1")], "delta.noSuch"),
        (Schema::new(vec![Field::new("a b", DataType::Int8, true)]), vec![], "a b"),
    ];
    for (schema, properties, expected) in cases {
        let refused = table.create(&schema, &properties).unwrap_err();
        assert_eq!(refused.code, INVALID, "{refused:?}");
        assert!(refused.message.contains(expected), "{refused:?}");
    }
    assert!(!scratch.table().exists());
    let properties = [("delta.appendOnly", "true"), ("made.by", "us")];
    table.create(&schema(DataType::Int8), &properties).unwrap();
    assert_eq!(table.create(&schema(DataType::Int8), &[]).unwrap_err().code, CONFLICT);
    let entry = log_entry(&scratch.table(), 0);
    let metadata = entry.iter().find_map(|action| action.get("metaData")).unwrap();
    assert_eq!(metadata["configuration"]["made.by"], "us");
    assert_eq!(metadata["configuration"]["delta.appendOnly"], "true");
    let file = scratch.0.join("file");
    std::fs::write(&file, "x").unwrap();
    assert_eq!(Delta::try_open(file.to_str().unwrap()).err().unwrap().code, INVALID);
    assert_eq!(table.scan(3).unwrap_err().code, INVALID);
}

#[test]
fn column_mapping_is_applied_and_said() {
    let scratch = Scratch::new("mapping");
    let table = Delta::open(&scratch.table());
    let schema = numbers(0, 0).schema();
    table.create(&schema, &[("delta.columnMapping.mode", "name")]).unwrap();
    table.append_numbers(0, 4).unwrap();
    assert_eq!(table.rows(-1), 4);
    assert_eq!(Arc::new(table.schema(-1).unwrap()), schema);
    assert!(table.files(-1).unwrap().1.unwrap().contains("column mapping"));
}

#[test]
fn deletion_vectors_are_applied_and_said() {
    let scratch = Scratch::new("deleted");
    let table = Delta::open(&scratch.table());
    let schema = numbers(0, 0).schema();
    table.create(&schema, &[("delta.enableDeletionVectors", "true")]).unwrap();
    table.append_numbers(0, 40).unwrap();
    assert_eq!(table.files(-1).unwrap().1, None);
    let entry = log_entry(&scratch.table(), 1);
    let mut add = entry.iter().find(|action| action.get("add").is_some()).unwrap().clone();
    let path = &add["add"]["path"];
    let remove = serde_json::json!({"remove": {"path": path, "dataChange": true}}).to_string();
    // The example of the Delta protocol: rows 3, 4, 7, 11, 18 and 29.
    add["add"]["deletionVector"] = serde_json::json!({
        "storageType": "i",
        "pathOrInlineDv": "^Bg9^0rr910000000000iXQKl0rr91000f55c8Xg0@@D72lkbi5=-{L",
        "sizeInBytes": 44,
        "cardinality": 6
    });
    write_log_entry(&scratch.table(), 2, &[&remove, &add.to_string()]);
    assert_eq!(table.rows(-1), 34);
    assert_eq!(table.rows(1), 40);
    assert!(table.files(-1).unwrap().1.unwrap().contains("deletion vectors"));
}
