/* The segment heap as the malloc of a whole program, by interposition:
 *
 *   make libsegmentheap
 *   cc -O2 -shared -fPIC -Ibuild/include docs/examples/preload/malloc.c build/libsegmentheap.a \
 *      -Wl,--exclude-libs,ALL -pthread -o build/libsegmentheap-malloc.so
 *   LD_PRELOAD=build/libsegmentheap-malloc.so python3 -c 'print("on the segment heap")'
 *
 * One heap, one lock, regions of a GiB or more that the system fills as they are touched. A pointer that the
 * heap refuses ends the program with a line that says why: glibc's own malloc does the same for what it notices.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <segment_heap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static segment_heap_t *heap;

static const size_t region_bytes = (size_t)1 << 30;
static const size_t most_region_bytes = (size_t)4 << 30;

/* fork() copies the heap as it is, so no other thread may be in the middle of a call. */
static void before_fork(void) { pthread_mutex_lock(&lock); }
static void after_fork(void) { pthread_mutex_unlock(&lock); }
__attribute__((constructor)) static void start(void) {
  pthread_atfork(before_fork, after_fork, after_fork);
}

static void say(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

__attribute__((noreturn)) static void stop(const char *call, int fault) {
  pthread_mutex_unlock(&lock);
  say("segment heap: ");
  say(call);
  say(": ");
  say(segment_heap_fault_name(fault));
  say("\n");
  abort();
}

/* Room for a request of `size`, and then some. The lock is held. */
static int grow(size_t size) {
  if (size > most_region_bytes / 2) return 0;
  const size_t bytes = size > region_bytes / 2 ? most_region_bytes : region_bytes;
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) return 0;
  if (heap == NULL) heap = segment_heap_create(memory, bytes);
  else if (segment_heap_add_region(heap, memory, bytes) != SEGMENT_HEAP_OK) return 0;
  return heap != NULL;
}

/* The lock is held. */
static void *reallocate(const char *call, void *payload, size_t alignment, size_t size) {
  for (int grown = 0;; grown = 1) {
    if (heap != NULL) {
      void *result = segment_heap_reallocate_aligned(heap, payload, alignment, size);
      if (result != NULL) return result;
      const int fault = segment_heap_last_fault(heap);
      if (fault != SEGMENT_HEAP_OK) stop(call, fault);
    }
    if (grown || !grow(size + alignment)) return NULL;
  }
}

static void *allocate(const char *call, size_t alignment, size_t size) {
  pthread_mutex_lock(&lock);
  void *result = reallocate(call, NULL, alignment, size);
  pthread_mutex_unlock(&lock);
  if (result == NULL) errno = ENOMEM;
  return result;
}

void *malloc(size_t size) { return allocate("malloc", 16, size); }

void free(void *payload) {
  if (payload == NULL) return;
  pthread_mutex_lock(&lock);
  const int fault = segment_heap_free(heap, payload);
  if (fault != SEGMENT_HEAP_OK) stop("free", fault);
  pthread_mutex_unlock(&lock);
}

void *calloc(size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  void *result = allocate("calloc", 16, bytes);
  return result == NULL ? NULL : memset(result, 0, bytes);
}

void *realloc(void *payload, size_t size) {
  if (payload != NULL && size == 0) {  /* as glibc does; the heap would keep a byte */
    free(payload);
    return NULL;
  }
  pthread_mutex_lock(&lock);
  void *result = reallocate("realloc", payload, 16, size);
  pthread_mutex_unlock(&lock);
  if (result == NULL) errno = ENOMEM;
  return result;
}

void *reallocarray(void *payload, size_t count, size_t size) {
  size_t bytes;
  if (__builtin_mul_overflow(count, size, &bytes)) {
    errno = ENOMEM;
    return NULL;
  }
  return realloc(payload, bytes);
}

int posix_memalign(void **payload, size_t alignment, size_t size) {
  if (alignment < sizeof(void *) || (alignment & (alignment - 1)) != 0) return EINVAL;
  const int before = errno;
  void *result = allocate("posix_memalign", alignment, size);
  errno = before;
  if (result == NULL) return ENOMEM;
  *payload = result;
  return 0;
}

void *memalign(size_t alignment, size_t size) {
  if (alignment == 0 || (alignment & (alignment - 1)) != 0) {
    errno = EINVAL;
    return NULL;
  }
  return allocate("memalign", alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
void *valloc(size_t size) { return memalign((size_t)sysconf(_SC_PAGESIZE), size); }
void *pvalloc(size_t size) {
  const size_t page = (size_t)sysconf(_SC_PAGESIZE);
  return memalign(page, (size + page - 1) & ~(page - 1));
}

size_t malloc_usable_size(void *payload) {
  if (payload == NULL) return 0;
  pthread_mutex_lock(&lock);
  const size_t result = segment_heap_usable_size(heap, payload);
  pthread_mutex_unlock(&lock);
  return result;
}
