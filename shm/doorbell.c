#include "doorbell.h"

enum { WAITING = 1, RING = 2 };

uint32_t
doorbell_arm(struct doorbell *bell)
{
	uint32_t armed = atomic_fetch_or(&bell->word, WAITING) | WAITING;

	/* What the waiter stored before must be seen by whoever it fails to see. */
	atomic_thread_fence(memory_order_seq_cst);
	return armed;
}

int
doorbell_wait(struct doorbell *bell, uint32_t armed, _Atomic uint32_t *alarm,
    uint32_t alarm_value, const struct timespec *deadline, const struct futex_ops *ops)
{
	const struct futex_watch watch[] = {
		{ &bell->word, armed },
		{ alarm, alarm_value },
	};
	return ops->wait_any(ops->ctx, watch, 2, deadline);
}

void
doorbell_disarm(struct doorbell *bell)
{
	atomic_fetch_and(&bell->word, ~(uint32_t)WAITING);
}

void
doorbell_ring(struct doorbell *bell, const struct futex_ops *ops)
{
	if (atomic_fetch_add(&bell->word, RING) & WAITING)
		ops->wake(ops->ctx, &bell->word);
}
