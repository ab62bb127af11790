# Functions that every folder of the project uses to declare its targets.

# sigmoid_attn_library(NAME sources... [DEPENDS targets...] [LINK libraries...])
#
# A static library of compiler code. MLIR and LLVM come from their shared
# libraries, linked once by whatever is the final binary, so that a process
# never holds two copies of MLIR's type registry.
function(sigmoid_attn_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  sigmoid_attn_compile_options(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  set_property(GLOBAL APPEND PROPERTY SIGMOID_ATTN_LIBRARIES ${name})
endfunction()

# The flags that code built against Debian's LLVM needs.
function(sigmoid_attn_compile_options name)
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(${name} PRIVATE -fno-rtti)
  endif()
  target_compile_options(${name} PRIVATE -fno-exceptions -Wall -Wextra -Wno-unused-parameter)
endfunction()
