/*
 * What liburcu costs, one flavour a build: -DFLAVOUR_MEMB, -DFLAVOUR_MB or -DFLAVOUR_QSBR.
 * Prints lines of "name minimum median", nanoseconds for reads and microseconds for grace periods.
 */
#define _GNU_SOURCE
#define _LGPL_SOURCE
#if defined(FLAVOUR_MEMB)
#define RCU_MEMBARRIER
#include <urcu.h>
#elif defined(FLAVOUR_MB)
#define RCU_MB
#include <urcu.h>
#else
#include <urcu-qsbr.h>
#endif
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define READS 1024
#define TURNS 4000
#define CALLERS 8
#define LONG_CALLS 100

static int *shared;
static volatile int stop;
static volatile int ready;

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(const char *name, double *values, int n)
{
	qsort(values, n, sizeof(*values), by_size);
	printf("%s %.3f %.3f\n", name, values[0], values[n / 2]);
}

static void quiescent(void)
{
#if defined(FLAVOUR_QSBR)
	rcu_quiescent_state();
#endif
}

/* A round of reads in a function of its own, so that it is compiled alike wherever it is called. */
static __attribute__((noinline)) int reads(void)
{
	int sum = 0;

	for (int i = 0; i < READS; i++) {
		rcu_read_lock();
		sum += rcu_dereference(shared) != NULL;
		rcu_read_unlock();
	}
	quiescent();
	return sum;
}

static __attribute__((noinline)) int nested_reads(void)
{
	int sum = 0;

	for (int i = 0; i < READS; i++) {
		rcu_read_lock();
		rcu_read_lock();
		sum += rcu_dereference(shared) != NULL;
		rcu_read_unlock();
		rcu_read_unlock();
	}
	quiescent();
	return sum;
}

static void measure_reads(const char *name, int (*round)(void))
{
	static double each[TURNS];
	int sink = 0;

	rcu_register_thread();
	for (int t = 0; t < TURNS; t++) {
		double begin = now_ns();

		for (int k = 0; k < 16; k++)
			sink += round();
		each[t] = (now_ns() - begin) / (16.0 * READS);
	}
	rcu_unregister_thread();
	if (sink == 1)
		puts("never");
	print(name, each, TURNS);
}

static void *idle_reader(void *unused)
{
	(void)unused;
	rcu_register_thread();
#if defined(FLAVOUR_QSBR)
	rcu_thread_offline();
#endif
	ready = 1;
	while (!stop)
		usleep(1000);
#if defined(FLAVOUR_QSBR)
	rcu_thread_online();
#endif
	rcu_unregister_thread();
	return NULL;
}

static void *busy_reader(void *unused)
{
	int sink = 0;

	(void)unused;
	rcu_register_thread();
	ready = 1;
	while (!stop)
		sink += reads();
	rcu_unregister_thread();
	return (void *)(intptr_t)sink;
}

static void measure_sync(const char *name, void *(*reader)(void *), int calls)
{
	double *each = malloc(calls * sizeof(*each));
	pthread_t thread;

	stop = ready = 0;
	if (reader) {
		pthread_create(&thread, NULL, reader, NULL);
		while (!ready)
			usleep(100);
	}
	for (int i = 0; i < calls; i++) {
		double begin = now_ns();

		synchronize_rcu();
		each[i] = (now_ns() - begin) / 1000;
	}
	stop = 1;
	if (reader)
		pthread_join(thread, NULL);
	print(name, each, calls);
	free(each);
}

static void *long_reader(void *unused)
{
	(void)unused;
	rcu_register_thread();
	while (!stop) {
		rcu_read_lock();
		ready = 1;
		usleep(1000);
		rcu_read_unlock();
		quiescent();
	}
	rcu_unregister_thread();
	return NULL;
}

static void *caller(void *each)
{
	for (int i = 0; i < LONG_CALLS; i++) {
		double begin = now_ns();

		synchronize_rcu();
		((double *)each)[i] = (now_ns() - begin) / 1000;
	}
	return NULL;
}

/* Each call of so many threads that call all the time, while each reader lasts long enough for all of them to come. */
static void measure_callers(const char *name, int callers)
{
	static double each[CALLERS * LONG_CALLS];
	pthread_t threads[CALLERS], readers[2];

	/* Two, so that one is in a reader while the other, preempted between two readers, is not. */
	stop = ready = 0;
	for (int r = 0; r < 2; r++)
		pthread_create(&readers[r], NULL, long_reader, NULL);
	while (!ready)
		usleep(100);
	for (int c = 0; c < callers; c++)
		pthread_create(&threads[c], NULL, caller, each + c * LONG_CALLS);
	for (int c = 0; c < callers; c++)
		pthread_join(threads[c], NULL);
	stop = 1;
	for (int r = 0; r < 2; r++)
		pthread_join(readers[r], NULL);
	print(name, each, callers * LONG_CALLS);
}

int main(int argc, char **argv)
{
	int calls = argc > 1 ? atoi(argv[1]) : 2000;
	static int value = 1;

#if !defined(FLAVOUR_QSBR)
	rcu_init();
#endif
	shared = &value;
	measure_reads("read", reads);
	measure_reads("nested", nested_reads);
	measure_sync("sync-none", NULL, calls);
	measure_sync("sync-idle", idle_reader, calls);
	measure_sync("sync-busy", busy_reader, calls);
	measure_callers("long-1", 1);
	measure_callers("long-8", CALLERS);
	return 0;
}
