# Puts the library where other builds find it:
#   make install PREFIX=/usr/local DESTDIR=
#     PREFIX/include/segment_heap.h, .hpp                for C and C++
#     PREFIX/include/segmentheap/module.modulemap        for Swift: -I PREFIX/include/segmentheap
#     PREFIX/lib/libsegmentheap.a                        for this machine
#     PREFIX/lib/segmentheap/TRIPLE/libsegmentheap.a     for boards
#     PREFIX/lib/pkgconfig, PREFIX/lib/cmake             pkg-config and CMake; both may be moved with the tree
# DESTDIR is put before every place: for packagers.

PREFIX  ?= /usr/local
DESTDIR ?=

INSTALL_FROM    := kernel/SegmentHeapC/package
INSTALL_TO       = $(DESTDIR)$(PREFIX)
# The header says the version; nothing else does.
INSTALL_VERSION  = $(shell sed -n 's/^\#define SEGMENT_HEAP_VERSION "\(.*\)"/\1/p' $(LIBRARY_HEADER)/segment_heap.h)

.PHONY: install uninstall
install: libsegmentheap ## the heap for C, C++ and Swift under PREFIX=/usr/local (DESTDIR=)
	@install -d '$(INSTALL_TO)/include/segmentheap' '$(INSTALL_TO)/lib/pkgconfig' \
	  '$(INSTALL_TO)/lib/cmake/SegmentHeap'
	@install -m 644 $(LIBRARY_HEADER)/segment_heap.h $(LIBRARY_HEADER)/segment_heap.hpp '$(INSTALL_TO)/include/'
	@install -m 644 $(INSTALL_FROM)/module.modulemap '$(INSTALL_TO)/include/segmentheap/'
	@install -m 644 build/libsegmentheap.a '$(INSTALL_TO)/lib/'
	@for triple in $(LIBRARY_BARE); do \
	  install -d '$(INSTALL_TO)/lib/segmentheap/'$$triple && \
	  install -m 644 build/$$triple/libsegmentheap.a '$(INSTALL_TO)/lib/segmentheap/'$$triple/ || exit 1; \
	done
	@sed 's/@VERSION@/$(INSTALL_VERSION)/' $(INSTALL_FROM)/segmentheap.pc >'$(INSTALL_TO)/lib/pkgconfig/segmentheap.pc'
	@cp $(INSTALL_FROM)/SegmentHeapConfig.cmake '$(INSTALL_TO)/lib/cmake/SegmentHeap/'
	@sed 's/@VERSION@/$(INSTALL_VERSION)/' $(INSTALL_FROM)/SegmentHeapConfigVersion.cmake \
	  >'$(INSTALL_TO)/lib/cmake/SegmentHeap/SegmentHeapConfigVersion.cmake'
	@echo 'roost: segment heap $(INSTALL_VERSION) installed under $(INSTALL_TO)'

uninstall: ## takes away what install put there
	@rm -f '$(INSTALL_TO)/include/segment_heap.h' '$(INSTALL_TO)/include/segment_heap.hpp' \
	  '$(INSTALL_TO)/lib/libsegmentheap.a' '$(INSTALL_TO)/lib/pkgconfig/segmentheap.pc'
	@rm -rf '$(INSTALL_TO)/include/segmentheap' '$(INSTALL_TO)/lib/segmentheap' \
	  '$(INSTALL_TO)/lib/cmake/SegmentHeap'
