// SPDX-License-Identifier: Apache-2.0
//! One batch of a streaming query becomes one commit. The order of the system calls that makes it
//! durable is in durable.rs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use delta_kernel::arrow::array::{RecordBatch, RecordBatchReader};
use delta_kernel::arrow::datatypes::Schema;
use delta_kernel::arrow::error::ArrowError;
use delta_kernel::arrow::ffi_stream::RecordBatchStreamReader;
use delta_kernel::committer::FileSystemCommitter;
use delta_kernel::engine::arrow_data::{ArrowEngineData, EngineDataArrowExt};
use delta_kernel::engine::writer_options;
use delta_kernel::parquet::arrow::ArrowWriter;
use delta_kernel::parquet::basic::Compression;
use delta_kernel::parquet::file::properties::WriterProperties;
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::transaction::{
    BoundWriteContext, CommitResult, Transaction, UpdateTableOperation, WriteState,
};
use delta_kernel::{Engine, FileMeta, FilteredEngineData};
use delta_kernel_default_engine::build_add_file_metadata;
use delta_kernel_default_engine::parquet::DataFileMetadata;
use delta_kernel_default_engine::stats::FileStatsAccumulator;
use url::Url;

use crate::durable;
use crate::failure::{arrow, checking, reading, Code, Failure, Outcome};
use crate::merge::Addition;
use crate::partition::Groups;
use crate::schema;
use crate::table::{checkpoint_every, Known, Table, ENGINE_INFO};

/// How often a commit gives way to other writers before it gives up.
const ATTEMPTS: u32 = 20;
const FILE_BYTES_MAX: usize = 256 << 20;

/// What the rows are, as the history of the table tells it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Write {
    /// A batch of a streaming query.
    Stream,
    Append,
    /// In the place of all rows that were there.
    Overwrite,
}

pub struct Request {
    pub write: Write,
    pub txn: Option<(String, i64)>,
    pub output_mode: Option<String>,
    pub commit_empty: bool,
    pub file_bytes_max: usize,
    pub merge_schema: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Committed = 0,
    Skipped = 1,
    Empty = 2,
}

pub struct Appended {
    pub kind: Kind,
    pub version: u64,
    pub checkpoint_due: bool,
    pub written: Written,
}

/// The data files of one batch. `adds` are the rows of the Add actions, kept for a second try.
#[derive(Default)]
pub struct Written {
    adds: Vec<RecordBatch>,
    paths: Vec<PathBuf>,
    directories: Vec<PathBuf>,
    pub rows: u64,
    pub bytes: u64,
}

impl Written {
    pub fn files(&self) -> usize {
        self.paths.len()
    }
}

/// A batch whose data files are written and synced, but which no log entry names yet. Dropped
/// without a commit, it removes them.
pub struct Staged {
    request: Request,
    snapshot: SnapshotRef,
    /// What the table gets in the same commit.
    additions: Vec<Addition>,
    /// None: the table held the batch already.
    written: Option<Written>,
}

impl Drop for Staged {
    fn drop(&mut self) {
        if let Some(written) = &self.written {
            written.remove();
        }
    }
}

pub fn stage(
    table: &Table,
    request: Request,
    stream: &mut RecordBatchStreamReader,
) -> Outcome<Staged> {
    let mut known = table.lock();
    let snapshot = table.existing(&mut known)?;
    if is_repeated(table, &mut known, &snapshot, &request)? {
        // The process that wrote it may have been killed before its last sync.
        durable::sync_everything(&table.root)?;
        return Ok(Staged { request, snapshot, additions: Vec::new(), written: None });
    }
    table.check_writable(&snapshot)?;
    let additions = table.check_rows(&snapshot, &stream.schema(), request.merge_schema)?;
    table.sync_directories_once(&mut known)?;

    let written = Some(Written::default());
    let mut staged = Staged { request, snapshot, additions, written };
    if let Some(written) = &mut staged.written {
        let transaction =
            begin(table, &staged.snapshot, &staged.request, &staged.additions, written, &[])?;
        let state = transaction.write_state().map_err(reading)?;
        let bytes_max = match staged.request.file_bytes_max {
            0 => FILE_BYTES_MAX,
            given => given,
        };
        let columns = staged.snapshot.table_configuration().metadata().partition_columns();
        let mut writer = Writer { table, state, bytes_max, written };
        if columns.is_empty() {
            writer.write_rows(stream)?;
        } else {
            writer.write_partitioned(&staged.snapshot, columns, stream)?;
        }
        sync_parents(&table.root, written)?;
    }
    Ok(staged)
}

