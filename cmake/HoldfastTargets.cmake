# One static library per folder of src/, so that the link line follows the include table, and one test
# binary per folder. Tests lie beside the code as *_test.cc.

add_library(holdfast_flags INTERFACE)
target_compile_options(holdfast_flags INTERFACE
  -Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Werror
  # GCC 12 takes inlined std::string copies for overflows and uninitialised reads (GCC bugs 105329, 105562).
  -Wno-stringop-overflow -Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds
  -fno-strict-aliasing
  # The code stands in a shared library, and nobody replaces single functions of it.
  -fno-semantic-interposition -fvisibility-inlines-hidden)
target_include_directories(holdfast_flags INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
target_compile_definitions(holdfast_flags INTERFACE HOLDFAST_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
if(HOLDFAST_SANITIZE STREQUAL "address")
  target_compile_options(holdfast_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(holdfast_flags INTERFACE -fsanitize=address,undefined)
elseif(HOLDFAST_SANITIZE STREQUAL "thread")
  target_compile_options(holdfast_flags INTERFACE -fsanitize=thread)
  target_link_options(holdfast_flags INTERFACE -fsanitize=thread)
endif()
find_program(MOLD_PROGRAM mold)
if(MOLD_PROGRAM)
  target_link_options(holdfast_flags INTERFACE -fuse-ld=mold)
endif()

set(HOLDFAST_LIBRARIES "" CACHE INTERNAL "")
set(HOLDFAST_TEST_BINARIES "" CACHE INTERNAL "")

# holdfast_folder(NAME SOURCES_DIRS... DEPENDS targets... LINK third-party targets...)
function(holdfast_folder name)
  cmake_parse_arguments(ARG "" "" "DIRS;DEPENDS;LINK" ${ARGN})
  set(sources "")
  set(tests "")
  foreach(dir ${ARG_DIRS})
    file(GLOB found CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${dir}/*.cc)
    list(APPEND sources ${found})
  endforeach()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  if(NOT sources)
    add_library(holdfast_${name} INTERFACE)
    target_link_libraries(holdfast_${name} INTERFACE holdfast_flags ${ARG_DEPENDS} ${ARG_LINK})
  else()
    add_library(holdfast_${name} STATIC ${sources})
    target_link_libraries(holdfast_${name} PUBLIC holdfast_flags ${ARG_DEPENDS} ${ARG_LINK})
    target_precompile_headers(holdfast_${name} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled.h)
    set(HOLDFAST_LIBRARIES ${HOLDFAST_LIBRARIES} holdfast_${name} CACHE INTERNAL "")
  endif()
  if(HOLDFAST_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE holdfast_${name} holdfast_test_support GTest::gmock GTest::gtest_main)
    target_precompile_headers(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/cmake/precompiled_test.h)
    set(HOLDFAST_TEST_BINARIES ${HOLDFAST_TEST_BINARIES} ${name}_test CACHE INTERNAL "")
  endif()
endfunction()
