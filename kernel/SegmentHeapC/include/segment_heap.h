/* segment_heap.h: an exact best-fit heap over memory that you give it.
 *
 * The heap lives in that memory and nowhere else: there is no global state, no lock and no call to an
 * operating system. Several heaps may exist side by side; calls on one heap must not overlap.
 *
 * NOTHING here ever stops the program. Each pointer handed back is verified to be a live payload of
 * the heap before anything is changed; where it is not, the call says why and changes nothing.
 *
 *   memory -> | control block | header payload | header payload | ... | end mark |
 *              heap = in here         ^ multiple of SEGMENT_HEAP_ALIGNMENT
 *
 * A payload costs a header of 8 bytes and the rounding of header and payload to the alignment, and
 * takes 16 bytes at least. Every call but check, get_statistics and explain takes a bounded number of
 * instructions however many payloads there are (several regions: one more search for each), apart from
 * the bytes that reallocate copies, and from a free that is refused because no header is found at the
 * pointer.
 *
 * The checks are against accidents; those of a hardened heap are against who writes there on purpose, too.
 * One thing is trusted: the heap pointer is NULL or came from create, and the 240 bytes before it (132
 * where pointers have 32 bits) were not overwritten. segment_heap_check() notices when they were.
 */
#ifndef SEGMENT_HEAP_H
#define SEGMENT_HEAP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this header and of the library with it, as semantic versioning counts
 * (docs/use-the-heap.md says what it promises). */
#define SEGMENT_HEAP_VERSION_MAJOR 0
#define SEGMENT_HEAP_VERSION_MINOR 1
#define SEGMENT_HEAP_VERSION_PATCH 0
#define SEGMENT_HEAP_VERSION "0.1.0"

/* What every payload's address is a multiple of. 64-bit machines have a library with 8, too (GRANULE=8): define
 * SEGMENT_HEAP_GRANULE_8 where that one is linked. */
#if defined(SEGMENT_HEAP_GRANULE_8) || UINTPTR_MAX == 0xffffffffu
#define SEGMENT_HEAP_ALIGNMENT 8
#else
#define SEGMENT_HEAP_ALIGNMENT 16
#endif

/* A heap. The pointer leads into the control block, which is where the memory begins. */
typedef struct segment_heap segment_heap_t;

/* Fault codes. SEGMENT_HEAP_OK means that nothing was wrong. */
enum {
  SEGMENT_HEAP_OK = 0,
  SEGMENT_HEAP_DOUBLE_FREE = 1,        /* the payload was given back before */
  SEGMENT_HEAP_INTERIOR_POINTER = 2,   /* inside a segment, not at a payload's first byte */
  SEGMENT_HEAP_FOREIGN_POINTER = 3,    /* outside every region of this heap */
  SEGMENT_HEAP_MISALIGNED_POINTER = 4, /* not a multiple of the alignment */
  SEGMENT_HEAP_CORRUPT_HEADER = 5,     /* a header was overwritten, often by the payload before it */
  SEGMENT_HEAP_CORRUPT_INDEX = 6,      /* a link of the free segments was, often by a late write */
  SEGMENT_HEAP_CORRUPT_CONTROL = 7,    /* the control block was */
  SEGMENT_HEAP_OVERFLOW = 8,           /* a byte behind a payload was (debug heaps) */
  SEGMENT_HEAP_WRITE_AFTER_FREE = 9,   /* freed memory was (debug heaps) */
  SEGMENT_HEAP_BAD_ARGUMENT = 10       /* no heap, or an alignment that is not a power of two */
};

/* segment_heap_create - make a heap
 *
 *   memory  where it shall live; any alignment. The caller keeps it, unmoved, for as long as the
 *           heap is used, and hands it to nobody else.
 *   size    its length in bytes: at least 512. A region uses no more than 4 GiB less 16 bytes;
 *           where pointers have 32 bits, less than 2 GiB.
 *
 * Returns the heap; NULL when memory is NULL or too small. There is nothing to destroy: a heap ends
 * when its memory is put to other use. The memory need not be clear, and may have held a heap: a pointer
 * of that one is refused by the new one. Time in proportion to the control block, which is half a KiB
 * to 10 KiB: a 126th of 64 KiB, less than a 200th from 108 KiB on.
 */
