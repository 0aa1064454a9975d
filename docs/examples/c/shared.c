/* Two ways to share the segment heap between threads; docs/share-a-heap.md explains.
 *
 *   make libsegmentheap
 *   cc -Ibuild/include docs/examples/c/shared.c build/libsegmentheap.a -pthread -o build/shared
 */
#include <pthread.h>
#include <segment_heap.h>
#include <stdatomic.h>
#include <stdio.h>

enum { threads = 4, rounds = 20000, kept = 64, room = 256 * 1024 };

/* 1. One heap behind one lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static segment_heap_t *shared;

static void *locked_allocate(size_t size) {
  pthread_mutex_lock(&lock);
  void *payload = segment_heap_allocate(shared, size);
  pthread_mutex_unlock(&lock);
  return payload;
}

static int locked_free(void *payload) {
  pthread_mutex_lock(&lock);
  int fault = segment_heap_free(shared, payload);
  pthread_mutex_unlock(&lock);
  return fault;
}

static void *use_lock(void *argument) {
  unsigned seed = (unsigned)(uintptr_t)argument;
  void *mine[kept] = {0};
  for (int i = 0; i < rounds; i++) {
    seed = seed * 1664525 + 1013904223;
    void **place = &mine[seed >> 16 & (kept - 1)];
    if (locked_free(*place) != SEGMENT_HEAP_OK) return "refused";
    *place = locked_allocate(1 + (seed >> 24));
  }
  for (int i = 0; i < kept; i++) locked_free(mine[i]);
  return NULL;
}

/* 2. A heap for each thread, and no lock. What another thread is done with goes back through a stack that
 * its owner empties: the freed payload itself holds the link. */
struct owner {
  segment_heap_t *heap;
  _Atomic(void *) returned;
};
static struct owner owners[threads];

static void give_back(struct owner *owner, void *payload) {
  void *top = atomic_load_explicit(&owner->returned, memory_order_relaxed);
  do *(void **)payload = top;
  while (!atomic_compare_exchange_weak_explicit(
      &owner->returned, &top, payload, memory_order_release, memory_order_relaxed));
}

static int take_returned(struct owner *owner) {
  void *payload = atomic_exchange_explicit(&owner->returned, NULL, memory_order_acquire);
  int freed = 0;
  while (payload != NULL) {
    void *next = *(void **)payload;
    if (segment_heap_free(owner->heap, payload) == SEGMENT_HEAP_OK) freed++;
    payload = next;
  }
  return freed;
}

/* Each thread allocates for its neighbour, who gives the memory back. */
static _Atomic(void *) post[threads];

static void *use_own_heap(void *argument) {
  const int me = (int)(uintptr_t)argument;
  struct owner *owner = &owners[me];
  for (int i = 0; i < rounds; i++) {
    void *payload = segment_heap_allocate(owner->heap, 16 + i % 200);
    if (payload == NULL) { take_returned(owner); continue; }
    void *late = atomic_exchange(&post[(me + 1) % threads], payload);
    if (late != NULL) give_back(owner, late);  /* the neighbour has not come by: it is still ours */
    void *arrived = atomic_exchange(&post[me], NULL);
    if (arrived != NULL) give_back(&owners[(me + threads - 1) % threads], arrived);
    if (i % 16 == 0) take_returned(owner);
  }
  return NULL;
}

static int run(void *(*work)(void *)) {
  pthread_t thread[threads];
  void *problem = NULL;
  for (uintptr_t i = 0; i < threads; i++) pthread_create(&thread[i], NULL, work, (void *)i);
  for (int i = 0; i < threads; i++) {
    void *result;
    pthread_join(thread[i], &result);
    if (result != NULL) problem = result;
  }
  return problem == NULL;
}

static size_t live(segment_heap_t *heap) {
  struct segment_heap_statistics numbers;
  if (segment_heap_get_statistics(heap, &numbers) != SEGMENT_HEAP_OK) return 1;
  return segment_heap_check(heap) == SEGMENT_HEAP_OK ? numbers.live_count : 1;
}

int main(void) {
  static _Alignas(16) unsigned char memory[threads + 1][room];
  shared = segment_heap_create(memory[threads], room);
  int well = run(use_lock) && live(shared) == 0;
  printf("one heap, one lock: %s\n", well ? "nothing lost" : "lost");

  for (int i = 0; i < threads; i++) owners[i].heap = segment_heap_create(memory[i], room);
  int own = run(use_own_heap);
  for (int i = 0; i < threads; i++) {
    void *left = atomic_exchange(&post[i], NULL);
    if (left != NULL) give_back(&owners[(i + threads - 1) % threads], left);
  }
  for (int i = 0; i < threads; i++) {
    take_returned(&owners[i]);
    own = own && live(owners[i].heap) == 0;
  }
  printf("a heap for each thread: %s\n", own ? "nothing lost" : "lost");
  return !(well && own);
}