pub fn append(table: &Table, mut staged: Staged) -> Outcome<Appended> {
    let plain = |kind| Appended {
        kind,
        version: staged.snapshot.version(),
        checkpoint_due: false,
        written: Written::default(),
    };
    match staged.written.take() {
        None => Ok(plain(Kind::Skipped)),
        Some(written) if written.rows == 0 && !staged.request.commit_empty => {
            Ok(plain(Kind::Empty))
        }
        Some(written) => {
            let mut known = table.lock();
            let snapshot = staged.snapshot.clone();
            commit(table, &mut known, snapshot, &staged.request, &staged.additions, written)
        }
    }
}

fn is_repeated(
    table: &Table,
    known: &mut Known,
    snapshot: &SnapshotRef,
    request: &Request,
) -> Outcome<bool> {
    match &request.txn {
        Some((app_id, version)) => Ok(table.txn(known, snapshot, app_id)? >= *version),
        None => Ok(false),
    }
}

fn begin(
    table: &Table,
    snapshot: &SnapshotRef,
    request: &Request,
    additions: &[Addition],
    written: &Written,
    removed: &[FilteredEngineData],
) -> Outcome<Transaction> {
    let operation = match request.write {
        Write::Stream => UpdateTableOperation::StreamingUpdate,
        Write::Append | Write::Overwrite => UpdateTableOperation::Write,
    };
    let mut builder = snapshot.clone().update_table(operation, ENGINE_INFO, true);
    if written.files() > 0 && additions.is_empty() && request.write != Write::Overwrite {
        builder = builder.with_blind_append();
    }
    for addition in additions {
        builder = builder.add_column_at(addition.parent.clone(), addition.field.clone());
    }
    // The names are those of Spark's STREAMING UPDATE and WRITE.
    let mut parameters: Vec<(&str, Option<String>)> = Vec::new();
    if request.write != Write::Stream {
        let columns = snapshot.table_configuration().metadata().partition_columns();
        let mode = if request.write == Write::Append { "Append" } else { "Overwrite" };
        parameters.push(("mode", Some(mode.to_string())));
        parameters.push(("partitionBy", Some(format!("{columns:?}"))));
    }
    if let Some(mode) = &request.output_mode {
        parameters.push(("outputMode", Some(mode.clone())));
    }
    if let Some((app_id, version)) = &request.txn {
        builder = builder.with_transaction_id(app_id.clone(), *version);
        parameters.push(("queryId", Some(app_id.clone())));
        parameters.push(("epochId", Some(version.to_string())));
    }
    let metrics = [
        ("numAddedFiles", Some(written.files().to_string())),
        ("numOutputRows", Some(written.rows.to_string())),
        ("numOutputBytes", Some(written.bytes.to_string())),
        ("numRemovedFiles", Some(removed_files(removed).to_string())),
    ];
    let mut transaction = builder
        .with_operation_parameters(parameters)
        .with_operation_metrics(metrics)
        .build(table.engine.as_ref(), Box::new(FileSystemCommitter::new()))
        .map_err(if additions.is_empty() { reading } else { checking })?;
    // A column with a default is never omitted here: all columns of the table must be there.
    transaction.ack_column_defaults();
    Ok(transaction)
}

fn commit(
    table: &Table,
    known: &mut Known,
    mut snapshot: SnapshotRef,
    request: &Request,
    additions: &[Addition],
    written: Written,
) -> Outcome<Appended> {
    let done = |kind, version, checkpoint_due, written| {
        Ok(Appended { kind, version, checkpoint_due, written })
    };
    for _ in 0..ATTEMPTS {
        let removed = match request.write {
            Write::Overwrite => files_of(table, &snapshot)?,
            Write::Stream | Write::Append => Vec::new(),
        };
        let mut transaction = begin(table, &snapshot, request, additions, &written, &removed)?;
        for add in &written.adds {
            transaction.add_files(Box::new(ArrowEngineData::new(add.clone())));
        }
        for files in removed {
            transaction.remove_files(files);
        }
        let result = transaction.commit(table.engine.as_ref());
        match result.map_err(checking) {
            Ok(CommitResult::Committed(committed)) => {
                table.committed(known, &committed);
                if let Some((app_id, version)) = &request.txn {
                    table.remember_txn(known, app_id, *version);
                }
                let since = committed.post_commit_stats().commits_since_checkpoint;
                let due = since >= checkpoint_every(&snapshot);
                return done(Kind::Committed, committed.commit_version(), due, written);
            }
            Ok(CommitResult::Conflicted(_)) if request.write == Write::Overwrite => {
                table.forget(known);
                return Err(Failure::new(
                    Code::Conflict,
                    "another writer changed the table while its rows were overwritten; try again",
                ));
            }
            Ok(CommitResult::Conflicted(_)) => {
                let newer = table.existing(known)?;
                check_unchanged(&snapshot, &newer)?;
                if is_repeated(table, known, &newer, request)? {
                    // The data files stay: on a file system that loses the answer of link() the
                    // commit that we found may be our own.
                    durable::sync_everything(&table.root)?;
                    return done(Kind::Skipped, newer.version(), false, Written::default());
                }
                snapshot = newer;
            }
            Ok(CommitResult::Retryable(retryable)) => {
                table.forget(known);
                return Err(reading(retryable.error).context("cannot commit"));
            }
            Err(failure) => {
                table.forget(known);
                return Err(failure.context("cannot commit"));
            }
        }
    }
    Err(Failure::new(
        Code::Conflict,
        format!("other writers were faster {ATTEMPTS} times in a row"),
    ))
}

