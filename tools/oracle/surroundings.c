// What would make the same script end differently from one run to the next, kept away while the runner is there.
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "oracle.h"

#ifndef MADV_COLD
#define MADV_COLD 20
#endif
#ifndef PR_THP_DISABLE_EXCEPT_ADVISED
#define PR_THP_DISABLE_EXCEPT_ADVISED (1 << 1)
#endif

// Milliseconds: for how long khugepaged sleeps if it has gone to sleep, and how long is waited for that.
#define KHUGEPAGED_QUIET 20
#define KHUGEPAGED_PATIENCE 5000

#define PAGE_CLUSTER "/proc/sys/vm/page-cluster"
#define THP "/sys/kernel/mm/transparent_hugepage/"
#define KSM "/sys/kernel/mm/ksm/"
// Rounds after which nothing more is merged, and milliseconds to wait for them.
#define KSM_ROUNDS 4
#define KSM_PATIENCE 25000
#define HUGE_SIZE (WINDOW_PAGE_SIZE << LARGEST_ORDER)

// Settings of the whole system while the runner is there. Those that a kernel does not have are left out.
static struct setting {
	const char *path, *value;
	char before[64];
} s_settings[] = {
	// Readahead would swap in pages that the script does not touch.
	{ .path = PAGE_CLUSTER, .value = "0" },
	// Folios are large where that was advised, and of the sizes that the script names.
	{ .path = THP "enabled", .value = "madvise" },
	{ .path = THP "defrag", .value = "madvise" },
	{ .path = THP "use_zero_page", .value = "1" },
	{ .path = THP "hugepages-16kB/enabled", .value = "never" },
	{ .path = THP "hugepages-32kB/enabled", .value = "never" },
	{ .path = THP "hugepages-64kB/enabled", .value = "never" },
	{ .path = THP "hugepages-128kB/enabled", .value = "never" },
	{ .path = THP "hugepages-256kB/enabled", .value = "never" },
	{ .path = THP "hugepages-512kB/enabled", .value = "never" },
	{ .path = THP "hugepages-1024kB/enabled", .value = "never" },
	{ .path = THP "hugepages-2048kB/enabled", .value = "madvise" },
	// Khugepaged ends when nothing is left that could have huge pages, and begins with a scan when something is there again; so something is.
	{ .path = THP "hugepages-2048kB/shmem_enabled", .value = "advise" },
	// Folios are not split for pages that have nothing but zeros in them.
	{ .path = THP "khugepaged/max_ptes_none", .value = "511" },
	// KSM works when it is told to, and then on all pages at once, each time.
	{ .path = KSM "run", .value = "0" },
	{ .path = KSM "smart_scan", .value = "0" },
	{ .path = KSM "use_zero_pages", .value = "0" },
	{ .path = KSM "pages_to_scan", .value = "10000000" },
	{ .path = KSM "sleep_millisecs", .value = "1" },
	// To be put back only. Writing the last of these wakes khugepaged up.
	{ .path = THP "khugepaged/pages_to_scan" },
	{ .path = THP "khugepaged/scan_sleep_millisecs" },
};
#define SETTINGS (sizeof(s_settings) / sizeof(*s_settings))
// The setting for the smallest order, and that order.
#define FIRST_SIZE 4
#define SMALLEST_ORDER 2

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

static bool write_setting(const char *path, const char *value)
{
	int file = open(path, O_WRONLY | O_CLOEXEC);
	bool done = file >= 0 && write(file, value, strlen(value)) == (ssize_t)strlen(value);

	if (file >= 0)
		close(file);
	return done;
}

// How often khugepaged has gone to sleep; -1 if it is not asleep, or not there.
static long sleeps_of_khugepaged(int process)
{
	char path[64], line[128];
	bool asleep = false;
	long count = -1;
	FILE *status;

	snprintf(path, sizeof(path), "/proc/%d/status", process);
	status = fopen(path, "re");
	while (status && fgets(line, sizeof(line), status)) {
		asleep |= !strncmp(line, "State:\tS", 8);
		sscanf(line, "voluntary_ctxt_switches: %ld", &count);
	}
	if (status)
		fclose(status);
	return asleep ? count : -1;
}

static int find_khugepaged(void)
{
	DIR *all = opendir("/proc");
	struct dirent *entry;
	int found = 0;

	while (all && !found && (entry = readdir(all))) {
		char path[300], name[32] = "";
		FILE *file;

		snprintf(path, sizeof(path), "/proc/%s/comm", entry->d_name);
		if (!atoi(entry->d_name) || !(file = fopen(path, "re")))
			continue;
		if (fgets(name, sizeof(name), file) && !strcmp(name, "khugepaged\n"))
			found = atoi(entry->d_name);
		fclose(file);
	}
	if (all)
		closedir(all);
	return found;
}

