// SPDX-License-Identifier: Apache-2.0
#include "connect/delta/delta_library.h"

#include <dlfcn.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <vector>

namespace hf {
namespace {

constexpr std::string_view kFileName = "libholdfast_delta.so";

std::string DirectoryOfThisBinary() {
  Dl_info info{};
  // Any object of this library tells where it was loaded from.
  if (dladdr(kFileName.data(), &info) == 0 || info.dli_fname == nullptr) {
    return {};
  }
  // A program's name is what it was started by: relative, or a link.
  std::error_code error;
  const std::filesystem::path path = std::filesystem::canonical(info.dli_fname, error);
  return error ? std::string() : path.parent_path().string();
}

std::vector<std::string> Candidates() {
  // Read once, before any thread of ours could change the environment.
  if (const char* given = std::getenv("HOLDFAST_DELTA_LIBRARY");
      given != nullptr && *given != '\0') {  // NOLINT(concurrency-mt-unsafe)
    return {given};
  }
  std::vector<std::string> paths;
  if (const std::string here = DirectoryOfThisBinary(); !here.empty()) {
    paths.push_back(fmt::format("{}/{}", here, kFileName));
    paths.push_back(fmt::format("{}/../lib/{}", here, kFileName));
  }
#ifdef HOLDFAST_DELTA_LIBRARY
  paths.emplace_back(HOLDFAST_DELTA_LIBRARY);
#endif
  return paths;
}

template <typename Function>
bool Find(void* handle, const char* name, Function& function, std::string& missing) {
  function = reinterpret_cast<Function>(dlsym(handle, name));
  if (function == nullptr) {
    missing = name;
  }
  return function != nullptr;
}

Result<DeltaLibrary> LoadFirst() {
  std::string looked;
  for (const std::string& path : Candidates()) {
    if (access(path.c_str(), F_OK) == 0) {
      return DeltaLibrary::Load(path);
    }
    looked += looked.empty() ? path : ", " + path;
  }
  return Invalid(
      fmt::format("Holdfast was built without Delta: {} is not there (looked at {}). Build with "
                  "-DHOLDFAST_DELTA=ON, or name the library in HOLDFAST_DELTA_LIBRARY",
                  kFileName, looked));
}

}  // namespace

Result<DeltaLibrary> DeltaLibrary::Load(const std::string& path) {
  void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    return Invalid(fmt::format("the Delta library cannot be loaded: {}", dlerror()));  // NOLINT(concurrency-mt-unsafe)
  }
  DeltaLibrary found{};
  std::string missing;
  const bool complete =
      Find(handle, "hf_delta_abi_version", found.abi_version, missing) &&
      Find(handle, "hf_delta_open", found.open, missing) && Find(handle, "hf_delta_close", found.close, missing) &&
      Find(handle, "hf_delta_get_state", found.get_state, missing) &&
      Find(handle, "hf_delta_check_append", found.check_append, missing) &&
      Find(handle, "hf_delta_create", found.create, missing) &&
      Find(handle, "hf_delta_txn_version", found.txn_version, missing) &&
      Find(handle, "hf_delta_stage", found.stage, missing) &&
      Find(handle, "hf_delta_unstage", found.unstage, missing) &&
      Find(handle, "hf_delta_append", found.append, missing) && Find(handle, "hf_delta_scan", found.scan, missing) &&
      Find(handle, "hf_delta_get_schema", found.get_schema, missing) &&
      Find(handle, "hf_delta_scan_files", found.scan_files, missing) &&
      Find(handle, "hf_delta_files_open", found.files_open, missing) &&
      Find(handle, "hf_delta_files_count", found.files_count, missing) &&
      Find(handle, "hf_delta_files_get", found.files_get, missing) &&
      Find(handle, "hf_delta_files_close", found.files_close, missing) &&
      Find(handle, "hf_delta_checkpoint", found.checkpoint, missing);
  if (!complete) {
    return Invalid(fmt::format("the Delta library lacks the function {}: {}", missing, path));
  }
  if (found.abi_version() != HF_DELTA_ABI_VERSION) {
    return Invalid(fmt::format("the Delta library is of another build of Holdfast (interface {} instead of {}): {}",
                               found.abi_version(), HF_DELTA_ABI_VERSION, path));
  }
  return found;
}

Result<const DeltaLibrary*> DeltaLibrary::Get() {
  static const Result<DeltaLibrary> library = LoadFirst();
  if (!library.ok()) {
    return library.status();
  }
  return &library.value();
}

}  // namespace hf
