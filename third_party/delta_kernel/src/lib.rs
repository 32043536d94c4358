// SPDX-License-Identifier: Apache-2.0
//! The C functions of src/connect/delta/kernel_abi.h, which is their documentation. Each one only
//! turns C arguments into Rust ones and runs under `guard`; the work is in the modules:
//! `table` (state, creation, checkpoints), `append`, `partition`, `merge` (new columns), `read`, `schema`
//! (types), `durable` (syncing).
//!
//! Every `unsafe` below relies on the header: pointers are valid for the call, strings end in zero.
#![allow(clippy::not_unsafe_ptr_arg_deref)]

mod append;
mod durable;
mod failure;
mod file_rows;
mod merge;
mod partition;
mod read;
mod schema;
mod table;

use std::ffi::{c_char, CStr};

use delta_kernel::arrow::datatypes::Schema;
use delta_kernel::arrow::ffi::FFI_ArrowSchema;
use delta_kernel::arrow::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};

use append::Staged;
use failure::{arrow, guard, ErrorOut, Failure, Outcome};
use file_rows::FileRows;
use read::{Files, Rows};
use table::Table;

pub use append::Staged as DeltaStaged;
pub use failure::ErrorOut as DeltaError;
pub use read::Files as DeltaFiles;
pub use table::Table as DeltaTable;

const ABI_VERSION: u32 = 4;
const TABLE_ID_BYTES: usize = 128;

#[repr(C)]
#[derive(Debug)]
pub struct DeltaState {
    pub exists: i32,
    pub partitioned: i32,
    pub version: i64,
    pub checkpoint_every: i64,
    pub table_id: [u8; TABLE_ID_BYTES],
}

impl Default for DeltaState {
    fn default() -> Self {
        let table_id = [0; TABLE_ID_BYTES];
        Self { exists: 0, partitioned: 0, version: 0, checkpoint_every: 0, table_id }
    }
}

#[repr(C)]
pub struct AppendOptions {
    pub app_id: *const c_char,
    pub app_version: i64,
    pub output_mode: *const c_char,
    pub commit_empty: i32,
    pub merge_schema: i32,
    pub file_bytes_max: i64,
    pub write_mode: *const c_char,
}

#[repr(C)]
#[derive(Debug, Default)]
pub struct AppendResult {
    pub outcome: i32,
    pub checkpoint_due: i32,
    pub version: i64,
    pub files: i64,
    pub rows: i64,
    pub bytes: i64,
}

#[repr(C)]
pub struct DeltaFile {
    pub path: *const c_char,
    pub log_path: *const c_char,
    pub size: i64,
    pub rows: i64,
    pub modified_ms: i64,
}

fn text<'a>(what: &str, given: *const c_char) -> Outcome<&'a str> {
    optional_text(what, given)?.ok_or_else(|| Failure::invalid(format!("{what} is null")))
}

fn optional_text<'a>(what: &str, given: *const c_char) -> Outcome<Option<&'a str>> {
    if given.is_null() {
        return Ok(None);
    }
    // SAFETY: see the top of the file.
    let bytes = unsafe { CStr::from_ptr(given) };
    let text = bytes.to_str();
    text.map(Some).map_err(|_| Failure::invalid(format!("{what} is not UTF-8")))
}

fn reference<'a, T>(what: &str, given: *const T) -> Outcome<&'a T> {
    // SAFETY: see the top of the file.
    unsafe { given.as_ref() }.ok_or_else(|| Failure::invalid(format!("{what} is null")))
}

/// Writes an output of C; the old bytes there mean nothing and are not dropped.
fn put<T>(out: *mut T, value: T) -> Outcome<()> {
    if out.is_null() {
        return Err(Failure::invalid("the place for the result is null"));
    }
    // SAFETY: see the top of the file.
    unsafe { out.write(value) };
    Ok(())
}

/// Takes a schema over; C's structure is marked released.
fn take_schema(given: *mut FFI_ArrowSchema) -> Outcome<Schema> {
    if given.is_null() {
        return Err(Failure::invalid("the schema is null"));
    }
    // SAFETY: see the top of the file.
    let taken = unsafe { FFI_ArrowSchema::from_raw(given) };
    Schema::try_from(&taken).map_err(|error| arrow(error).context("the Arrow schema is not valid"))
}

