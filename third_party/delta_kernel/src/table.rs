// SPDX-License-Identifier: Apache-2.0
//! One table of one writer: its newest known snapshot, kept in memory so that an append does not
//! list the log, and what follows from it.
//!
//! A kept snapshot of version N is still the newest one when N.json is the file it was and N+1.json
//! does not exist: two stat calls. N+1.json there: the kernel reads the new entries only. N.json
//! gone or another file: the table was cleaned up or replaced, everything is read again. Should
//! another writer come between this look and our commit, the commit finds N+1.json and says so.

use std::collections::HashMap;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use delta_kernel::arrow::datatypes::Schema;
use delta_kernel::committer::FileSystemCommitter;
use delta_kernel::object_store::local::LocalFileSystem;
use delta_kernel::schema::StructType;
use delta_kernel::snapshot::SnapshotRef;
use delta_kernel::transaction::create_table::create_table;
use delta_kernel::transaction::data_layout::DataLayout;
use delta_kernel::transaction::{CommitResult, CommittedTransaction, UpdateTableOperation};
use delta_kernel::{Engine, Snapshot};
use delta_kernel_default_engine::executor::tokio::TokioMultiThreadExecutor;
use delta_kernel_default_engine::{DefaultEngine, DefaultEngineBuilder};
use url::Url;

use crate::durable::{self, EntryIdentity};
use crate::failure::{checking, reading, Code, Failure, Outcome, WORKER_NAME};
use crate::merge::{self, Addition};
use crate::schema;

pub type TableEngine = DefaultEngine<TokioMultiThreadExecutor>;

/// Written to commitInfo, the history of the table.
pub const ENGINE_INFO: &str = concat!("Holdfast/", env!("CARGO_PKG_VERSION"));

const SCAN_BATCH_ROWS: usize = 32 * 1024;
const SCAN_FILES_AHEAD: usize = 4;
const CHECKPOINT_EVERY: u64 = 10;

pub struct Table {
    pub root: PathBuf,
    pub url: Url,
    pub engine: Arc<TableEngine>,
    known: Mutex<Known>,
}

/// What is remembered between calls. `txns` belongs to `snapshot` and is dropped with it.
#[derive(Default)]
pub struct Known {
    snapshot: Option<(SnapshotRef, Option<EntryIdentity>)>,
    txns: HashMap<String, i64>,
    directories_synced: bool,
}

/// The threads that all tables of the process share; they only move bytes.
fn workers() -> Outcome<tokio::runtime::Handle> {
    static RUNTIME: OnceLock<Result<tokio::runtime::Runtime, String>> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(8)
            .thread_name(WORKER_NAME)
            .build()
            .map_err(|error| error.to_string())
    });
    match runtime {
        Ok(runtime) => Ok(runtime.handle().clone()),
        Err(error) => {
            Err(Failure::new(Code::Unavailable, format!("cannot start threads: {error}")))
        }
    }
}

impl Table {
    pub fn open(path: &str) -> Outcome<Self> {
        if path.is_empty() {
            return Err(Failure::invalid("the path of a Delta table is empty"));
        }
        let root = std::path::absolute(path)
            .map_err(|error| Failure::io("resolve", Path::new(path), error))?;
        if root.exists() && !root.is_dir() {
            return Err(Failure::invalid(format!(
                "{} is not a directory, so it cannot be a Delta table",
                root.display()
            )));
        }
        let url = Url::from_directory_path(&root)
            .map_err(|()| Failure::invalid(format!("{} has no URL", root.display())))?;
        let store = Arc::new(LocalFileSystem::new().with_fsync(true));
        let executor = Arc::new(TokioMultiThreadExecutor::new(workers()?));
        let rows = NonZero::new(SCAN_BATCH_ROWS).unwrap_or(NonZero::<usize>::MIN);
        let ahead = NonZero::new(SCAN_FILES_AHEAD).unwrap_or(NonZero::<usize>::MIN);
        let engine = DefaultEngineBuilder::new(store)
            .with_batch_size(rows)
            .with_buffer_size(ahead)
            .with_task_executor(executor)
            .build();
        Ok(Self { root, url, engine: Arc::new(engine), known: Mutex::default() })
    }

