// What the parts of the program know of each other.
#ifndef CONTENTION_H
#define CONTENTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define MAX_PROCESSES 4096
#define MAX_WORKERS 64
#define MAX_CHAIN 1000
#define PAGE_BYTES 4096UL

enum operation { OP_FORK, OP_EXIT, OP_WRITE, OP_PROTECT, OP_ADVISE, OP_REMAP, OP_RECLAIM, OPERATIONS };

// Times in nanoseconds, 32 classes to each power of two: what is said of one is at most 3 % off.
struct histogram {
	uint64_t count;
	uint64_t longest;
	uint64_t classes[32 * 40];
};

struct options {
	const char *workload;
	int threads, width, depth, vmas, pages, remaps, exclusive;
	double seconds;
};

struct worker {
	struct histogram times[OPERATIONS];
	uint64_t exit_begins;	// of a child that is about to end
	uint64_t refused;	// pages that reclaim did not free
	int turn;		// how many descendants of a chain may end
	int born;		// how many there are
	pid_t chain[MAX_CHAIN];
};

// Between all processes.
struct shared {
	int next, leaves, settled;	// processes so far, those without children, those that wait
	int go, stop, finished, end;
	int failed;
	char why[256];
	pid_t processes[MAX_PROCESSES];
	struct worker workers[MAX_WORKERS];
};

extern struct options options;
extern struct shared *shared;

// main.c
void refuse(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
uint64_t now(void);
void wait_while(int *word, int value);
void announce(int *word, int value);
void count_up(int *word);

// histogram.c
void add_time(struct histogram *histogram, uint64_t time);
void add_histogram(struct histogram *sum, const struct histogram *more);
double quantile(const uint64_t *classes, int per_octave, uint64_t count, uint64_t longest, double part);

// tree.c
int pages_per_vma(void);
char *vma_start(int vma);
char *moved_start(int vma);
char *usual_start(int vma);
char *page_at(int number);
bool is_hit(int number, int of_hundred);
pid_t plant_tree(void);
int open_pagemap(pid_t process);
bool is_present(int pagemap, const void *address);
void count_sharing(uint64_t *entries, uint64_t *exclusive);

// workloads.c
extern const char *const workloads[];
void check_workload(void);
void work(int number);

// waits.c
void open_waits(void);
void begin_waits(pid_t session);
void end_waits(void);
void print_waits(void);

#endif