/// A list of texts of C.
fn write_of(mode: Option<&str>) -> Outcome<append::Write> {
    match mode {
        None => Ok(append::Write::Stream),
        Some("Append") => Ok(append::Write::Append),
        Some("Overwrite") => Ok(append::Write::Overwrite),
        Some(other) => Err(Failure::invalid(format!("there is no write mode {other}"))),
    }
}

fn texts(what: &str, given: *const *const c_char, count: usize) -> Outcome<Vec<String>> {
    (0..count)
        .map(|index| {
            reference(what, given)?;
            // SAFETY: the list has `count` elements.
            let one = unsafe { *given.add(index) };
            text(what, one).map(str::to_string)
        })
        .collect()
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[no_mangle]
pub extern "C" fn hf_delta_abi_version() -> u32 {
    ABI_VERSION
}

#[no_mangle]
pub extern "C" fn hf_delta_open(
    path: *const c_char,
    out: *mut *mut Table,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        let table = Table::open(text("the path", path)?)?;
        put(out, Box::into_raw(Box::new(table)))
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_close(table: *mut Table) {
    guard(std::ptr::null_mut(), || {
        if !table.is_null() {
            // SAFETY: came from hf_delta_open and is not used again.
            drop(unsafe { Box::from_raw(table) });
        }
        Ok(())
    });
}

#[no_mangle]
pub extern "C" fn hf_delta_get_state(
    table: *const Table,
    out: *mut DeltaState,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        let table = reference("the table", table)?;
        let newest = table.newest(&mut table.lock())?;
        let state = newest.map_or_else(DeltaState::default, |snapshot| {
            let metadata = snapshot.table_configuration().metadata();
            let mut state = DeltaState {
                exists: 1,
                partitioned: i32::from(!metadata.partition_columns().is_empty()),
                version: signed(snapshot.version()),
                checkpoint_every: signed(table::checkpoint_every(&snapshot)),
                ..DeltaState::default()
            };
            let id = metadata.id().as_bytes();
            let kept = id.len().min(TABLE_ID_BYTES - 1);
            state.table_id[..kept].copy_from_slice(&id[..kept]);
            state
        });
        put(out, state)
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_get_schema(
    table: *const Table,
    version: i64,
    out: *mut FFI_ArrowSchema,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        let snapshot = reference("the table", table)?.at(version)?;
        let schema = schema::arrow_schema(&snapshot.schema())?;
        put(out, FFI_ArrowSchema::try_from(&schema).map_err(arrow)?)
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_check_append(
    table: *const Table,
    schema: *mut FFI_ArrowSchema,
    partition_by: *const *const c_char,
    partitions: usize,
    merge_schema: i32,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        let rows = (!schema.is_null()).then(|| take_schema(schema)).transpose()?;
        let table = reference("the table", table)?;
        let snapshot = table.existing(&mut table.lock())?;
        table.check_writable(&snapshot)?;
        let columns = texts("a partition column", partition_by, partitions)?;
        table.check_partitions(&snapshot, &columns)?;
        let check = |rows| table.check_rows(&snapshot, &rows, merge_schema != 0);
        rows.map_or(Ok(()), |rows| check(rows).map(|_| ()))
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_create(
    table: *const Table,
    schema: *mut FFI_ArrowSchema,
    partition_by: *const *const c_char,
    partitions: usize,
    keys: *const *const c_char,
    values: *const *const c_char,
    properties: usize,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        let schema = take_schema(schema)?;
        let table = reference("the table", table)?;
        let columns = texts("a partition column", partition_by, partitions)?;
        let keys = texts("a property key", keys, properties)?;
        let values = texts("a property value", values, properties)?;
        let pairs: Vec<_> = keys.into_iter().zip(values).collect();
        table.create(&schema, &columns, &pairs)
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_txn_version(
    table: *const Table,
    app_id: *const c_char,
    out: *mut i64,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        let table = reference("the table", table)?;
        let app_id = text("the app id", app_id)?;
        let mut known = table.lock();
        let version = match table.newest(&mut known)? {
            Some(snapshot) => table.txn(&mut known, &snapshot, app_id)?,
            None => -1,
        };
        put(out, version)
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_stage(
    table: *const Table,
    options: *const AppendOptions,
    stream: *mut FFI_ArrowArrayStream,
    out: *mut *mut Staged,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        if stream.is_null() {
            return Err(Failure::invalid("the stream is null"));
        }
        // SAFETY: takes the stream over, whatever happens next.
        let reader = unsafe { RecordBatchStreamReader::from_raw(stream) };
        let mut reader = reader.map_err(|error| arrow(error).context("the stream of rows"))?;
        let table = reference("the table", table)?;
        let options = reference("the options", options)?;
        let app_id = optional_text("the app id", options.app_id)?;
        let request = append::Request {
            txn: app_id.map(|app_id| (app_id.to_string(), options.app_version)),
            output_mode: optional_text("the output mode", options.output_mode)?.map(str::to_string),
            commit_empty: options.commit_empty != 0,
            file_bytes_max: usize::try_from(options.file_bytes_max).unwrap_or(0),
            merge_schema: options.merge_schema != 0,
            write: write_of(optional_text("the write mode", options.write_mode)?)?,
        };
        let staged = append::stage(table, request, &mut reader)?;
        put(out, Box::into_raw(Box::new(staged)))
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_append(
    table: *const Table,
    staged: *mut Staged,
    result: *mut AppendResult,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        reference("the staged rows", staged)?;
        // SAFETY: came from hf_delta_stage and is not used again.
        let staged = unsafe { Box::from_raw(staged) };
        let appended = append::append(reference("the table", table)?, *staged)?;
        put(
            result,
            AppendResult {
                outcome: appended.kind as i32,
                checkpoint_due: i32::from(appended.checkpoint_due),
                version: signed(appended.version),
                files: signed(appended.written.files() as u64),
                rows: signed(appended.written.rows),
                bytes: signed(appended.written.bytes),
            },
        )
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_unstage(staged: *mut Staged) {
    if !staged.is_null() {
        guard(std::ptr::null_mut(), || {
            // SAFETY: came from hf_delta_stage and is not used again.
            drop(unsafe { Box::from_raw(staged) });
            Ok(())
        });
    }
}

#[no_mangle]
pub extern "C" fn hf_delta_scan(
    table: *const Table,
    version: i64,
    out: *mut FFI_ArrowArrayStream,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        let rows = Rows::of(reference("the table", table)?, version)?;
        put(out, FFI_ArrowArrayStream::new(Box::new(rows)))
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_scan_files(
    table: *const Table,
    version: i64,
    schema: *mut FFI_ArrowSchema,
    paths: *const *const c_char,
    count: usize,
    out: *mut FFI_ArrowArrayStream,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        let wanted = take_schema(schema)?;
        let paths = texts("the path of a data file", paths, count)?;
        let rows = FileRows::of(reference("the table", table)?, version, &wanted, &paths)?;
        put(out, FFI_ArrowArrayStream::new(Box::new(rows)))
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_files_open(
    table: *const Table,
    version: i64,
    out: *mut *mut Files,
    error: *mut ErrorOut,
) -> i32 {
    guard(error, || {
        let files = Files::of(reference("the table", table)?, version)?;
        put(out, Box::into_raw(Box::new(files)))
    })
}

#[no_mangle]
pub extern "C" fn hf_delta_files_count(files: *const Files) -> usize {
    // SAFETY: see the top of the file.
    unsafe { files.as_ref() }.map_or(0, |files| files.files.len())
}

#[no_mangle]
pub extern "C" fn hf_delta_files_get(files: *const Files, index: usize, out: *mut DeltaFile) {
    guard(std::ptr::null_mut(), || {
        let files = reference("the list of files", files)?;
        let file = files.files.get(index);
        let file = file.ok_or_else(|| Failure::invalid("no file of that index"))?;
        let (path, log_path) = (file.path.as_ptr(), file.log_path.as_ptr());
        let (size, rows, modified_ms) = (file.size, file.rows, file.modified_ms);
        put(out, DeltaFile { path, log_path, size, rows, modified_ms })
    });
}

#[no_mangle]
pub extern "C" fn hf_delta_files_not_plain(files: *const Files) -> *const c_char {
    // SAFETY: see the top of the file.
    unsafe { files.as_ref() }
        .and_then(|files| files.not_plain.as_ref())
        .map_or(std::ptr::null(), |reason| reason.as_ptr())
}

#[no_mangle]
pub extern "C" fn hf_delta_files_close(files: *mut Files) {
    if !files.is_null() {
        // SAFETY: came from hf_delta_files_open and is not used again.
        drop(unsafe { Box::from_raw(files) });
    }
}

#[no_mangle]
pub extern "C" fn hf_delta_checkpoint(table: *const Table, error: *mut ErrorOut) -> i32 {
    guard(error, || reference("the table", table)?.checkpoint())
}
