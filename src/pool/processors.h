/* How many processors this process may use. */
#ifndef POOL_PROCESSORS_H
#define POOL_PROCESSORS_H

/* At least 1: the affinity mask of sched_getaffinity(2), cut to the cgroup's cpu quota (cgroups(7)). */
unsigned int processors_available(void);

#endif
