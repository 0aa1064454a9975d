// Offsets into struct core_data (include/cores.h, which checks them).
#pragma once

#define CORE_DATA_SHIFT      7
#define CORE_NUMBER          0
#define CORE_STACK           8
#define CORE_INTERRUPT_STACK 16
#define CORE_FAULT_STACK     24
#define CORE_NESTED_STACK    32
#define CORE_FAULT_DEPTH     40
#define CORE_SCRATCH         48     // two words
#define CORE_STATE           64
#define CORE_STOPPED_ELR     72
#define CORE_STOPPED_FRAME   80

#define CORE_STOPPED         4      // CoreState.stopped in Swift
