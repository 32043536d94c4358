// SPDX-License-Identifier: Apache-2.0
//! What makes a commit survive power loss. One append of F data files does, in this order:
//!
//!   per data file  openat(O_CREAT|O_EXCL) part-*.parquet, write..., fsync(file)
//!   per directory  fsync(directory), from each data file up to the table's: the names of the files
//!                  and of the directories of partitions
//!   log entry      openat(O_CREAT|O_EXCL) N.json#1, write, fsync, link(N.json#1, N.json),
//!                  fsync(_delta_log), unlink(N.json#1)           by object_store, with_fsync(true)
//!
//! So a log entry has its whole content, and every file it names is on disk, before its own name can
//! be seen; `link` fails if N.json exists, which is how two writers find out about each other.
//! Checkpoints and _last_checkpoint are written aside, synced, renamed and the directory synced, by
//! object_store as well. Directories that we create are synced with their parents; those found are
//! synced once per opened table, because a killed process may have created them a moment ago.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::failure::{Failure, Outcome};

pub fn sync_directory(directory: &Path) -> Outcome<()> {
    File::open(directory)
        .and_then(|opened| opened.sync_all())
        .map_err(|error| Failure::io("sync directory", directory, error))
}

/// Creates `directory` and its missing parents and syncs every directory that got a new entry.
/// Returns the new ones, outermost first.
pub fn create_directories(directory: &Path) -> Outcome<Vec<PathBuf>> {
    if directory.is_dir() {
        return Ok(Vec::new());
    }
    let parent = directory.parent().unwrap_or(Path::new("/"));
    let mut created = create_directories(parent)?;
    match std::fs::create_dir(directory) {
        Ok(()) => created.push(directory.to_path_buf()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Failure::io("create directory", directory, error)),
    }
    sync_directory(parent)?;
    Ok(created)
}

/// Undoes `create_directories` as far as nobody has put something there.
pub fn remove_directories(created: &[PathBuf]) {
    for directory in created.iter().rev() {
        let _ = std::fs::remove_dir(directory);
    }
}

/// Syncs the entries that lead to the log of the table in `root`. Directories further up may be
/// closed to us; then they were not created by us either.
pub fn sync_found_directories(root: &Path) -> Outcome<()> {
    for ancestor in root.ancestors().skip(1) {
        match File::open(ancestor).and_then(|opened| opened.sync_all()) {
            Err(error) if error.kind() != io::ErrorKind::PermissionDenied => {
                return Err(Failure::io("sync directory", ancestor, error));
            }
            _ => {}
        }
    }
    sync_directory(root)?;
    sync_directory(&root.join("_delta_log"))
}

/// Makes everything that any process has written to the file system of `root` durable.
pub fn sync_everything(root: &Path) -> Outcome<()> {
    let sync = || -> io::Result<()> {
        let directory = File::open(root)?;
        // SAFETY: a valid descriptor for the time of the call.
        match unsafe { libc::syncfs(directory.as_raw_fd()) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    sync().map_err(|error| Failure::io("sync the file system of", root, error))
}

pub fn log_entry(root: &Path, version: u64) -> PathBuf {
    root.join("_delta_log").join(format!("{version:020}.json"))
}

/// Which file a log entry is. Tells cheaply whether a snapshot kept in memory is still the truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryIdentity {
    inode: u64,
    size: u64,
    modified: (i64, i64),
}

/// Returns None when there is no such entry (cleaned up, or the table was deleted).
pub fn identity_of(root: &Path, version: u64) -> Option<EntryIdentity> {
    let found = std::fs::metadata(log_entry(root, version)).ok()?;
    Some(EntryIdentity {
        inode: found.ino(),
        size: found.size(),
        modified: (found.mtime(), found.mtime_nsec()),
    })
}

/// Whether `root` holds the log of a Delta table: at least one entry or checkpoint.
pub fn has_log(root: &Path) -> Outcome<bool> {
    let directory = root.join("_delta_log");
    let entries = match std::fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(Failure::io("list", &directory, error)),
    };
    for entry in entries {
        let entry = entry.map_err(|error| Failure::io("list", &directory, error))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let versioned = name.len() > 20 && name.as_bytes()[..20].iter().all(u8::is_ascii_digit);
        if versioned && (&name[20..] == ".json" || name[20..].starts_with(".checkpoint.")) {
            return Ok(true);
        }
    }
    Ok(false)
}
