/* What a program needs of the board that it runs on. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/* Memory for heaps. */
extern unsigned char board_memory[];
extern const size_t board_memory_size;

void board_print(const char *text);
void board_print_number(unsigned number);

#endif
