// What was said before there was a screen to show it (screen.S).
#pragma once
#include <stdint.h>

#define EARLY_TEXT_ROOM 4096
extern uint8_t early_text[EARLY_TEXT_ROOM];
extern uint64_t early_text_count;

// Keeps a byte, while there is room.
static inline void keep_early_text(uint8_t byte) {
  if (early_text_count < EARLY_TEXT_ROOM) early_text[early_text_count++] = byte;
}
// The byte at `index`, below early_text_count.
static inline uint8_t early_text_byte(uint64_t index) {
  return early_text[index & (EARLY_TEXT_ROOM - 1)];
}
static inline uint64_t early_text_length(void) { return early_text_count; }
