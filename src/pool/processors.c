#include "processors.h"

#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first two words of a file as numbers; "max" is no number. */
static int
read_numbers(const char *path, long long *first, long long *second)
{
	FILE *f = fopen(path, "re");
	int got;

	if (f == NULL)
		return 0;
	got = fscanf(f, "%lld %lld", first, second);
	fclose(f);
	return got;
}

/* The quota of the cgroup that is mounted as seen from inside, in processors; 0: none. */
static long long
quota(void)
{
	long long limit = 0, period = 0;

	if (read_numbers("/sys/fs/cgroup/cpu.max", &limit, &period) != 2 &&
	    (read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", &limit, &period) < 1 ||
	    read_numbers("/sys/fs/cgroup/cpu/cpu.cfs_period_us", &period, &period) < 1))
		return 0;
	return limit > 0 && period > 0 ? (limit + period - 1) / period : 0;
}

unsigned int
processors_available(void)
{
	cpu_set_t set;
	unsigned int count = 1;
	long long most = quota();

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		count = (unsigned int)CPU_COUNT(&set);
	return most > 0 && (unsigned long long)most < count ? (unsigned int)most : count;
}
