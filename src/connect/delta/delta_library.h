// SPDX-License-Identifier: Apache-2.0
// DeltaLibrary: the functions of libholdfast_delta.so (kernel_abi.h), which a build may have or lack. It is opened at
// the first use and stays open: the threads and thread-local values inside do not outlive an unload.
#pragma once

#include <string>

#include "connect/delta/kernel_abi.h"
#include "holdfast/status.h"

namespace hf {

struct DeltaLibrary {
  decltype(&hf_delta_abi_version) abi_version;
  decltype(&hf_delta_open) open;
  decltype(&hf_delta_close) close;
  decltype(&hf_delta_get_state) get_state;
  decltype(&hf_delta_check_append) check_append;
  decltype(&hf_delta_create) create;
  decltype(&hf_delta_txn_version) txn_version;
  decltype(&hf_delta_stage) stage;
  decltype(&hf_delta_unstage) unstage;
  decltype(&hf_delta_append) append;
  decltype(&hf_delta_scan) scan;
  decltype(&hf_delta_get_schema) get_schema;
  decltype(&hf_delta_scan_files) scan_files;
  decltype(&hf_delta_files_open) files_open;
  decltype(&hf_delta_files_count) files_count;
  decltype(&hf_delta_files_get) files_get;
  decltype(&hf_delta_files_close) files_close;
  decltype(&hf_delta_checkpoint) checkpoint;

  // Where the library is looked for, first to last: the environment variable HOLDFAST_DELTA_LIBRARY (then nowhere
  // else), the directory of the binary that holds this code, ../lib beside it, the place that the build configured.
  // kInvalid when there is none ("built without Delta") or it is of another build. Thread-safe.
  static Result<const DeltaLibrary*> Get();

  // Opens one given file; Get() without its memory. For tests.
  static Result<DeltaLibrary> Load(const std::string& path);
};

}  // namespace hf
