// What would make the same script end differently from one run to the next, kept away while the runner is there.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include "oracle.h"

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef PR_THP_DISABLE_EXCEPT_ADVISED
#define PR_THP_DISABLE_EXCEPT_ADVISED (1 << 1)
#endif

#define PAGE_CLUSTER "/proc/sys/vm/page-cluster"

// An empty mapping of the runner's own.
static void *s_nothing;

// Pages wait in batches of each CPU on their way to and between the LRU lists, and a batch holds a reference, which decides
// whether a page is reused or copied, and whether it can be reclaimed. Those of one CPU can be drained; so there must be no other.
static void stay_on_one_cpu(int cpu)
{
	cpu_set_t allowed, one;

	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		refuse("sched_getaffinity: %s", strerror(errno));
	for (int i = 0; cpu < 0 && i < CPU_SETSIZE; i++)
		if (CPU_ISSET(CPU_SETSIZE - 1 - i, &allowed))
			cpu = CPU_SETSIZE - 1 - i;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	if (sched_setaffinity(0, sizeof(one), &one))
		refuse("CPU %d: %s", cpu, strerror(errno));
}

// Huge pages come by advice only, whatever the system says. Kernels before 6.18 can only be told never.
static void have_small_pages(void)
{
	if (prctl(PR_SET_THP_DISABLE, 1, PR_THP_DISABLE_EXCEPT_ADVISED, 0, 0) && prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		refuse("PR_SET_THP_DISABLE: %s", strerror(errno));
}

// Readahead would swap in pages that the script does not touch. The setting is the whole system's, so a process of its own
// waits for the end of the runner, whatever ends it, to put it back. The lock lets one runner in at a time; it is the
// keeper's too, so that the next runner does not find the setting of the one before.
static void keep_readahead_off(void)
{
	int setting = open(PAGE_CLUSTER, O_RDWR | O_CLOEXEC), life[2];
	char before[16], byte;
	ssize_t length;

	if (setting < 0)
		refuse("%s: %s", PAGE_CLUSTER, strerror(errno));
	if (flock(setting, LOCK_EX) || pipe2(life, O_CLOEXEC))
		refuse("%s: %s", PAGE_CLUSTER, strerror(errno));
	length = pread(setting, before, sizeof(before), 0);
	if (length <= 0)
		refuse("%s: %s", PAGE_CLUSTER, strerror(errno));

	switch (fork()) {
	case -1:
		refuse("fork: %s", strerror(errno));
	case 0:
		setsid();
		signal(SIGPIPE, SIG_IGN);
		close(life[1]);
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		close(STDERR_FILENO);
		while (read(life[0], &byte, 1) > 0)
			;
		_exit(pwrite(setting, before, length, 0) != length);
	}
	// The processes of the scripts inherit the other end, and die with the runner.
	close(life[0]);
	if (pwrite(setting, "0", 1, 0) != 1)
		refuse("%s: %s", PAGE_CLUSTER, strerror(errno));
	close(setting);
}

// Advice for no pages at all, which drains the batches of this CPU all the same. Without it they would be drained whenever
// something else on this CPU, of the scripts or not, unmaps or advises, and what a script finds would depend on that.
void drain_batches(void)
{
	if (madvise(s_nothing, WINDOW_PAGE_SIZE, MADV_COLD))
		refuse("MADV_COLD: %s", strerror(errno));
}

void settle(int cpu)
{
	s_nothing = mmap(NULL, WINDOW_PAGE_SIZE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (s_nothing == MAP_FAILED)
		refuse("mmap: %s", strerror(errno));
	stay_on_one_cpu(cpu);
	have_small_pages();
	keep_readahead_off();
}

// Writing to a disk ends at a time of its own, and until then a page is neither here nor there.
void require_swap_in_memory(int line)
{
	char text[256], path[128], type[32];
	int size, used, priority, best = 0;
	bool any = false, in_memory = false;
	FILE *swaps = fopen("/proc/swaps", "re");

	while (swaps && fgets(text, sizeof(text), swaps)) {
		if (sscanf(text, "%127s %31s %d %d %d", path, type, &size, &used, &priority) != 5)
			continue;
		if (!any || priority >= best)
			in_memory = strstr(path, "zram") || strstr(path, "/ram");
		if (!any || priority > best)
			best = priority;
		any = true;
	}
	if (swaps)
		fclose(swaps);
	if (!any)
		refuse("line %d: no swap to page out to: setup makes some where there is zram", line);
	if (!in_memory)
		refuse("line %d: pages would be swapped to a disk, whose timing shows: give zram swap the highest priority", line);
}
