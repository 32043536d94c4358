# cmake --install: the program, the library with its headers and a CMake package (find_package(Holdfast)), and what no
# distribution has: Arrow from the pyarrow wheel, Delta, DuckDB. The tree may be moved: all paths in it are relative.
# Distribution packages (librocksdb, libfmt ...) are not copied.
include(CMakePackageConfigHelpers)

set_target_properties(holdfast PROPERTIES INSTALL_RPATH "$ORIGIN")
set_target_properties(holdfast_cli PROPERTIES INSTALL_RPATH "$ORIGIN/../lib")
install(TARGETS holdfast EXPORT HoldfastTargets LIBRARY DESTINATION lib)
install(TARGETS holdfast_cli RUNTIME DESTINATION bin)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/holdfast DESTINATION include FILES_MATCHING PATTERN "*.h")
install(FILES $<TARGET_FILE:Arrow::arrow> $<TARGET_FILE:Arrow::parquet> DESTINATION lib)
if(HOLDFAST_DELTA)
  install(FILES ${HOLDFAST_DELTA_LIBRARY} DESTINATION lib)
endif()
install(FILES ${HOLDFAST_DUCKDB_LIBRARY} DESTINATION lib OPTIONAL)

set(package lib/cmake/Holdfast)
install(EXPORT HoldfastTargets NAMESPACE Holdfast:: DESTINATION ${package})
configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/HoldfastConfig.cmake.in
  ${CMAKE_BINARY_DIR}/HoldfastConfig.cmake INSTALL_DESTINATION ${package})
# Before 1.0 every minor version may change the shape of the classes in the headers.
write_basic_package_version_file(${CMAKE_BINARY_DIR}/HoldfastConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/HoldfastConfig.cmake ${CMAKE_BINARY_DIR}/HoldfastConfigVersion.cmake
  DESTINATION ${package})
