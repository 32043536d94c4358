// SPDX-License-Identifier: Apache-2.0
//! What went wrong, as the C side sees it: a code by what the reader does next, and one sentence.
//! Panics end here too; nothing of this library prints or unwinds into C.

use std::cell::{Cell, RefCell};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Once;

use delta_kernel::arrow::error::ArrowError;
use delta_kernel::KernelError;

pub const OK: i32 = 0;

/// The codes of kernel_abi.h.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    Invalid = 1,
    Unavailable = 2,
    Corrupt = 3,
    Incompatible = 4,
    Conflict = 5,
    Internal = 7,
}

#[derive(Debug)]
pub struct Failure {
    pub code: Code,
    pub message: String,
}

pub type Outcome<T> = Result<T, Failure>;

impl Failure {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message)
    }

    pub fn io(what: &str, path: &std::path::Path, error: std::io::Error) -> Self {
        Self::new(Code::Unavailable, format!("cannot {what} {}: {error}", path.display()))
    }

    pub fn context(mut self, context: &str) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }
}

/// Sorts the kernel's errors. `unclear` is the code for those that say nothing about whose fault
/// it is ("generic"): Invalid where the caller's arguments are checked, Corrupt where a log is read.
pub fn from_kernel(error: KernelError, unclear: Code) -> Failure {
    let error = match error {
        KernelError::Backtraced { source, .. } => return from_kernel(*source, unclear),
        other => other,
    };
    let code = match &error {
        KernelError::IOError(_) | KernelError::ObjectStore(_) | KernelError::Cancelled => {
            Code::Unavailable
        }
        KernelError::Unsupported(_) => Code::Incompatible,
        KernelError::FileAlreadyExists(_) | KernelError::TableAlreadyExistsAtPath(_) => {
            Code::Conflict
        }
        KernelError::InternalError(_) | KernelError::JoinFailure(_) => Code::Internal,
        KernelError::FileNotFound(_)
        | KernelError::InvalidProtocol(_)
        | KernelError::MissingMetadata
        | KernelError::MissingProtocol
        | KernelError::MissingMetadataAndProtocol
        | KernelError::MissingVersion(_)
        | KernelError::MalformedJson(_)
        | KernelError::InvalidCheckpoint(_)
        | KernelError::InvalidLogPath(_)
        | KernelError::InvalidLogSegment(_)
        | KernelError::DeletionVector(_)
        | KernelError::Parquet(_)
        | KernelError::Extract(_, _)
        | KernelError::MissingData(_) => Code::Corrupt,
        _ => unclear,
    };
    Failure::new(code, error.to_string())
}

/// Adapters for `map_err`: reading what is on disk, and checking what the caller gave.
pub fn reading(error: KernelError) -> Failure {
    from_kernel(error, Code::Corrupt)
}

pub fn checking(error: KernelError) -> Failure {
    from_kernel(error, Code::Invalid)
}

pub fn arrow(error: ArrowError) -> Failure {
    Failure::invalid(error.to_string())
}

#[repr(C)]
pub struct ErrorOut {
    code: i32,
    message: [u8; 2044],
}

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Runs `body`; a panic in it becomes a failure.
pub fn caught<T>(body: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    silence_panics();
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| {
        let what = PANIC.with(|message| message.take());
        Err(Failure::new(Code::Internal, format!("panic: {what}")))
    });
    GUARDED.set(outer);
    result
}

/// Runs `body` for a C caller: its failure or panic goes to `out`, its code is returned.
pub fn guard(out: *mut ErrorOut, body: impl FnOnce() -> Outcome<()>) -> i32 {
    match caught(body) {
        Ok(()) => OK,
        Err(failure) => {
            // SAFETY: null or a structure of the caller that lives for the call.
            if let Some(out) = unsafe { out.as_mut() } {
                out.fill(&failure);
            }
            failure.code as i32
        }
    }
}

impl ErrorOut {
    fn fill(&mut self, failure: &Failure) {
        let mut end = failure.message.len().min(self.message.len() - 1);
        while !failure.message.is_char_boundary(end) {
            end -= 1;
        }
        self.code = failure.code as i32;
        self.message[..end].copy_from_slice(&failure.message.as_bytes()[..end]);
        self.message[end] = 0;
    }
}

pub const WORKER_NAME: &str = "holdfast-delta";

/// Keeps the message of a panic under `caught` for the caller and drops those of our own worker
/// threads (the waiting caller panics too); all others go on to whoever listened before.
fn silence_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let ours = std::thread::current().name() == Some(WORKER_NAME);
            if GUARDED.get() {
                PANIC.set(info.to_string().replace('\n', " "));
            } else if !ours {
                before(info);
            }
        }));
    });
}
