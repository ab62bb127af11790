# Functions that every folder of the project uses to declare its targets.

# sigmoid_attn_library(NAME sources... [DEPENDS targets...] [LINK libraries...])
#
# A static library of compiler code. MLIR and LLVM come from their shared
# libraries, linked once by whatever is the final binary, so that a process
# never holds two copies of MLIR's type registry.
function(sigmoid_attn_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  sigmoid_attn_add_library(${name} SigmoidAttnTargets "${ARG_UNPARSED_ARGUMENTS}")
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# sigmoid_attn_runtime_library(NAME sources... [LINK libraries...])
#
# A static library that uses neither MLIR nor LLVM, for programs on machines
# that have neither.
function(sigmoid_attn_runtime_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  sigmoid_attn_add_library(${name} SigmoidAttnRuntimeTargets "${ARG_UNPARSED_ARGUMENTS}")
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
endfunction()

# What both kinds of library share. EXPORT is the set that
# find_package(SigmoidAttn) reads it from.
function(sigmoid_attn_add_library name export sources)
  add_library(${name} STATIC ${sources})
  sigmoid_attn_compile_options(${name})
  target_compile_features(${name} PUBLIC cxx_std_17)
  target_include_directories(${name} INTERFACE
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  install(TARGETS ${name} EXPORT ${export}
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  set_property(GLOBAL APPEND PROPERTY SIGMOID_ATTN_LIBRARIES ${name})
endfunction()

# sigmoid_attn_tool(NAME sources... [LINK libraries...])
#
# A program that users type and lit tests call.
function(sigmoid_attn_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  sigmoid_attn_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  set_property(GLOBAL APPEND PROPERTY SIGMOID_ATTN_TOOLS ${name})
endfunction()

# sigmoid_attn_unit_test(NAME sources... [LINK libraries...])
#
# A GoogleTest program in BUILD/unittests, run by check-unit.
function(sigmoid_attn_unit_test name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  sigmoid_attn_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main)
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/unittests)
  set_property(GLOBAL APPEND PROPERTY SIGMOID_ATTN_UNIT_TESTS ${name})
endfunction()

# The flags that code built against Debian's LLVM needs, and the sanitizers'
# defaults in every program of that preset.
function(sigmoid_attn_compile_options name)
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(${name} PRIVATE -fno-rtti)
  endif()
  target_compile_options(${name} PRIVATE -fno-exceptions -Wall -Wextra -Wno-unused-parameter)
  get_target_property(type ${name} TYPE)
  if(SIGMOID_ATTN_SANITIZERS AND type STREQUAL "EXECUTABLE")
    target_sources(${name} PRIVATE ${PROJECT_SOURCE_DIR}/cmake/SanitizerOptions.cpp)
  endif()
endfunction()

# Sets OUT to a Python 3, with NumPy if any of the usual ones has it: the
# python3 on PATH may be a bare one while Debian's has python3-numpy.
function(sigmoid_attn_find_python out)
  if(${out})
    return()
  endif()
  find_program(path_python python3 REQUIRED NO_CACHE)
  set(found ${path_python})
  foreach(candidate ${path_python} /usr/bin/python3)
    execute_process(COMMAND ${candidate} -c "import numpy"
                    RESULT_VARIABLE missing OUTPUT_QUIET ERROR_QUIET)
    if(NOT missing)
      set(found ${candidate})
      break()
    endif()
  endforeach()
  set(${out} ${found} CACHE FILEPATH "Python that the tests run with")
endfunction()
