/* The segment heap from C++: an object that gives itself back, and standard containers.
 *
 *   c++ -std=c++17 $(pkg-config --cflags segmentheap) docs/examples/cpp/example.cpp \
 *       $(pkg-config --libs segmentheap) -o example
 */
#include <segment_heap.hpp>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

alignas(16) static unsigned char memory[64 * 1024];

struct sensor {
  explicit sensor(int pin) : pin(pin) {}
  ~sensor() { std::printf("sensor %d is gone\n", pin); }
  alignas(64) int pin;
};

int main() {
  roost::heap heap(memory, sizeof memory);
  if (!heap) return 1;

  {
    auto sensor = roost::make_unique<::sensor>(heap, 17);
    if (sensor == nullptr) return 1;
    std::printf("sensor %d lies at a multiple of 64: %s\n", sensor->pin,
                reinterpret_cast<std::uintptr_t>(sensor.get()) % 64 == 0 ? "yes" : "no");

    roost::memory_resource resource(heap);
    std::pmr::map<int, std::pmr::string> names(&resource);
    for (int pin = 0; pin < 40; ++pin)
      names[pin] = "a name that is too long to be kept inside the string";
    std::pmr::vector<int> numbers({3, 1, 2}, &resource);
    std::printf("live: %zu\n", heap.statistics().live_count);

    try {
      numbers.resize(1 << 20);
    } catch (const std::bad_alloc &) {
      std::printf("four megabytes from 64 KiB: bad_alloc\n");
    }
  }

  int *const number = static_cast<int *>(heap.allocate(sizeof(int)));
  std::printf("free: %s\n", heap.deallocate(number).name());
  std::printf("free it again: %s\n", heap.deallocate(number).name());
  std::printf("live: %zu, check: %s\n", heap.statistics().live_count, heap.check().name());
  return heap.statistics().live_count != 0;
}