/// Every data file of a version.
fn files_of(table: &Table, snapshot: &SnapshotRef) -> Outcome<Vec<FilteredEngineData>> {
    let scan = snapshot.clone().scan_builder().build().map_err(reading)?;
    let metadata = scan.scan_metadata(table.engine.as_ref()).map_err(reading)?;
    metadata.map(|part| part.map(|part| part.scan_files).map_err(reading)).collect()
}

/// What a selection does not say is selected.
fn removed_files(removed: &[FilteredEngineData]) -> usize {
    let left_out = |files: &FilteredEngineData| {
        files.selection_vector().iter().filter(|selected| !**selected).count()
    };
    removed.iter().map(|files| files.data().len() - left_out(files)).sum()
}

/// A blind append may follow any commit but one that changes what its data files must look like.
fn check_unchanged(before: &SnapshotRef, after: &SnapshotRef) -> Outcome<()> {
    let (before, after) = (before.table_configuration(), after.table_configuration());
    if before.metadata() == after.metadata() && before.protocol() == after.protocol() {
        return Ok(());
    }
    Err(Failure::new(
        Code::Conflict,
        format!(
            "another writer changed the schema, the properties or the protocol of the table \
             (version {}) while the batch was written; run the batch again",
            after.version()
        ),
    ))
}

/// Writes the data files of one batch, by the columns that the table will have.
struct Writer<'a> {
    table: &'a Table,
    state: Arc<WriteState>,
    bytes_max: usize,
    written: &'a mut Written,
}

impl Writer<'_> {
    fn write_rows(&mut self, stream: &mut RecordBatchStreamReader) -> Outcome<()> {
        let context = self.state.write_context_builder().build().map_err(reading)?;
        self.write_files(&context, stream.map(pending))
    }

    /// One group of files for each combination of values, one file open at a time.
    fn write_partitioned(
        &mut self,
        snapshot: &SnapshotRef,
        columns: &[String],
        stream: &mut RecordBatchStreamReader,
    ) -> Outcome<()> {
        let schema = schema::arrow_schema(&snapshot.schema())?;
        let keys = columns.iter().map(|name| schema.field_with_name(name).cloned());
        let keys = keys.collect::<Result<Vec<_>, _>>().map_err(internal)?;
        let mut groups = Groups::new(keys)?;
        for batch in stream.map(pending) {
            groups.add(&batch?)?;
        }
        for group in groups.take() {
            let builder = self.state.write_context_builder().with_partition_values(group.values);
            let context = builder.build().map_err(checking)?;
            self.write_files(&context, group.pieces.into_iter().map(Ok))?;
        }
        Ok(())
    }

    fn write_files(
        &mut self,
        context: &BoundWriteContext,
        batches: impl Iterator<Item = Outcome<RecordBatch>>,
    ) -> Outcome<()> {
        let target = Arc::new(schema::arrow_schema(context.logical_data_schema())?);
        let mut file: Option<DataFile> = None;
        let mut file_bytes = 0;
        for batch in batches {
            let batch = batch?;
            if batch.num_rows() == 0 {
                continue;
            }
            let batch = to_physical(self.table, context, &conform(&batch, &target)?)?;
            let mut open = match file.take() {
                Some(open) => open,
                None => DataFile::create(context, &batch, self.written)?,
            };
            open.write(&batch)?;
            file_bytes += batch.get_array_memory_size();
            if file_bytes >= self.bytes_max {
                open.finish(context, self.written)?;
                file_bytes = 0;
            } else {
                file = Some(open);
            }
        }
        match file {
            Some(open) => open.finish(context, self.written),
            None => Ok(()),
        }
    }
}

fn pending(batch: Result<RecordBatch, ArrowError>) -> Outcome<RecordBatch> {
    batch.map_err(|error| arrow(error).context("reading the rows to append"))
}

