// What workers do, step by step, until they are told to stop: the model's workloads with real system calls.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "contention.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

const char *const workloads[] = { "fork-storm", "exit-storm", "vma-churn", "reclaim", NULL };

static struct worker *self;
static int self_number;
static uint64_t random_state;
static char *starts[10000];
static int handles[MAX_PROCESSES], maps[MAX_PROCESSES];

// Marsaglia's xorshift64*.
static unsigned int below(unsigned int limit)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (random_state * 0x2545F4914F6CDD1DULL >> 32) * limit >> 32;
}

static void done(enum operation kind, uint64_t begin)
{
	add_time(&self->times[kind], now() - begin);
}

static char *own_page(int number)
{
	return starts[number / pages_per_vma()] + number % pages_per_vma() * PAGE_BYTES;
}

static void store(int number)
{
	uint64_t begin = now();

	*(volatile long *)own_page(number) = number;
	done(OP_WRITE, begin);
}

static pid_t new_child(void)
{
	uint64_t begin = now();
	pid_t child = fork();

	if (child < 0)
		fail("fork: %s", strerror(errno));
	if (child)
		done(OP_FORK, begin);
	return child;
}

static void leave(void)
{
	self->exit_begins = now();
	_exit(0);
}

// What a child did to its memory is over when its parent hears of its end.
static void await_end(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status)
		fail("a child did not end as it should: %s", strerror(errno));
	done(OP_EXIT, self->exit_begins);
}

static void fork_write_exit(void)
{
	pid_t child = new_child();

	if (!child) {
		for (int number = 0; number < options.pages; number++) {
			if (is_hit(number, options.exclusive))
				store(number);
		}
		leave();
	}
	await_end(child);
}

// The first link of a chain, and in its descendants the next ones. Ends the process.
static void be_links(void)
{
	int link = 0;

	for (;; link++) {
		store(link % options.pages);
		if (link + 1 == options.width)
			break;
		pid_t child = new_child();

		if (child) {
			self->chain[link + 1] = child;
			break;
		}
	}
	count_up(&self->born);
	for (int turn; (turn = __atomic_load_n(&self->turn, __ATOMIC_ACQUIRE)) <= link; )
		wait_while(&self->turn, turn);
	leave();
}

// A chain of descendants, each the child of the last, that end the oldest first. Orphans become children of the worker.
static void chain_and_end(void)
{
	pid_t child;

	self->turn = self->born = 0;
	child = new_child();
	if (!child)
		be_links();
	self->chain[0] = child;
	for (int born; (born = __atomic_load_n(&self->born, __ATOMIC_ACQUIRE)) < options.width; )
		wait_while(&self->born, born);
	for (int link = 0; link < options.width; link++) {
		announce(&self->turn, link + 1);
		await_end(self->chain[link]);
	}
}

static void protect(char *start, unsigned long bytes, int access)
{
	uint64_t begin = now();

	if (mprotect(start, bytes, access))
		fail("mprotect: %s", strerror(errno));
	done(OP_PROTECT, begin);
}

static void advise(char *start, unsigned long bytes, int advice)
{
	uint64_t begin = now();

	if (madvise(start, bytes, advice))
		fail("madvise: %s", strerror(errno));
	done(OP_ADVISE, begin);
}

static void move(int vma)
{
	unsigned long bytes = pages_per_vma() * PAGE_BYTES;
	char *to = starts[vma] == vma_start(vma) ? moved_start(vma) : vma_start(vma);
	uint64_t begin = now();

	if (mremap(starts[vma], bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED)
		fail("mremap: %s", strerror(errno));
	done(OP_REMAP, begin);
	starts[vma] = to;
}

static void change_vma(void)
{
	unsigned long half = (pages_per_vma() > 1 ? pages_per_vma() / 2 : 1) * PAGE_BYTES;
	int vma = below(options.vmas);

	if (below(100) < (unsigned int)options.remaps) {
		move(vma);
	} else if (below(2)) {
		protect(starts[vma], half, PROT_READ);
		protect(starts[vma], half, PROT_READ | PROT_WRITE);
	} else {
		advise(starts[vma], half, MADV_DONTDUMP);
		advise(starts[vma], half, MADV_DODUMP);
	}
}

// Has a page of some process paged out, or has it used if it is not there, so that it is the next time. What others map too the kernel
// leaves alone.
static void page_out(void)
{
	int process = below(shared->next);
	struct iovec page = { page_at(below(options.pages)), PAGE_BYTES };
	long word;
	struct iovec local = { &word, sizeof(word) }, remote = { page.iov_base, sizeof(word) };
	uint64_t begin;

	if (!is_present(maps[process], page.iov_base)) {
		if (process_vm_readv(shared->processes[process], &local, 1, &remote, 1, 0) < 0)
			fail("process_vm_readv: %s", strerror(errno));
		return;
	}
	begin = now();
	if (syscall(SYS_process_madvise, handles[process], &page, 1UL, MADV_PAGEOUT, 0U) < 0)
		fail("process_madvise: %s", strerror(errno));
	done(OP_RECLAIM, begin);
}

static void reclaim(void)
{
	if (options.threads == 1 ? below(2) : self_number % 2 == 0)
		fork_write_exit();
	else
		page_out();
}

void check_workload(void)
{
	FILE *swaps;
	int lines = 0;

	for (const char *const *name = workloads; ; name++) {
		if (!*name)
			refuse("there is no workload %s", options.workload);
		if (!strcmp(*name, options.workload))
			break;
	}
	if (strcmp(options.workload, "reclaim"))
		return;
	swaps = fopen("/proc/swaps", "re");
	for (int c; swaps && (c = fgetc(swaps)) != EOF; )
		lines += c == '\n';
	if (swaps)
		fclose(swaps);
	if (lines < 2)
		refuse("no page can be reclaimed: this machine has no swap");
}

void work(int number)
{
	void (*step)(void) =
		!strcmp(options.workload, "fork-storm") ? fork_write_exit :
		!strcmp(options.workload, "exit-storm") ? chain_and_end :
		!strcmp(options.workload, "vma-churn") ? change_vma : reclaim;

	self = &shared->workers[number];
	self_number = number;
	random_state = (number + 2) * 0x9E3779B97F4A7C15ULL | 1;
	for (int vma = 0; vma < options.vmas; vma++)
		starts[vma] = usual_start(vma);
	if (step == chain_and_end && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))
		fail("orphans cannot be had: %s", strerror(errno));
	for (int i = 0; step == reclaim && i < shared->next; i++) {
		handles[i] = syscall(SYS_pidfd_open, shared->processes[i], 0);
		if (handles[i] < 0)
			fail("pidfd_open: %s", strerror(errno));
		maps[i] = open_pagemap(shared->processes[i]);
		if (maps[i] < 0)
			fail("the pagemap of a process cannot be read: %s", strerror(errno));
	}
	while (!__atomic_load_n(&shared->stop, __ATOMIC_RELAXED))
		step();
}
