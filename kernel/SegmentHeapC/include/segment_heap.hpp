/* segment_heap.hpp: segment_heap.h for C++17, in the header alone.
 *
 * `roost::heap` is a heap over memory that the caller keeps. `roost::make_unique` puts an object on it
 * that gives itself back, `roost::memory_resource` puts the standard containers there.
 * Nothing throws but memory_resource, as the standard asks of it; without exceptions it stops.
 * As in C: calls on one heap must not overlap.
 */
#ifndef SEGMENT_HEAP_HPP
#define SEGMENT_HEAP_HPP

#include "segment_heap.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <utility>
#if __has_include(<memory_resource>)
#include <memory_resource>
#endif

namespace roost {

/* A fault code that converts to true when something was wrong. */
class fault {
 public:
  constexpr fault(int code = SEGMENT_HEAP_OK) noexcept : code_(code) {}
  constexpr int code() const noexcept { return code_; }
  constexpr explicit operator bool() const noexcept { return code_ != SEGMENT_HEAP_OK; }
  const char *name() const noexcept { return segment_heap_fault_name(code_); }

 private:
  int code_;
};

/* What a heap does besides allocating: nothing, or watch its users (segment_heap_create_debug). */
enum class watch { nothing, users };

/* A heap in `size` bytes of memory. False when the memory is too small; then every request is refused.
 * It owns nothing: when it goes, the memory is the caller's again, with all that is in it. */
class heap {
 public:
  heap(void *memory, std::size_t size, watch mode = watch::nothing) noexcept
      : heap_(mode == watch::users ? segment_heap_create_debug(memory, size)
                                   : segment_heap_create(memory, size)) {}
  /* A hardened heap (segment_heap_create_hardened). */
  static heap hardened(void *memory, std::size_t size, std::uint64_t secret) noexcept {
    return heap(segment_heap_create_hardened(memory, size, secret));
  }
  heap(const heap &) = delete;
  heap &operator=(const heap &) = delete;
  heap(heap &&other) noexcept : heap_(std::exchange(other.heap_, nullptr)) {}
  heap &operator=(heap &&other) noexcept {
    heap_ = std::exchange(other.heap_, nullptr);
    return *this;
  }

  explicit operator bool() const noexcept { return heap_ != nullptr; }
  segment_heap_t *get() const noexcept { return heap_; }

  fault add_region(void *memory, std::size_t size) noexcept {
    return segment_heap_add_region(heap_, memory, size);
  }

  /* Null for want of memory, or after damage: last_fault() tells. */
  [[nodiscard]] void *allocate(
      std::size_t size, std::size_t alignment = alignof(std::max_align_t)) noexcept {
    return segment_heap_allocate_aligned(heap_, alignment, size);
  }
  /* Null, and the payload as it was, for want of memory or when it is none. */
  [[nodiscard]] void *reallocate(
      void *payload, std::size_t size,
      std::size_t alignment = alignof(std::max_align_t)) noexcept {
    return segment_heap_reallocate_aligned(heap_, payload, alignment, size);
  }
  /* Why the payload was refused, with nothing changed; no fault for null. */
  fault deallocate(void *payload) noexcept { return segment_heap_free(heap_, payload); }

  std::size_t usable_size(const void *payload) const noexcept {
    return segment_heap_usable_size(heap_, payload);
  }
  fault check() const noexcept { return segment_heap_check(heap_); }
  fault last_fault() noexcept { return segment_heap_last_fault(heap_); }
  /* All zero when the heap is none, or its control block was overwritten. */
  segment_heap_statistics statistics() const noexcept {
    segment_heap_statistics numbers{};
    segment_heap_get_statistics(heap_, &numbers);
    return numbers;
  }

 private:
  explicit heap(segment_heap_t *heap) noexcept : heap_(heap) {}
  segment_heap_t *heap_;
};

/* What to do with a pointer that a heap refuses where nobody can be told: the default stops. */
using fault_handler = void (*)(fault, void *payload);
[[noreturn]] inline void stop_at_fault(fault, void *) noexcept { std::abort(); }

/* Destroys an object and gives its memory back to the heap that it came from. */
template <class T>
struct deleter {
  heap *owner = nullptr;
  fault_handler on_fault = stop_at_fault;

  void operator()(T *object) const noexcept {
    object->~T();
    if (const fault wrong = owner->deallocate(object)) on_fault(wrong, object);
  }
};

template <class T>
using unique_ptr = std::unique_ptr<T, deleter<T>>;

/* An object on a heap; null when there is no memory for it. */
template <class T, class... Arguments>
unique_ptr<T> make_unique(heap &owner, Arguments &&...arguments) {
  void *const memory = owner.allocate(sizeof(T), alignof(T));
  if (memory == nullptr) return unique_ptr<T>(nullptr, deleter<T>{&owner});
  // Gives the memory back should the constructor throw.
  struct guard {
    heap &owner;
    void *memory;
    ~guard() {
      if (memory != nullptr) owner.deallocate(memory);
    }
  } pending{owner, memory};
  T *const object = ::new (memory) T(std::forward<Arguments>(arguments)...);
  pending.memory = nullptr;
  return unique_ptr<T>(object, deleter<T>{&owner});
}

#ifdef __cpp_lib_memory_resource
/* A heap as the memory of standard containers: std::pmr::vector<int> numbers(&resource).
 * The heap must outlive it. For want of memory it throws std::bad_alloc. */
class memory_resource final : public std::pmr::memory_resource {
 public:
  explicit memory_resource(heap &owner, fault_handler on_fault = stop_at_fault) noexcept
      : owner_(owner), on_fault_(on_fault) {}

 private:
  void *do_allocate(std::size_t size, std::size_t alignment) override {
    if (void *const payload = owner_.allocate(size, alignment)) return payload;
#ifdef __cpp_exceptions
    throw std::bad_alloc();
#else
    std::abort();
#endif
  }
  void do_deallocate(void *payload, std::size_t, std::size_t) override {
    if (const fault wrong = owner_.deallocate(payload)) on_fault_(wrong, payload);
  }
  bool do_is_equal(const std::pmr::memory_resource &other) const noexcept override {
    if (this == &other) return true;
#ifdef __cpp_rtti
    const auto *const same = dynamic_cast<const memory_resource *>(&other);
    return same != nullptr && &same->owner_ == &owner_;
#else
    return false;
#endif
  }

  heap &owner_;
  fault_handler on_fault_;
};
#endif

}  // namespace roost

#endif
