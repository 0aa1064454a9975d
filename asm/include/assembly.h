// What asm/ defines, as Swift sees it.
#pragma once
#include <stddef.h>
#include <stdint.h>