fn conform(batch: &RecordBatch, target: &Arc<Schema>) -> Outcome<RecordBatch> {
    schema::conform(batch, target).map_err(|failure| failure.context("the rows do not fit"))
}

/// Column names and ids as the data files have them (column mapping).
fn to_physical(
    table: &Table,
    context: &BoundWriteContext,
    batch: &RecordBatch,
) -> Outcome<RecordBatch> {
    let evaluator = table.engine.evaluation_handler().new_expression_evaluator(
        context.logical_data_schema().clone(),
        context.logical_to_physical(),
        context.physical_data_schema().clone().into(),
    );
    evaluator
        .and_then(|evaluator| evaluator.evaluate(&ArrowEngineData::new(batch.clone())))
        .and_then(|physical| physical.try_into_record_batch())
        .map_err(checking)
}

/// A data file being written, snappy-compressed as Spark's are.
struct DataFile {
    writer: ArrowWriter<std::fs::File>,
    stats: FileStatsAccumulator,
    path: PathBuf,
    url: Url,
    rows: u64,
}

impl DataFile {
    /// Notes the path in `written` first, so that a failure from here on can remove the file.
    fn create(
        context: &BoundWriteContext,
        first: &RecordBatch,
        written: &mut Written,
    ) -> Outcome<Self> {
        let number = written.files();
        let name = format!("part-{number:05}-{}-c000.snappy.parquet", uuid::Uuid::new_v4());
        let url = context.write_dir().join(&name).map_err(internal)?;
        let path = url.to_file_path().map_err(|()| internal("a data file has no local path"))?;
        let parent = path.parent().unwrap_or(Path::new("/"));
        written.directories.extend(durable::create_directories(parent)?);
        let file = std::fs::File::create_new(&path)
            .map_err(|error| Failure::io("create", &path, error))?;
        written.paths.push(path.clone());
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let options = writer_options().with_properties(properties);
        let writer = ArrowWriter::try_new_with_options(file, first.schema(), options);
        Ok(Self {
            writer: writer.map_err(internal)?,
            stats: FileStatsAccumulator::new(
                context.stats_columns(),
                context.physical_data_schema(),
            ),
            path,
            url,
            rows: 0,
        })
    }

    fn write(&mut self, batch: &RecordBatch) -> Outcome<()> {
        self.stats.merge(batch).map_err(checking)?;
        self.rows += batch.num_rows() as u64;
        self.writer.write(batch).map_err(|error| self.failed(error))
    }

    fn failed(&self, error: impl std::fmt::Display) -> Failure {
        let message = format!("cannot write {}: {error}", self.path.display());
        Failure::new(Code::Unavailable, message)
    }

    /// Syncs the content; the name is synced by `sync_parents`.
    fn finish(mut self, context: &BoundWriteContext, written: &mut Written) -> Outcome<()> {
        self.writer.finish().map_err(|error| self.failed(error))?;
        let found = self
            .writer
            .inner()
            .sync_all()
            .and_then(|()| self.writer.inner().metadata())
            .map_err(|error| self.failed(error))?;
        let modified = found.modified().map_err(|error| self.failed(error))?;
        let modified = modified
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_millis() as i64);
        let stats = self.stats.finish().map_err(checking)?;
        let stats = stats.ok_or_else(|| internal("a data file without statistics"))?;
        let meta = FileMeta::new(self.url, modified, found.len());
        let add = build_add_file_metadata(DataFileMetadata::new(meta, stats), context)
            .and_then(|add| add.try_into_record_batch())
            .map_err(checking)?;
        written.adds.push(add);
        written.rows += self.rows;
        written.bytes += found.len();
        Ok(())
    }
}

/// Syncs the directories from each data file up to the table's: those of partitions, too, which a
/// killed process may have created a moment ago.
fn sync_parents(root: &Path, written: &Written) -> Outcome<()> {
    let mut parents: Vec<&Path> = Vec::new();
    for path in &written.paths {
        let within = path.ancestors().skip(1).take_while(|parent| parent.starts_with(root));
        parents.extend(within);
    }
    parents.sort();
    parents.dedup();
    // From the inside out.
    parents.into_iter().rev().try_for_each(durable::sync_directory)
}

impl Written {
    /// Only before the first attempt to commit; later a log entry may name the files.
    fn remove(&self) {
        for path in &self.paths {
            let _ = std::fs::remove_file(path);
        }
        durable::remove_directories(&self.directories);
    }
}

fn internal(error: impl std::fmt::Display) -> Failure {
    Failure::new(Code::Internal, error.to_string())
}
