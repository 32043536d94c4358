// SPDX-License-Identifier: Apache-2.0
#include "query/duckdb_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace hf {

namespace {

constexpr const char* kFileName = "libduckdb.so";

std::string OwnDirectory() {
  Dl_info found{};
  if (dladdr(reinterpret_cast<const void*>(&OwnDirectory), &found) == 0 || found.dli_fname == nullptr) {
    return {};
  }
  const std::string path = found.dli_fname;
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash + 1);
}

Result<DuckDbLibrary> OpenLibrary() {
  std::vector<std::string> places;
  if (const char* named = std::getenv("HOLDFAST_DUCKDB_LIBRARY"); named != nullptr) {
    places.emplace_back(named);
  }
  const std::string own = OwnDirectory();
  places.push_back(own + kFileName);
  places.push_back(own + "../lib/" + kFileName);
#ifdef HOLDFAST_DUCKDB_LIBRARY
  places.emplace_back(HOLDFAST_DUCKDB_LIBRARY);
#endif
  places.emplace_back(kFileName);
  void* library = nullptr;
  for (const std::string& place : places) {
    library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) {
      break;
    }
  }
  if (library == nullptr) {
    return Unavailable(
        fmt::format("SQL needs DuckDB's shared library, which was not found; looked for {}; ./dev setup installs it",
                    fmt::join(places, ", ")));
  }
  DuckDbLibrary functions;
#define HF_DUCKDB_LOAD(name)                                                                              \
  functions.name = reinterpret_cast<decltype(&::name)>(dlsym(library, #name));                            \
  if (functions.name == nullptr) {                                                                        \
    return Incompatible("DuckDB's shared library lacks the function " #name "; version 1.5.6 is needed"); \
  }
  HF_DUCKDB_FUNCTIONS(HF_DUCKDB_LOAD)
#undef HF_DUCKDB_LOAD
  return functions;
}

}  // namespace

Result<const DuckDbLibrary*> DuckDbLibrary::Get() {
  static const Result<DuckDbLibrary> library = OpenLibrary();
  if (!library.ok()) {
    return library.status();
  }
  return &library.value();
}

}  // namespace hf
