// What the files of the runner share.
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include "records.h"

// Of one script, the dead included.
#define MAX_PROCESSES 256
#define MAX_NAME 16

enum kind {
	OP_MMAP, OP_MUNMAP, OP_MREMAP, OP_RESIZE, OP_DONTUNMAP, OP_UFFDMOVE, OP_MPROTECT, OP_WRITE, OP_READ, OP_MADVISE, OP_FORK, OP_EXIT,
	OP_DUMP, OP_THP, OP_SHRINK, OP_KSM,
};

// One line of a script. The numbers are in pages, in the order they are written in.
struct operation {
	enum kind kind;
	char process[MAX_NAME];
	char child[MAX_NAME];
	unsigned long number[3];
	int flag;		// protection, advice, whether holes are allowed, or a bit for each order
	bool of_file;		// of an mmap; the file's first page is the third number then
};

// One line to stderr, and the end of everything.
_Noreturn void refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

// script.c: what a line says. False for a line that says nothing.
bool parse_line(char *text, int line, struct operation *operation);

// processes.c: the processes of a script, in order of creation.
struct process {
	char name[MAX_NAME];
	pid_t id;
	bool alive;
};
extern struct process processes[MAX_PROCESSES];
extern int process_count;

void prepare_processes(void);
void start_processes(void);
void end_processes(void);
// 0 or an errno.
int perform(const struct operation *operation, int line);

// dump.c: the kernel's structures, in the canonical form.
void prepare_dump(void);
void dump(FILE *out);

// surroundings.c: what would make the same script end differently, kept away while the runner is there.
void settle(int cpu);
// The orders that folios of advised memory have: a bit for each.
void have_orders(int orders, int line);
void shrink(int line);
void share_equal_pages(int line);
void drain_batches(void);
void require_swap_in_memory(int line);

#endif
