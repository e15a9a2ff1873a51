#include "kernel.h"

/* Each x86-64 has SSE2. */
#if defined(__x86_64__)
#define TARGET

#include "kernel_16.h"
#include "kernel_table.h"
#include "kernel_shape.h"
#include "kernel_loops.h"

const struct kernel *
kernel_sse2(void)
{
	return &loops;
}
#else
const struct kernel *
kernel_sse2(void)
{
	return NULL;
}
#endif