segment_heap_t *segment_heap_create(void *memory, size_t size);

/* segment_heap_create_debug - make a heap that watches its users
 *
 * As segment_heap_create. Each payload costs 40 bytes more and every call takes time in proportion to
 * the payload's size. In return: the bytes from the last one asked for up to the next header are a
 * canary; fresh memory is 0xA5 (at an alignment of 8: 0xA3) and freed memory 0xDE; freed memory is kept
 * back for a while, so that a late write or a second free is caught; the return addresses of the calls
 * that allocated and freed a payload are in each report.
 */
segment_heap_t *segment_heap_create_debug(void *memory, size_t size);

/* segment_heap_create_hardened - make a heap whose words cannot be forged without its secret
 *
 *   secret  64 random bits that nobody who may attack the heap knows
 *
 * As segment_heap_create. One end of each link, from header to header and between free segments, is keyed
 * to its place with the secret. Who can write into the heap's memory but not read it gets no payload twice,
 * and none that is not free, but by a chance of about 2^-32 a try: docs/hardened.md has the techniques that
 * were tried. Payloads cost what they cost otherwise; each call has a few instructions more.
 */
segment_heap_t *segment_heap_create_hardened(void *memory, size_t size, uint64_t secret);

/* segment_heap_add_region - give a heap more memory
 *
 * The new range serves as the first one does and is never merged with another. From the second
 * region on, each call has a few instructions more a region.
 *
 * Returns SEGMENT_HEAP_OK; SEGMENT_HEAP_BAD_ARGUMENT, and nothing changed, when heap or memory is
 * NULL, or memory is too small or overlaps a region.
 */
int segment_heap_add_region(segment_heap_t *heap, void *memory, size_t size);

/* segment_heap_allocate - take memory
 *
 * Returns at least size bytes (0 counts as 1) at a multiple of SEGMENT_HEAP_ALIGNMENT, with any
 * content: a smallest free segment that can hold them. NULL when there is none;
 * segment_heap_last_fault() then tells a lack of memory from damage. Bounded time.
 */
void *segment_heap_allocate(segment_heap_t *heap, size_t size);

/* segment_heap_allocate_aligned - take memory at a multiple of alignment
 *
 *   alignment  a power of two; those up to SEGMENT_HEAP_ALIGNMENT mean that.
 *
 * As segment_heap_allocate. NULL with SEGMENT_HEAP_BAD_ARGUMENT for any other alignment. The search is
 * for a segment that can hold the request wherever it lies, size + alignment - 16 bytes (at an
 * alignment of 8: size + alignment + 8); where there is none, for one that holds it as it lies, among
 * the one freed last, the one at the end and 128 others. What is too much is given back. Bounded time.
 */
void *segment_heap_allocate_aligned(segment_heap_t *heap, size_t alignment, size_t size);

/* segment_heap_reallocate - resize a payload
 *
 *   payload  from this heap; NULL: as segment_heap_allocate.
 *   size     0 counts as 1; it does not free.
 *
 * Returns the payload, moved only when it cannot be resized where it is, with its content up to the
 * smaller size. NULL when there is no memory or payload is none, and then nothing has changed but what
 * segment_heap_last_fault() tells and failure_count counts. A moved payload is at a multiple of
 * SEGMENT_HEAP_ALIGNMENT only: use segment_heap_reallocate_aligned for others. Bounded time apart from
 * the copy.
 */
void *segment_heap_reallocate(segment_heap_t *heap, void *payload, size_t size);

/* segment_heap_reallocate_aligned - resize a payload, at a multiple of alignment afterwards
 *
 * As segment_heap_reallocate, with alignment as for segment_heap_allocate_aligned.
 */
