// Does the work of the model's workloads with real processes, and says where they waited for locks of the kernel. One JSON document.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "contention.h"

// Whoever speaks to the runner asks for this with --check: it changes with what it takes and prints.
#define VERSION "rcumodel-contention 1"

#define WAIT_NANOSECONDS 50000000L
#define MILLISECOND 1000000L
#define PATIENCE_SECONDS 20

static const char s_usage[] =
	"usage: rcumodel-contention WORKLOAD THREADS WIDTH DEPTH VMAS PAGES REMAPS EXCLUSIVE SECONDS\n"
	"       rcumodel-contention --check   prints its version if it can run here, or why it cannot\n";

struct options options;
struct shared *shared;
static pid_t s_main;

uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000UL + time.tv_nsec;
}

// Ends the program. All processes die with their parents.
void refuse(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fputs("contention: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(2);
}

// Ends a process of the tree, and with it all others.
void fail(const char *format, ...)
{
	va_list arguments;

	if (!__atomic_exchange_n(&shared->failed, 1, __ATOMIC_ACQ_REL)) {
		va_start(arguments, format);
		vsnprintf(shared->why, sizeof(shared->why), format, arguments);
		va_end(arguments);
		announce(&shared->failed, 2);
	}
	_exit(1);
}

// Waits as long as a word has a value. A process of the tree ends if another one has failed or its family is gone.
void wait_while(int *word, int value)
{
	struct timespec patience = { .tv_nsec = WAIT_NANOSECONDS };

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value) {
		syscall(SYS_futex, word, FUTEX_WAIT, value, &patience, NULL, 0);
		if (getpid() != s_main && (__atomic_load_n(&shared->failed, __ATOMIC_ACQUIRE) || getppid() == 1))
			_exit(1);
	}
}

static void wake(int *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, 1 << 30, NULL, NULL, 0);
}

void announce(int *word, int value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
	wake(word);
}

void count_up(int *word)
{
	__atomic_fetch_add(word, 1, __ATOMIC_RELEASE);
	wake(word);
}

static void pause_for(long nanoseconds)
{
	struct timespec time = { .tv_nsec = nanoseconds };

	nanosleep(&time, NULL);
}

static void await_all(int *word, int value, const char *what)
{
	uint64_t end = now() + PATIENCE_SECONDS * 1000000000UL;

	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) < value) {
		if (__atomic_load_n(&shared->failed, __ATOMIC_ACQUIRE) == 2)
			refuse("%s", shared->why);
		if (now() > end)
			refuse("%s within %d seconds", what, PATIENCE_SECONDS);
		pause_for(MILLISECOND);
	}
}

static void print_operations(double seconds)
{
	static const char *const names[OPERATIONS] = { "fork", "exit", "write", "mprotect", "madvise", "mremap", "reclaim" };
	bool any = false;

	printf("\"operations\":[");
	for (int kind = 0; kind < OPERATIONS; kind++) {
		static struct histogram sum;

		memset(&sum, 0, sizeof(sum));
		for (int i = 0; i < options.threads; i++)
			add_histogram(&sum, &shared->workers[i].times[kind]);
		if (!sum.count)
			continue;
		printf("%s{\"kind\":\"%s\",\"count\":%lu,\"perSecond\":%.1f,"
		       "\"time\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}}",
		       any ? "," : "", names[kind], sum.count, sum.count / seconds,
		       quantile(sum.classes, 32, sum.count, sum.longest, 0.5), quantile(sum.classes, 32, sum.count, sum.longest, 0.9),
		       quantile(sum.classes, 32, sum.count, sum.longest, 0.99), quantile(sum.classes, 32, sum.count, sum.longest, 0.999),
		       sum.longest / 1e3);
		any = true;
	}
	printf("],");
}

static int number(const char *word, int least, int most)
{
	char *end;
	long value = strtol(word, &end, 10);

	if (*end || end == word || value < least || value > most)
		refuse("%s is no whole number from %d to %d", word, least, most);
	return value;
}

static void measure(void)
{
	uint64_t begin, entries, exclusive;
	struct utsname system;
	double seconds;
	pid_t first;
	int processes = 0, level = 1;

	for (int depth = 0; depth <= options.depth && processes <= MAX_PROCESSES; depth++, level *= options.width)
		processes += level;
	if (processes > MAX_PROCESSES)
		refuse("more than %d processes", MAX_PROCESSES);
	check_workload();
	open_waits();
	first = plant_tree();
	await_all(&shared->settled, processes, "the tree of processes was not made");
	if (shared->leaves < options.threads)
		refuse("there are fewer leaves than threads");
	begin_waits(first);
	begin = now();
	announce(&shared->go, 1);
	while (now() - begin < options.seconds * 1e9 && !__atomic_load_n(&shared->failed, __ATOMIC_ACQUIRE))
		pause_for(MILLISECOND);
	__atomic_store_n(&shared->stop, 1, __ATOMIC_RELEASE);
	await_all(&shared->finished, options.threads, "not all workers finished");
	seconds = (now() - begin) / 1e9;
	end_waits();
	count_sharing(&entries, &exclusive);
	announce(&shared->end, 1);
	waitpid(first, NULL, 0);

	uname(&system);
	printf("{\"kernel\":\"%s\",\"workload\":\"%s\",\"seconds\":%.3f,\"processes\":%d,\"entries\":%lu,\"exclusive\":%lu,",
	       system.release, options.workload, seconds, processes, entries, exclusive);
	print_operations(seconds);
	print_waits();
	printf("}\n");
}

int main(int count, char **words)
{
	s_main = getpid();
	if (count == 2 && !strcmp(words[1], "--check")) {
		open_waits();
		puts(VERSION);
		return 0;
	}
	if (count != 10) {
		fputs(s_usage, stderr);
		return 2;
	}
	options.workload = words[1];
	options.threads = number(words[2], 1, MAX_WORKERS);
	options.width = number(words[3], 1, MAX_CHAIN);
	options.depth = number(words[4], 1, 12);
	options.vmas = number(words[5], 1, 10000);
	options.pages = number(words[6], 2 * options.vmas, 1000000);
	options.remaps = number(words[7], 0, 100);
	options.exclusive = number(words[8], 0, 100);
	options.seconds = strtod(words[9], NULL);
	if (!(options.seconds > 0 && options.seconds <= 3600))
		refuse("%s is no number of seconds above 0", words[9]);
	// As the model: what does not fill the VMAs is left out.
	options.pages -= options.pages % options.vmas;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		refuse("no memory: %s", strerror(errno));
	measure();
	return 0;
}
