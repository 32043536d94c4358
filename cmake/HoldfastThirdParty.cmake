# Third parties as imported targets. ./dev setup installs them; tools/dev_setup.py has the versions.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(simdjson REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(Boost 1.81 REQUIRED)
find_package(date REQUIRED)
# Debian's CMake files of libzip demand command-line tools that libzip-dev does not bring.
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
add_library(libzip::zip ALIAS PkgConfig::LIBZIP)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash)
find_package(Snappy REQUIRED)
find_package(ZLIB REQUIRED)
if(HOLDFAST_TESTS)
  find_package(GTest REQUIRED)
endif()

# Third parties that ./dev setup builds or fetches once and keeps outside the tree:
# <cache>/<name>-<hash of its recipe>. tools/dev_setup.py computes the same hash in the same way.
function(holdfast_cached name out)
  set(recipe ${CMAKE_SOURCE_DIR}/third_party/${name})
  file(GLOB files LIST_DIRECTORIES false RELATIVE ${recipe}
    ${recipe}/Cargo.toml ${recipe}/Cargo.lock ${recipe}/CMakeLists.txt ${recipe}/package.txt
    ${recipe}/build.rs ${recipe}/src/*.rs)
  list(SORT files)
  set(lines "")
  foreach(file ${files})
    file(SHA256 ${recipe}/${file} digest)
    string(APPEND lines "${file} ${digest}\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${recipe}/${file})
  endforeach()
  string(SHA256 digest "${lines}")
  string(SUBSTRING ${digest} 0 12 digest)
  set(${out} ${HOLDFAST_CACHE_DIR}/${name}-${digest} PARENT_SCOPE)
endfunction()

# RocksDB: the distribution's by default; a release build of 9.8.4 where figures are made.
if(HOLDFAST_ROCKSDB STREQUAL "source")
  holdfast_cached(rocksdb rocksdb)
  if(NOT EXISTS ${rocksdb}/lib/librocksdb.a)
    message(FATAL_ERROR "${rocksdb} is missing: ./dev bench builds it")
  endif()
  add_library(holdfast_rocksdb STATIC IMPORTED)
  set_target_properties(holdfast_rocksdb PROPERTIES
    IMPORTED_LOCATION ${rocksdb}/lib/librocksdb.a
    INTERFACE_INCLUDE_DIRECTORIES ${rocksdb}/include
    INTERFACE_LINK_LIBRARIES "PkgConfig::LZ4;PkgConfig::ZSTD;Snappy::snappy;Threads::Threads;dl")
else()
  find_package(RocksDB CONFIG REQUIRED)
  add_library(holdfast_rocksdb INTERFACE)
  target_link_libraries(holdfast_rocksdb INTERFACE RocksDB::rocksdb-shared)
endif()

# Arrow C++ and Parquet come out of the pyarrow wheel: it has headers and libraries but no CMake files.
execute_process(
  COMMAND ${HOLDFAST_PYTHON_PROGRAM} -c "import pyarrow,os;print(os.path.dirname(pyarrow.__file__),end='')"
  OUTPUT_VARIABLE HOLDFAST_PYARROW COMMAND_ERROR_IS_FATAL ANY)
function(holdfast_arrow_library name file)
  file(GLOB so ${HOLDFAST_PYARROW}/lib${file}.so.*)
  add_library(${name} SHARED IMPORTED)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${so})
  target_include_directories(${name} SYSTEM INTERFACE ${HOLDFAST_PYARROW}/include)
endfunction()
holdfast_arrow_library(Arrow::arrow arrow)
holdfast_arrow_library(Arrow::parquet parquet)

# Libraries that are opened at run time lie in lib/ of the build, where the product looks first.
function(holdfast_link_beside file)
  if(EXISTS ${file})
    get_filename_component(name ${file} NAME)
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/lib)
    file(CREATE_LINK ${file} ${CMAKE_BINARY_DIR}/lib/${name} SYMBOLIC)
  else()
    message(WARNING "${file} is missing: ./dev setup brings it; without it a part of the product is absent")
  endif()
endfunction()

# Delta: our own C functions over the Delta project's kernel (src/connect/delta/kernel_abi.h).
if(HOLDFAST_DELTA)
  holdfast_cached(delta_kernel delta)
  set(HOLDFAST_DELTA_LIBRARY ${delta}/lib/libholdfast_delta.so)
  holdfast_link_beside(${HOLDFAST_DELTA_LIBRARY})
endif()

# DuckDB: its shared library and duckdb.h. Opened at run time; the header is all that a build needs.
holdfast_cached(duckdb duckdb)
set(HOLDFAST_DUCKDB_LIBRARY ${duckdb}/lib/libduckdb.so)
set(HOLDFAST_DUCKDB_INCLUDE ${duckdb}/include)
holdfast_link_beside(${HOLDFAST_DUCKDB_LIBRARY})
add_library(holdfast_duckdb_headers INTERFACE)
target_include_directories(holdfast_duckdb_headers SYSTEM INTERFACE ${HOLDFAST_DUCKDB_INCLUDE})

# What ./dev reads to know the test binaries; written when all targets are there.
function(holdfast_list_test_binaries)
  list(JOIN HOLDFAST_TEST_BINARIES "\n" names)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/test_binaries.txt CONTENT "@names@\n" @ONLY)
endfunction()
cmake_language(DEFER DIRECTORY ${CMAKE_SOURCE_DIR} CALL holdfast_list_test_binaries)
