// SPDX-License-Identifier: Apache-2.0
//! Reading a table back: its rows as an Arrow stream, or its data files for another reader.

use std::ffi::CString;
use std::sync::Arc;

use delta_kernel::arrow::array::{RecordBatch, RecordBatchReader};
use delta_kernel::arrow::datatypes::{Schema, SchemaRef};
use delta_kernel::arrow::error::ArrowError;
use delta_kernel::engine::arrow_data::EngineDataArrowExt;
use delta_kernel::scan::state::ScanFile;
use delta_kernel::scan::Scan;
use delta_kernel::table_features::{ColumnMappingMode, TableFeature};
use delta_kernel::{EngineData, KernelResult, Snapshot};

use crate::failure::{caught, reading, Code, Failure, Outcome};
use crate::schema;
use crate::table::Table;

type Batches = Box<dyn Iterator<Item = KernelResult<Box<dyn EngineData>>> + Send>;

/// The rows of one version. Opens each data file when its turn comes.
pub struct Rows {
    schema: SchemaRef,
    batches: Batches,
    failed: bool,
}

impl Rows {
    pub fn of(table: &Table, version: i64) -> Outcome<Self> {
        let snapshot = table.at(version)?;
        let schema: Schema = schema::arrow_schema(&snapshot.schema())?;
        let scan = snapshot.scan_builder().build().map_err(reading)?;
        let batches = scan.execute(table.engine.clone()).map_err(reading)?;
        Ok(Self { schema: Arc::new(schema), batches: Box::new(batches), failed: false })
    }
}

impl Iterator for Rows {
    type Item = Result<RecordBatch, ArrowError>;

    /// C calls this through the stream, so a panic must not get out here either.
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let batch = caught(|| {
            let Some(batch) = self.batches.next() else {
                return Ok(None);
            };
            let batch = batch.and_then(|batch| batch.try_into_record_batch());
            schema::relabel(&batch.map_err(reading)?, &self.schema).map(Some)
        });
        self.failed = batch.is_err();
        batch.map_err(|failure| ArrowError::ExternalError(failure.message.into())).transpose()
    }
}

impl RecordBatchReader for Rows {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}

pub struct File {
    pub path: CString,
    /// As the log has it: relative to the table and escaped as in a URL, or a whole URL.
    pub log_path: CString,
    pub size: i64,
    pub rows: i64,
    pub modified_ms: i64,
}

pub struct Files {
    pub files: Vec<File>,
    pub not_plain: Option<CString>,
}

impl Files {
    pub fn of(table: &Table, version: i64) -> Outcome<Self> {
        let snapshot = table.at(version)?;
        let mut not_plain = not_plain(&snapshot);
        let scan = snapshot.scan_builder().build().map_err(reading)?;
        let found = scan_files(&scan, table)?;
        let mut files = Vec::with_capacity(found.len());
        for file in found {
            if file.dv_info.has_vector() {
                not_plain = Some("some rows are removed by deletion vectors");
            }
            files.push(local_file(table, &file)?);
        }
        Ok(Self { files, not_plain: not_plain.and_then(|reason| CString::new(reason).ok()) })
    }
}

/// All data files of a scan.
pub fn scan_files(scan: &Scan, table: &Table) -> Outcome<Vec<ScanFile>> {
    let mut found: Vec<ScanFile> = Vec::new();
    for part in scan.scan_metadata(table.engine.as_ref()).map_err(reading)? {
        let part = part.map_err(reading)?;
        found = part
            .visit_scan_files(found, |found: &mut Vec<ScanFile>, file| found.push(file))
            .map_err(reading)?;
    }
    Ok(found)
}

fn not_plain(snapshot: &Snapshot) -> Option<&'static str> {
    let table = snapshot.table_configuration();
    if table.column_mapping_mode() != ColumnMappingMode::None {
        return Some("the data files use other column names (column mapping)");
    }
    if !table.metadata().partition_columns().is_empty() {
        return Some("the values of partition columns are not in the data files");
    }
    let widened = [TableFeature::TypeWidening, TableFeature::TypeWideningPreview];
    if widened.iter().any(|feature| table.is_feature_supported(feature)) {
        return Some("columns may have been widened after some data files were written");
    }
    None
}

fn local_file(table: &Table, file: &ScanFile) -> Outcome<File> {
    let local = table
        .url
        .join(&file.path)
        .ok()
        .filter(|url| url.scheme() == "file")
        .and_then(|url| url.to_file_path().ok())
        .and_then(|path| CString::new(path.into_os_string().into_encoded_bytes()).ok());
    let path = local.ok_or_else(|| {
        let message = format!("data file {} is not in the local file system", file.path);
        Failure::new(Code::Incompatible, message)
    })?;
    let rows = file.stats.as_ref().and_then(|stats| i64::try_from(stats.num_records).ok());
    let log_path = CString::new(file.path.as_bytes()).unwrap_or_default();
    let (size, modified_ms) = (file.size, file.modification_time);
    Ok(File { path, log_path, size, rows: rows.unwrap_or(-1), modified_ms })
}
