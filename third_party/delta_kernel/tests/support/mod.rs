// SPDX-License-Identifier: Apache-2.0
//! The C functions with Rust's manners, and tables in directories that go away with their test.
#![allow(dead_code)]

use std::ffi::{c_char, CStr, CString};
use std::path::{Path, PathBuf};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::Arc;

use delta_kernel::arrow::array::{
    ArrayRef, Int64Array, RecordBatch, RecordBatchIterator, StringArray,
};
use delta_kernel::arrow::datatypes::{DataType, Field, Schema};
use delta_kernel::arrow::error::ArrowError;
use delta_kernel::arrow::ffi::FFI_ArrowSchema;
use delta_kernel::arrow::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use holdfast_delta::*;

pub const INVALID: i32 = 1;
pub const CORRUPT: i32 = 3;
pub const INCOMPATIBLE: i32 = 4;
pub const CONFLICT: i32 = 5;
/// Not a code of ours: the stream of a scan broke off.
pub const STREAM: i32 = -2;

/// The code and the message of a failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub code: i32,
    pub message: String,
}

type Answer<T> = Result<T, Refused>;

#[repr(C)]
struct RawError {
    code: i32,
    message: [u8; 2044],
}

fn call(run: impl FnOnce(*mut DeltaError) -> i32) -> Answer<()> {
    let mut error = RawError { code: -1, message: [0xff; 2044] };
    let code = run((&raw mut error).cast());
    if code == 0 {
        return Ok(());
    }
    assert_eq!(code, error.code);
    let message = CStr::from_bytes_until_nul(&error.message).unwrap();
    Err(Refused { code, message: message.to_str().unwrap().to_string() })
}

pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let unique = format!(
            "holdfast delta#{name}-{}-{}",
            std::process::id(),
            NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let directory = std::env::temp_dir().join(unique);
        std::fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    /// A path with what a URL would escape, whose parents do not exist yet.
    pub fn table(&self) -> PathBuf {
        self.0.join("new dir/100% t\u{e4}ble")
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub struct Delta(*mut DeltaTable);

// The header promises it: calls may come from any thread.
unsafe impl Send for Delta {}
unsafe impl Sync for Delta {}

impl Drop for Delta {
    fn drop(&mut self) {
        hf_delta_close(self.0);
    }
}

fn c_text(text: &str) -> CString {
    CString::new(text).unwrap()
}

/// A list of texts as C has it.
struct CTexts {
    pointers: Vec<*const c_char>,
    _texts: Vec<CString>,
}

impl CTexts {
    fn of(given: &[&str]) -> Self {
        let texts: Vec<CString> = given.iter().map(|text| c_text(text)).collect();
        Self { pointers: texts.iter().map(|text| text.as_ptr()).collect(), _texts: texts }
    }

    fn at(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}

pub struct Batch<'a> {
    pub app_id: Option<&'a str>,
    pub version: i64,
    pub commit_empty: bool,
    pub file_bytes_max: i64,
    pub merge_schema: bool,
    pub rows: Vec<RecordBatch>,
    pub schema: Arc<Schema>,
}

impl Delta {
    pub fn open(path: &Path) -> Self {
        Self::try_open(path.to_str().unwrap()).unwrap()
    }

    pub fn try_open(path: &str) -> Answer<Self> {
        let path = c_text(path);
        let mut table = null_mut();
        call(|error| hf_delta_open(path.as_ptr(), &mut table, error))?;
        Ok(Self(table))
    }

    pub fn create(&self, schema: &Schema, properties: &[(&str, &str)]) -> Answer<()> {
        self.create_partitioned(schema, &[], properties)
    }

    pub fn create_partitioned(
        &self,
        schema: &Schema,
        partition_by: &[&str],
        properties: &[(&str, &str)],
    ) -> Answer<()> {
        let columns = CTexts::of(partition_by);
        let mut ffi = FFI_ArrowSchema::try_from(schema).unwrap();
        let keys = CTexts::of(&properties.iter().map(|(key, _)| *key).collect::<Vec<_>>());
        let values = CTexts::of(&properties.iter().map(|(_, value)| *value).collect::<Vec<_>>());
        let (keys, values, count) = (keys.at(), values.at(), properties.len());
        let (columns, partitions) = (columns.at(), partition_by.len());
        call(|error| {
            hf_delta_create(self.0, &mut ffi, columns, partitions, keys, values, count, error)
        })
    }

    pub fn state(&self) -> Answer<DeltaState> {
        let mut state = DeltaState::default();
        call(|error| hf_delta_get_state(self.0, &mut state, error))?;
        Ok(state)
    }

    pub fn schema(&self, version: i64) -> Answer<Schema> {
        let mut ffi = FFI_ArrowSchema::empty();
        call(|error| hf_delta_get_schema(self.0, version, &mut ffi, error))?;
        Ok(Schema::try_from(&ffi).unwrap())
    }

    pub fn check_append(&self, schema: Option<&Schema>) -> Answer<()> {
        self.check_append_to(schema, &[], false)
    }

    pub fn check_append_to(
        &self,
        schema: Option<&Schema>,
        partition_by: &[&str],
        merge_schema: bool,
    ) -> Answer<()> {
        let columns = CTexts::of(partition_by);
        let (columns, partitions) = (columns.at(), partition_by.len());
        let mut ffi = schema.map(|schema| FFI_ArrowSchema::try_from(schema).unwrap());
        let given = ffi.as_mut().map_or(null_mut(), |ffi| ffi as *mut _);
        let merge = i32::from(merge_schema);
        call(|error| hf_delta_check_append(self.0, given, columns, partitions, merge, error))
    }

    pub fn txn(&self, app_id: &str) -> Answer<i64> {
        let app_id = c_text(app_id);
        let mut version = -7;
        call(|error| hf_delta_txn_version(self.0, app_id.as_ptr(), &mut version, error))?;
        Ok(version)
    }

    pub fn append(&self, batch: Batch) -> Answer<AppendResult> {
        let rows = batch.rows.into_iter().map(Ok);
        let reader = RecordBatchIterator::new(rows, batch.schema);
        let mut stream = FFI_ArrowArrayStream::new(Box::new(reader));
        self.append_stream(
            batch.app_id,
            batch.version,
            batch.commit_empty,
            batch.file_bytes_max,
            batch.merge_schema,
            &mut stream,
        )
    }

    pub fn append_stream(
        &self,
        app_id: Option<&str>,
        version: i64,
        commit_empty: bool,
        file_bytes_max: i64,
        merge_schema: bool,
        stream: &mut FFI_ArrowArrayStream,
    ) -> Answer<AppendResult> {
        let app_id = app_id.map(c_text);
        let mode = c_text("Append");
        let options = AppendOptions {
            app_id: app_id.as_ref().map_or(std::ptr::null(), |text| text.as_ptr()),
            app_version: version,
            output_mode: mode.as_ptr(),
            commit_empty: i32::from(commit_empty),
            merge_schema: i32::from(merge_schema),
            file_bytes_max,
            write_mode: std::ptr::null(),
        };
        let mut staged = null_mut();
        call(|error| hf_delta_stage(self.0, &options, stream, &mut staged, error))?;
        let mut result = AppendResult::default();
        call(|error| hf_delta_append(self.0, staged, &mut result, error))?;
        Ok(result)
    }

    /// Stages rows and forgets them after `meanwhile`.
    pub fn stage_and_drop(&self, rows: RecordBatch, meanwhile: impl FnOnce()) {
        let schema = rows.schema();
        let reader = RecordBatchIterator::new([Ok(rows)], schema);
        let mut stream = FFI_ArrowArrayStream::new(Box::new(reader));
        let options = AppendOptions {
            app_id: std::ptr::null(),
            app_version: 0,
            output_mode: std::ptr::null(),
            commit_empty: 0,
            merge_schema: 0,
            file_bytes_max: 0,
            write_mode: std::ptr::null(),
        };
        let mut staged = null_mut();
        call(|error| hf_delta_stage(self.0, &options, &mut stream, &mut staged, error)).unwrap();
        meanwhile();
        hf_delta_unstage(staged);
    }

    /// Appends `rows` rows of `numbers` as batch `version` of the query "q".
    pub fn append_numbers(&self, version: i64, rows: i64) -> Answer<AppendResult> {
        self.append(Batch {
            app_id: Some("q"),
            version,
            commit_empty: true,
            file_bytes_max: 0,
            merge_schema: false,
            rows: vec![numbers(version * 1000, rows)],
            schema: numbers(0, 0).schema(),
        })
    }

    pub fn scan(&self, version: i64) -> Answer<Vec<RecordBatch>> {
        let mut stream = FFI_ArrowArrayStream::empty();
        call(|error| hf_delta_scan(self.0, version, &mut stream, error))?;
        let reader = RecordBatchStreamReader::try_new(stream).unwrap();
        let refused = |error: ArrowError| Refused { code: STREAM, message: error.to_string() };
        reader.map(|batch| batch.map_err(refused)).collect()
    }

    /// The rows of some files of `version`, by the columns of `schema`.
    pub fn scan_files(
        &self,
        version: i64,
        schema: &Schema,
        paths: &[&str],
    ) -> Answer<Vec<RecordBatch>> {
        let mut ffi = FFI_ArrowSchema::try_from(schema).unwrap();
        let files = CTexts::of(paths);
        let (files, count) = (files.at(), paths.len());
        let mut stream = FFI_ArrowArrayStream::empty();
        call(|error| {
            hf_delta_scan_files(self.0, version, &mut ffi, files, count, &mut stream, error)
        })?;
        let reader = RecordBatchStreamReader::try_new(stream).unwrap();
        let refused = |error: ArrowError| Refused { code: STREAM, message: error.to_string() };
        reader.map(|batch| batch.map_err(refused)).collect()
    }

    pub fn rows(&self, version: i64) -> usize {
        let batches = self.scan(version).unwrap();
        batches.iter().map(|batch| batch.num_rows()).sum()
    }

    pub fn files(&self, version: i64) -> Answer<(Vec<(PathBuf, i64, i64)>, Option<String>)> {
        let mut files = null_mut();
        call(|error| hf_delta_files_open(self.0, version, &mut files, error))?;
        let mut list = Vec::new();
        for index in 0..hf_delta_files_count(files) {
            let (path, log_path) = (std::ptr::null(), std::ptr::null());
            let mut file = DeltaFile { path, log_path, size: 0, rows: 0, modified_ms: 0 };
            hf_delta_files_get(files, index, &mut file);
            let path = unsafe { CStr::from_ptr(file.path) }.to_str().unwrap();
            list.push((PathBuf::from(path), file.size, file.rows));
        }
        let reason = hf_delta_files_not_plain(files);
        let reason = (!reason.is_null())
            .then(|| unsafe { CStr::from_ptr(reason) }.to_str().unwrap().to_string());
        hf_delta_files_close(files);
        Ok((list, reason))
    }

    pub fn checkpoint(&self) -> Answer<()> {
        call(|error| hf_delta_checkpoint(self.0, error))
    }
}

/// Columns n (long) and s (string): n counts from `first`.
pub fn numbers(first: i64, rows: i64) -> RecordBatch {
    let n: ArrayRef = Arc::new(Int64Array::from_iter_values(first..first + rows));
    let s: ArrayRef = Arc::new(StringArray::from_iter_values((0..rows).map(|i| format!("s{i}"))));
    let schema = Schema::new(vec![
        Field::new("n", DataType::Int64, true),
        Field::new("s", DataType::Utf8, true),
    ]);
    RecordBatch::try_new(Arc::new(schema), vec![n, s]).unwrap()
}

/// A new table of `numbers`.
pub fn numbers_table(scratch: &Scratch) -> Delta {
    let table = Delta::open(&scratch.table());
    table.create(&numbers(0, 0).schema(), &[]).unwrap();
    table
}

/// The actions of one log entry.
pub fn log_entry(table: &Path, version: u64) -> Vec<serde_json::Value> {
    let path = table.join(format!("_delta_log/{version:020}.json"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Writes a log entry by hand, as another engine would.
pub fn write_log_entry(table: &Path, version: u64, lines: &[&str]) {
    let log = table.join("_delta_log");
    std::fs::create_dir_all(&log).unwrap();
    std::fs::write(log.join(format!("{version:020}.json")), lines.join("\n") + "\n").unwrap();
}

/// A metaData action for a table of `numbers` with these properties (JSON).
pub fn numbers_metadata(properties: &str) -> String {
    let column = |name: &str, of: &str| {
        format!(r#"{{\"name\":\"{name}\",\"type\":\"{of}\",\"nullable\":true,\"metadata\":{{}}}}"#)
    };
    format!(
        r#"{{"metaData":{{"id":"11111111-2222-3333-4444-555555555555","format":{{"provider":"parquet","options":{{}}}},"schemaString":"{{\"type\":\"struct\",\"fields\":[{},{}]}}","partitionColumns":[],"configuration":{properties},"createdTime":1}}}}"#,
        column("n", "long"),
        column("s", "string")
    )
}

pub fn data_files(table: &Path) -> usize {
    let entries = std::fs::read_dir(table).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_string_lossy().ends_with(".parquet")).count()
}