    /// What an earlier call that panicked has left behind is not trusted.
    pub fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(|poisoned| {
            self.known.clear_poison();
            let mut known = poisoned.into_inner();
            *known = Known::default();
            known
        })
    }

    /// The newest snapshot; None when there is no table.
    pub fn newest(&self, known: &mut Known) -> Outcome<Option<SnapshotRef>> {
        let engine = self.engine.as_ref();
        if let Some((kept, identity)) = known.snapshot.take() {
            let same =
                identity.is_some() && identity == durable::identity_of(&self.root, kept.version());
            if same && !durable::log_entry(&self.root, kept.version() + 1).exists() {
                known.snapshot = Some((kept.clone(), identity));
                return Ok(Some(kept));
            }
            known.txns.clear();
            if same {
                let newer = Snapshot::builder_from(kept).build(engine).map_err(reading)?;
                self.keep(known, newer.clone());
                return Ok(Some(newer));
            }
        }
        known.txns.clear();
        if !durable::has_log(&self.root)? {
            return Ok(None);
        }
        let snapshot = Snapshot::builder_for(self.url.as_str()).build(engine).map_err(reading)?;
        self.keep(known, snapshot.clone());
        Ok(Some(snapshot))
    }

    fn keep(&self, known: &mut Known, snapshot: SnapshotRef) {
        let identity = durable::identity_of(&self.root, snapshot.version());
        known.snapshot = Some((snapshot, identity));
    }

    pub fn existing(&self, known: &mut Known) -> Outcome<SnapshotRef> {
        self.newest(known)?
            .ok_or_else(|| Failure::invalid(format!("no Delta table at {}", self.root.display())))
    }

    /// The snapshot at `version`; any negative one means the newest.
    pub fn at(&self, version: i64) -> Outcome<SnapshotRef> {
        let newest = self.existing(&mut self.lock())?;
        let Ok(version) = u64::try_from(version) else {
            return Ok(newest);
        };
        if version == newest.version() {
            return Ok(newest);
        }
        if version > newest.version() {
            return Err(Failure::invalid(format!(
                "version {version} does not exist; the newest one of {} is {}",
                self.root.display(),
                newest.version()
            )));
        }
        let snapshot = Snapshot::builder_for(self.url.as_str()).at_version(version);
        snapshot.build(self.engine.as_ref()).map_err(checking)
    }

    /// Creates the table; see hf_delta_create.
    pub fn create(
        &self,
        input: &Schema,
        partition_by: &[String],
        properties: &[(String, String)],
    ) -> Outcome<()> {
        let mut known = self.lock();
        let canonical = schema::canonical_schema(input)?;
        if canonical.fields().is_empty() {
            return Err(Failure::invalid("a Delta table needs at least one column"));
        }
        let columns = Arc::new(schema::delta_schema(&canonical)?);
        if durable::has_log(&self.root)? {
            return Err(self.taken());
        }
        // The kernel wants the directory to exist before it looks at anything else.
        let created = durable::create_directories(&self.root.join("_delta_log"))?;
        let result = self.commit_creation(&mut known, columns, partition_by, properties);
        if result.is_err() {
            durable::remove_directories(&created);
        }
        result
    }

    fn commit_creation(
        &self,
        known: &mut Known,
        columns: Arc<StructType>,
        partition_by: &[String],
        properties: &[(String, String)],
    ) -> Outcome<()> {
        let engine: &dyn Engine = self.engine.as_ref();
        let mut builder = create_table(self.url.as_str(), columns, ENGINE_INFO, true)
            .with_table_properties(properties.iter().cloned());
        if !partition_by.is_empty() {
            builder = builder.with_data_layout(DataLayout::partitioned(partition_by));
        }
        let transaction =
            builder.build(engine, Box::new(FileSystemCommitter::new())).map_err(checking)?;
        match transaction.commit(engine).map_err(checking)? {
            CommitResult::Committed(committed) => self.committed(known, &committed),
            CommitResult::Conflicted(_) => return Err(self.taken()),
            CommitResult::Retryable(retryable) => return Err(reading(retryable.error)),
        }
        self.sync_directories_once(known)
    }

    fn taken(&self) -> Failure {
        Failure::new(
            Code::Conflict,
            format!("there is a Delta table at {} already", self.root.display()),
        )
    }

    /// Remembers the state after our own commit.
    pub fn committed(&self, known: &mut Known, committed: &CommittedTransaction) {
        match committed.post_commit_snapshot() {
            Some(snapshot) => self.keep(known, snapshot.clone()),
            None => known.snapshot = None,
        }
    }

    pub fn forget(&self, known: &mut Known) {
        known.snapshot = None;
        known.txns.clear();
    }

    /// Directories that were there before us may not be on disk yet; once is enough.
    pub fn sync_directories_once(&self, known: &mut Known) -> Outcome<()> {
        if !known.directories_synced {
            durable::sync_found_directories(&self.root)?;
            known.directories_synced = true;
        }
        Ok(())
    }

    /// The last version of `app_id` in `snapshot`, which must be the one `known` holds; -1: none.
    pub fn txn(&self, known: &mut Known, snapshot: &SnapshotRef, app_id: &str) -> Outcome<i64> {
        if let Some(version) = known.txns.get(app_id) {
            return Ok(*version);
        }
        let found = snapshot
            .get_app_id_version(app_id, self.engine.as_ref())
            .map_err(reading)?
            .unwrap_or(-1);
        known.txns.insert(app_id.to_string(), found);
        Ok(found)
    }

    pub fn remember_txn(&self, known: &mut Known, app_id: &str, version: i64) {
        known.txns.insert(app_id.to_string(), version);
    }

    /// Refuses a table that we cannot append to by its protocol, naming the feature.
    pub fn check_writable(&self, snapshot: &SnapshotRef) -> Outcome<()> {
        if snapshot.table_configuration().is_catalog_managed() {
            return Err(Failure::new(
                Code::Incompatible,
                "the table has feature 'catalogManaged': only its catalog may commit",
            ));
        }
        // Building a transaction is the kernel's own check of every writer feature.
        snapshot
            .clone()
            .update_table(UpdateTableOperation::StreamingUpdate, ENGINE_INFO, true)
            .build(self.engine.as_ref(), Box::new(FileSystemCommitter::new()))
            .map(|_| ())
            .map_err(|error| reading(error).context("the table cannot be written"))
    }

    /// Compares the rows' schema with the table's. With `merge` the columns that the table lacks are
    /// returned, and the rows may lack some; without, any difference is refused.
    pub fn check_rows(
        &self,
        snapshot: &SnapshotRef,
        input: &Schema,
        merge: bool,
    ) -> Outcome<Vec<Addition>> {
        let canonical = schema::canonical_schema(input)?;
        let columns: Arc<StructType> = snapshot.schema();
        if merge {
            return merge::additions(&columns, &canonical);
        }
        schema::check_fits(&columns, &canonical).map(|()| Vec::new())
    }

    /// Whether the table is partitioned by `wanted`, in this order; no name at all: by whatever it is.
    pub fn check_partitions(&self, snapshot: &SnapshotRef, wanted: &[String]) -> Outcome<()> {
        let found = snapshot.table_configuration().metadata().partition_columns();
        let same = |(a, b): (&String, &String)| a.eq_ignore_ascii_case(b);
        if wanted.is_empty() || (found.len() == wanted.len() && found.iter().zip(wanted).all(same))
        {
            return Ok(());
        }
        let listed = |columns: &[String]| match columns.is_empty() {
            true => "not partitioned".to_string(),
            false => format!("partitioned by {}", columns.join(", ")),
        };
        Err(Failure::invalid(format!(
            "the table is {}, and the rows are to be {}; a table keeps its partition columns",
            listed(found),
            listed(wanted)
        )))
    }

    pub fn checkpoint(&self) -> Outcome<()> {
        let mut known = self.lock();
        let snapshot = self.existing(&mut known)?;
        self.sync_directories_once(&mut known)?;
        let (_, newer) = snapshot.checkpoint(self.engine.as_ref(), None).map_err(reading)?;
        self.keep(&mut known, newer);
        Ok(())
    }
}

/// delta.checkpointInterval of the table.
pub fn checkpoint_every(snapshot: &Snapshot) -> u64 {
    let interval = snapshot.table_properties().checkpoint_interval;
    interval.map_or(CHECKPOINT_EVERY, NonZero::get)
}
