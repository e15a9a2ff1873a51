#include "filter.h"

#include <linux/seccomp.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* in_jail and elsewhere, as filter_make prints them. */
#include "filter_code.h"

enum {
	JAIL_LENGTH = sizeof(in_jail) / sizeof(*in_jail),
	ELSEWHERE_LENGTH = sizeof(elsewhere) / sizeof(*elsewhere),
	LENGTH_MAX = (int)JAIL_LENGTH > (int)ELSEWHERE_LENGTH ? JAIL_LENGTH : ELSEWHERE_LENGTH,
};

int
filter_enter(bool jail)
{
	struct sock_filter code[LENGTH_MAX];
	const struct sock_fprog program = { .len = jail ? JAIL_LENGTH : ELSEWHERE_LENGTH,
		.filter = code };
	const uint32_t pid = (uint32_t)getpid();

	memcpy(code, jail ? in_jail : elsewhere, program.len * sizeof(*code));
	for (size_t i = 0; i < program.len; i++)
		if (BPF_CLASS(code[i].code) == BPF_JMP && code[i].k == FILTER_PID)
			code[i].k = pid;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}
