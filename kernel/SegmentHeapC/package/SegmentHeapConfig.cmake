# find_package(SegmentHeap 0.1) gives the target SegmentHeap::segmentheap, wherever this tree lies.
get_filename_component(_segmentheap_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
set(_segmentheap_archive "${_segmentheap_prefix}/lib/libsegmentheap.a")

# A board's build has an archive of its own.
if(CMAKE_SYSTEM_NAME STREQUAL "Generic")
  file(GLOB _segmentheap_boards RELATIVE "${_segmentheap_prefix}/lib/segmentheap"
    "${_segmentheap_prefix}/lib/segmentheap/*")
  if(NOT SEGMENTHEAP_TRIPLE)
    set(SEGMENTHEAP_TRIPLE "${CMAKE_SYSTEM_PROCESSOR}-none-none-elf")
  endif()
  set(_segmentheap_archive
    "${_segmentheap_prefix}/lib/segmentheap/${SEGMENTHEAP_TRIPLE}/libsegmentheap.a")
endif()

if(NOT EXISTS "${_segmentheap_archive}")
  set(SegmentHeap_FOUND FALSE)
  set(SegmentHeap_NOT_FOUND_MESSAGE
    "no ${_segmentheap_archive}; set SEGMENTHEAP_TRIPLE to one of: ${_segmentheap_boards}")
  return()
endif()

if(NOT TARGET SegmentHeap::segmentheap)
  add_library(SegmentHeap::segmentheap STATIC IMPORTED)
  set_target_properties(SegmentHeap::segmentheap PROPERTIES
    IMPORTED_LOCATION "${_segmentheap_archive}"
    INTERFACE_INCLUDE_DIRECTORIES "${_segmentheap_prefix}/include")
endif()
