// SPDX-License-Identifier: Apache-2.0
//! The rows of some data files of one version, file by file in the order asked for: what a streaming
//! read takes of a table. Partition values, deletion vectors and column mapping are those of that
//! version; columns that it does not have are null.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use delta_kernel::arrow::array::{RecordBatch, RecordBatchReader};
use delta_kernel::arrow::datatypes::{Schema, SchemaRef};
use delta_kernel::arrow::error::ArrowError;
use delta_kernel::engine::arrow_data::EngineDataArrowExt;
use delta_kernel::scan::state::{transform_to_logical, ScanFile};
use delta_kernel::scan::Scan;
use delta_kernel::{Engine, EngineData, FileMeta, KernelResult};
use url::Url;

use crate::failure::{caught, reading, Code, Failure, Outcome};
use crate::read::scan_files;
use crate::schema;
use crate::table::{Table, TableEngine};

type Batches = Box<dyn Iterator<Item = KernelResult<Box<dyn EngineData>>> + Send>;

pub struct FileRows {
    engine: Arc<TableEngine>,
    root: Url,
    scan: Scan,
    schema: Arc<Schema>,
    waiting: VecDeque<ScanFile>,
    open: Option<OpenFile>,
    failed: bool,
}

struct OpenFile {
    file: ScanFile,
    batches: Batches,
    /// Which of the rows that are still to come are there; beyond its end all are.
    selected: Vec<bool>,
}

impl FileRows {
    /// Nothing of the data files is read yet, but all of them are known to be part of `version`.
    pub fn of(table: &Table, version: i64, wanted: &Schema, paths: &[String]) -> Outcome<Self> {
        let snapshot = table.at(version)?;
        let schema = Arc::new(schema::canonical_schema(wanted)?);
        let stored = schema::canonical_schema(&schema::arrow_schema(&snapshot.schema())?)?;
        schema::check_readable(&stored, &schema)
            .map_err(|failure| failure.context(&format!("the rows of version {version}")))?;
        let scan = snapshot.scan_builder().build().map_err(reading)?;
        let mut found = HashMap::new();
        for file in scan_files(&scan, table)? {
            found.insert(file.path.clone(), file);
        }
        let mut waiting = VecDeque::with_capacity(paths.len());
        for path in paths {
            let file = found.remove(path).ok_or_else(|| {
                let message = format!("version {version} has no data file {path}");
                Failure::new(Code::Corrupt, message)
            })?;
            waiting.push_back(file);
        }
        let (engine, root) = (table.engine.clone(), table.url.clone());
        Ok(Self { engine, root, scan, schema, waiting, open: None, failed: false })
    }

    fn open(&self, file: ScanFile) -> Outcome<OpenFile> {
        let engine: &dyn Engine = self.engine.as_ref();
        let selected = file.dv_info.get_selection_vector(engine, &self.root).map_err(reading)?;
        let location = self.root.join(&file.path).map_err(|error| {
            Failure::new(Code::Corrupt, format!("data file {}: {error}", file.path))
        })?;
        let size = u64::try_from(file.size).unwrap_or(0);
        let meta = FileMeta::new(location, file.modification_time, size);
        let physical = self.scan.physical_schema().clone();
        let batches = engine.parquet_handler().read_parquet_files(&[meta], physical, None);
        let batches = Box::new(batches.map_err(reading)?);
        Ok(OpenFile { file, batches, selected: selected.unwrap_or_default() })
    }

    fn next_batch(&mut self) -> Outcome<Option<RecordBatch>> {
        loop {
            let Some(mut open) = self.open.take() else {
                match self.waiting.pop_front() {
                    Some(file) => self.open = Some(self.open(file)?),
                    None => return Ok(None),
                }
                continue;
            };
            let Some(physical) = open.batches.next() else {
                continue;
            };
            let logical = transform_to_logical(
                self.engine.as_ref(),
                physical.map_err(reading)?,
                self.scan.physical_schema(),
                self.scan.logical_schema(),
                open.file.transform.clone(),
            );
            let logical = logical.map_err(reading)?;
            let rest = open.selected.split_off(open.selected.len().min(logical.len()));
            let selected = std::mem::replace(&mut open.selected, rest);
            let there = logical.apply_selection_vector(selected).map_err(reading)?;
            self.open = Some(open);
            let batch = there.try_into_record_batch().map_err(reading)?;
            return schema::conform(&batch, &self.schema).map(Some);
        }
    }
}

impl Iterator for FileRows {
    type Item = Result<RecordBatch, ArrowError>;

    /// C calls this through the stream, so a panic must not get out here either.
    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        let batch = caught(|| self.next_batch());
        self.failed = batch.is_err();
        batch.map_err(|failure| ArrowError::ExternalError(failure.message.into())).transpose()
    }
}

impl RecordBatchReader for FileRows {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }
}