// Whatever khugepaged is about to do, it does one step of and then sleeps for weeks: for as long as there are processes to look
// after, so it must have one. Without any it would begin to scan with the first process of a script.
static void put_khugepaged_to_sleep(void)
{
	char *area = mmap(NULL, HUGE_SIZE * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct timespec moment = { .tv_nsec = 1000000 };
	int process = find_khugepaged(), quiet = 0;
	long before, last = -1;

	if (area == MAP_FAILED)
		refuse("mmap: %s", strerror(errno));
	if (!process || madvise(area, HUGE_SIZE * 2, MADV_HUGEPAGE))
		return;
	before = sleeps_of_khugepaged(process);
	if (!write_setting(THP "khugepaged/pages_to_scan", "1") || !write_setting(THP "khugepaged/scan_sleep_millisecs", "2000000000"))
		refuse("khugepaged cannot be told to sleep: %s", strerror(errno));

	// It may be at work still on what it was told before, and sleep now and then meanwhile.
	for (int i = 0; i < KHUGEPAGED_PATIENCE && quiet < KHUGEPAGED_QUIET; i++) {
		long now = sleeps_of_khugepaged(process);

		quiet = now >= 0 && now != before && now == last ? quiet + 1 : 0;
		last = now;
		nanosleep(&moment, NULL);
	}
}

// Empty if the kernel does not have it. Where there is a list of all values, the one in force is in brackets.
static void read_setting(struct setting *setting)
{
	char text[256], *start = text, *end;
	int file = open(setting->path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? 0 : read(file, text, sizeof(text) - 1);

	if (file >= 0)
		close(file);
	text[length < 0 ? 0 : length] = 0;
	if (strchr(text, '['))
		start = strchr(text, '[') + 1;
	end = start + strcspn(start, "]\n");
	snprintf(setting->before, sizeof(setting->before), "%.*s", (int)(end - start), start);
}

// The settings are the whole system's, so a process of its own waits for the end of the runner, whatever ends it, to put them
// back. The lock lets one runner in at a time; it is the keeper's too, so that the next runner does not find the settings of the
// one before.
static void keep_settings(void)
{
	int lock = open(PAGE_CLUSTER, O_RDWR | O_CLOEXEC), life[2];
	char byte;

	if (lock < 0 || flock(lock, LOCK_EX) || pipe2(life, O_CLOEXEC))
		refuse("%s: %s", PAGE_CLUSTER, strerror(errno));
	for (size_t i = 0; i < SETTINGS; i++)
		read_setting(&s_settings[i]);

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
		for (size_t i = 0; i < SETTINGS; i++)
			if (s_settings[i].before[0])
				write_setting(s_settings[i].path, s_settings[i].before);
		_exit(0);
	}
	// The processes of the scripts inherit the other end, and die with the runner.
	close(life[0]);
	for (size_t i = 0; i < SETTINGS; i++)
		if (s_settings[i].before[0] && s_settings[i].value && !write_setting(s_settings[i].path, s_settings[i].value))
			refuse("%s: %s", s_settings[i].path, strerror(errno));
	close(lock);
}

void have_orders(int orders, int line)
{
	static int s_orders = 1 << LARGEST_ORDER;

	for (int order = SMALLEST_ORDER; order <= LARGEST_ORDER; order++) {
		struct setting *setting = &s_settings[FIRST_SIZE + order - SMALLEST_ORDER];

		if (!((s_orders ^ orders) >> order & 1))
			continue;
		if (!write_setting(setting->path, orders >> order & 1 ? "madvise" : "never"))
			refuse("line %d: %s: %s", line, setting->path, strerror(errno));
	}
	s_orders = orders;
}

// All shrinkers, that of the folios which wait to be split among them.
void shrink(int line)
{
	if (!write_setting("/proc/sys/vm/drop_caches", "2"))
		refuse("line %d: drop_caches: %s", line, strerror(errno));
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
	keep_settings();
	put_khugepaged_to_sleep();
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

static long full_scans(int line)
{
	FILE *file = fopen(KSM "full_scans", "re");
	long count = -1;

	if (!file || fscanf(file, "%ld", &count) != 1)
		refuse("line %d: %sfull_scans cannot be read: has this kernel KSM?", line, KSM);
	fclose(file);
	return count;
}

// A process with a page for KSM, which makes no rounds where nobody has any. Not the runner: what has ever had one hands that on by fork, and
// then KSM comes by the processes of later scripts in the order of their births, and not of their advice.
static pid_t start_sharer(int line)
{
	const size_t size = 4096;
	int ready[2];
	char byte;
	pid_t sharer;

	if (pipe2(ready, O_CLOEXEC))
		refuse("line %d: pipe: %s", line, strerror(errno));
	fflush(NULL);
	sharer = fork();
	if (sharer < 0)
		refuse("line %d: fork: %s", line, strerror(errno));
	if (sharer == 0) {
		void *own;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		own = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (own == MAP_FAILED || madvise(own, size, MADV_MERGEABLE) || write(ready[1], "", 1) != 1)
			_exit(1);
		while (true)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		refuse("line %d: KSM cannot be given a page", line);
	close(ready[0]);
	return sharer;
}

// So many rounds of KSM at least. It is stopped between two: who stops it waits for the end of the one under way.
void share_equal_pages(int line)
{
	struct timespec moment = { .tv_nsec = 1000000 };
	long before = full_scans(line);
	int patience = KSM_PATIENCE;
	pid_t sharer = start_sharer(line);

	if (!write_setting(KSM "run", "1"))
		refuse("line %d: %srun: %s", line, KSM, strerror(errno));
	while (full_scans(line) < before + KSM_ROUNDS && patience-- > 0)
		nanosleep(&moment, NULL);
	write_setting(KSM "run", "0");
	kill(sharer, SIGKILL);
	waitpid(sharer, NULL, 0);
	if (patience < 0)
		refuse("line %d: KSM has not made %d rounds in %d s", line, KSM_ROUNDS, KSM_PATIENCE / 1000);
}
