// A tree of processes with the same VMAs, as the model's workloads have it: the first writes all pages and moves some VMAs, each descendant
// writes some pages for itself before it has children, and all live until the end. Those without children work, as many as are wanted.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include "contention.h"

#define WINDOW 0x200000000000UL

// Bits of /proc/PID/pagemap.
#define ENTRY_PRESENT (1ULL << 63)
#define ENTRY_EXCLUSIVE (1ULL << 56)

int pages_per_vma(void)
{
	return options.pages / options.vmas;
}

// A page between the halves of a VMA's stretch, and one behind each, keep neighbours from being merged.
static unsigned long stride(void)
{
	return (2 * pages_per_vma() + 2) * PAGE_BYTES;
}

char *vma_start(int vma)
{
	return (char *)WINDOW + vma * stride();
}

char *moved_start(int vma)
{
	return vma_start(vma) + (pages_per_vma() + 1) * PAGE_BYTES;
}

bool is_hit(int number, int of_hundred)
{
	return (long)(number + 1) * of_hundred / 100 > (long)number * of_hundred / 100;
}

// Where it is unless somebody has moved it since.
char *usual_start(int vma)
{
	return is_hit(vma, options.remaps) ? moved_start(vma) : vma_start(vma);
}

char *page_at(int number)
{
	return usual_start(number / pages_per_vma()) + number % pages_per_vma() * PAGE_BYTES;
}

static void map_all(void)
{
	unsigned long bytes = pages_per_vma() * PAGE_BYTES;

	// No page is to be larger than those of the model.
	if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0))
		fail("huge pages cannot be switched off: %s", strerror(errno));
	for (int vma = 0; vma < options.vmas; vma++) {
		char *start = vma_start(vma);

		if (mmap(start, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != start)
			fail("mmap: %s", strerror(errno));
		for (unsigned long at = 0; at < bytes; at += PAGE_BYTES)
			*(volatile long *)(start + at) = vma + 1;
		if (is_hit(vma, options.remaps) &&
		    mremap(start, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, moved_start(vma)) == MAP_FAILED)
			fail("mremap: %s", strerror(errno));
	}
}

// How many processes there are from one of this depth downwards.
static int processes_from(int depth)
{
	int all = 0, level = 1;

	for (; depth <= options.depth; depth++, level *= options.width)
		all += level;
	return all;
}

// Lives until all is over, and works if it has no children and there are not enough workers yet.
static void live(int depth)
{
	int me = shared->next++;

	// Only one process at a time comes here: its parent waits until all below it have settled, so that every tree is the same.
	shared->processes[me] = getpid();
	for (int number = 0; me && number < options.pages; number++) {
		if (is_hit(number, options.exclusive))
			*(volatile long *)page_at(number) = number;
	}
	for (int i = 0; depth < options.depth && i < options.width; i++) {
		int goal = __atomic_load_n(&shared->settled, __ATOMIC_ACQUIRE) + processes_from(depth + 1);
		pid_t child = fork();

		if (child < 0)
			fail("fork: %s", strerror(errno));
		if (!child) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			live(depth + 1);
			_exit(0);
		}
		for (int settled; (settled = __atomic_load_n(&shared->settled, __ATOMIC_ACQUIRE)) < goal; )
			wait_while(&shared->settled, settled);
	}
	int leaf = depth == options.depth ? shared->leaves++ : MAX_WORKERS;

	count_up(&shared->settled);
	if (leaf < options.threads) {
		wait_while(&shared->go, 0);
		work(leaf);
		__atomic_fetch_add(&shared->finished, 1, __ATOMIC_RELEASE);
	}
	wait_while(&shared->end, 0);
	while (wait(NULL) > 0)
		;
}

// Gives the first process, which is the leader of a session of its own.
pid_t plant_tree(void)
{
	pid_t first = fork();

	if (first < 0)
		refuse("fork: %s", strerror(errno));
	if (!first) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		map_all();
		live(0);
		_exit(0);
	}
	return first;
}

int open_pagemap(pid_t process)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", process);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static uint64_t entry_of(int pagemap, const void *address)
{
	uint64_t entry;

	return pread(pagemap, &entry, sizeof(entry), (uintptr_t)address / PAGE_BYTES * sizeof(entry)) == sizeof(entry) ? entry : 0;
}

bool is_present(int pagemap, const void *address)
{
	return entry_of(pagemap, address) & ENTRY_PRESENT;
}

// Entries of all processes that map a page, and of them those whose page nobody else maps.
void count_sharing(uint64_t *entries, uint64_t *exclusive)
{
	*entries = *exclusive = 0;
	for (int i = 0; i < shared->next; i++) {
		int file = open_pagemap(shared->processes[i]);

		if (file < 0)
			refuse("the pagemap of a process cannot be read: %s", strerror(errno));
		for (unsigned long at = 0; at < options.vmas * stride(); at += PAGE_BYTES) {
			uint64_t entry = entry_of(file, vma_start(0) + at);

			*entries += !!(entry & ENTRY_PRESENT);
			*exclusive += (entry & ENTRY_PRESENT) && (entry & ENTRY_EXCLUSIVE);
		}
		close(file);
	}
}