void *segment_heap_reallocate_aligned(
    segment_heap_t *heap, void *payload, size_t alignment, size_t size);

/* segment_heap_free - give a payload back
 *
 *   payload  from this heap, or NULL, which does nothing.
 *
 * Returns SEGMENT_HEAP_OK, or the fault code, with nothing changed. Bounded time; where no header is
 * found at payload, a walk over all segments tells an interior pointer from an overwritten header.
 */
int segment_heap_free(segment_heap_t *heap, void *payload);

/* segment_heap_usable_size - how much of a payload may be used
 *
 * Returns what was asked for or up to 15 bytes more (debug heaps: just what was asked for). 0 when
 * payload is not a live payload of the heap. Bounded time.
 */
size_t segment_heap_usable_size(const segment_heap_t *heap, const void *payload);

/* segment_heap_check - verify a heap
 *
 * Returns SEGMENT_HEAP_OK, or the code of the first fault found. Changes nothing. A walk over all
 * segments and the whole index; in a debug heap also over all canaries and the freed memory that
 * is kept back.
 */
int segment_heap_check(const segment_heap_t *heap);

/* A heap in numbers. Sizes are bytes; counts run since the heap was made. */
struct segment_heap_statistics {
  size_t capacity_bytes;     /* what serves of all regions, control blocks and headers included */
  size_t used_bytes;         /* segments in use, headers and rounding included */
  size_t free_bytes;         /* free segments, headers included */
  size_t largest_free_bytes; /* the largest request that can succeed */
  size_t peak_used_bytes;    /* the most that used_bytes has been */
  size_t live_count;         /* payloads allocated and not yet given back */
  size_t free_segment_count;
  size_t allocation_count;
  size_t deallocation_count;
  size_t failure_count;      /* requests refused for want of memory */
};

/* segment_heap_get_statistics - read a heap's numbers
 *
 * Returns SEGMENT_HEAP_OK with *statistics filled in; SEGMENT_HEAP_BAD_ARGUMENT when either pointer
 * is NULL, SEGMENT_HEAP_CORRUPT_CONTROL when the control block was overwritten, with *statistics
 * untouched. Walks over all segments. In a debug heap, freed memory that is kept back counts as
 * free.
 */
int segment_heap_get_statistics(
    const segment_heap_t *heap, struct segment_heap_statistics *statistics);

/* segment_heap_last_fault - why NULL was returned
 *
 * Returns why the last allocate or reallocate (of either kind) that returned NULL did so:
 * SEGMENT_HEAP_OK for want of memory, otherwise the fault code. Damage that an allocation has met
 * is remembered until it is read here. Reading resets to SEGMENT_HEAP_OK.
 * SEGMENT_HEAP_BAD_ARGUMENT when heap is NULL.
 */
int segment_heap_last_fault(segment_heap_t *heap);

/* What is known of a fault. */
struct segment_heap_fault {
  int code;
  uintptr_t address;      /* what was passed in, or the place that was found wrong */
  uintptr_t segment;      /* the header of the segment concerned; 0: none */
  uintptr_t allocated_by; /* return address of the call that allocated it; 0: not known */
  uintptr_t freed_by;     /* return address of the call that freed it; 0: not known */
};

/* segment_heap_explain - say all that is known of a fault
 *
 *   payload  a pointer that the heap refused; NULL: the heap as a whole, as segment_heap_check
 *   fault    what was found goes here; may be NULL
 *
 * Returns the fault code; SEGMENT_HEAP_OK, with *fault all zero, when payload is live and the heap
 * valid. Changes nothing. As costly as segment_heap_check.
 */
int segment_heap_explain(
    const segment_heap_t *heap, const void *payload, struct segment_heap_fault *fault);

/* segment_heap_fault_name - a fault code in words
 *
 * Returns a constant string for each code of this header, "unknown fault" for any other number.
 */
const char *segment_heap_fault_name(int code);

#ifdef __cplusplus
}
#endif

#endif
