# `cmake --install`: headers, libraries, and what find_package(SigmoidAttn)
# reads. Included last, when every library is known.
include(CMakePackageConfigHelpers)

set(MLIR_VERSION_WANTED 22.1)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/SigmoidAttn)

get_property(libraries GLOBAL PROPERTY SIGMOID_ATTN_LIBRARIES)
set(compiler_libraries)
foreach(library ${libraries})
  get_target_property(linked ${library} LINK_LIBRARIES)
  if("MLIR" IN_LIST linked)
    list(APPEND compiler_libraries ${library})
  endif()
endforeach()
list(JOIN compiler_libraries " " compiler_libraries)

configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/SigmoidAttnConfig.cmake.in
  ${PROJECT_BINARY_DIR}/SigmoidAttnConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/SigmoidAttnConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/SigmoidAttnConfig.cmake
  ${PROJECT_BINARY_DIR}/SigmoidAttnConfigVersion.cmake
  DESTINATION ${package_dir})
foreach(set SigmoidAttnTargets SigmoidAttnRuntimeTargets)
  install(EXPORT ${set} NAMESPACE SigmoidAttn:: DESTINATION ${package_dir})
endforeach()

# TableGen's output is installed beside the headers that include it.
foreach(root ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  install(DIRECTORY ${root}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING
    PATTERN "*.h"
    PATTERN "*.td"
    PATTERN "*.inc"
    PATTERN "CMakeFiles" EXCLUDE)
endforeach()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/python/sigmoid_attn
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/python
  PATTERN "__pycache__" EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/sigmoid-attn)
