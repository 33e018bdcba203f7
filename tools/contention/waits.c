// Where processes waited for locks, as the tracepoints of the kernel tell it, and which function wanted the lock.
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "contention.h"
#include "contention.skel.h"
#include "wait_row.h"

// Kernel: LCB_F_SPIN and its like.
#define FLAG_SPIN 1
#define FLAG_READ 2
#define FLAG_WRITE 4
#define FLAG_RT 8
#define FLAG_PERCPU 16
#define FLAG_MUTEX 32

struct symbol {
	uint64_t address;
	char name[56];
};

struct line {
	char what[24];
	char where[56];
	char root[56];
	struct wait_row row;
};

static struct contention *program;
static struct symbol *symbols;
static size_t symbol_count;
static struct line lines[WAIT_PLACES];
static int line_count;

static int quiet(enum libbpf_print_level level, const char *format, va_list arguments)
{
	(void)level, (void)format, (void)arguments;
	return 0;
}

static int by_address(const void *left, const void *right)
{
	uint64_t a = ((const struct symbol *)left)->address, b = ((const struct symbol *)right)->address;

	return a < b ? -1 : a > b;
}

static void read_symbols(void)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	char line[512];
	size_t room = 0;

	if (!file)
		refuse("/proc/kallsyms: %s", strerror(errno));
	while (fgets(line, sizeof(line), file)) {
		struct symbol symbol = {};
		char type;

		if (sscanf(line, "%lx %c %55s", &symbol.address, &type, symbol.name) != 3 || !strchr("tTwW", type))
			continue;
		if (symbol_count == room) {
			room = room ? room * 2 : 1 << 16;
			symbols = realloc(symbols, room * sizeof(*symbols));
			if (!symbols)
				refuse("no memory for the kernel's symbols");
		}
		symbols[symbol_count++] = symbol;
	}
	fclose(file);
	qsort(symbols, symbol_count, sizeof(*symbols), by_address);
	if (!symbol_count || !symbols[symbol_count / 2].address)
		refuse("/proc/kallsyms hides the addresses of functions (kernel.kptr_restrict)");
}

static const char *name_of(uint64_t address)
{
	size_t low = 0, high = symbol_count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (symbols[middle].address <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? symbols[low - 1].name : "?";
}

// Whether a function is part of a lock, or of what looks on.
static bool is_of_lock(const char *name)
{
	static const char *const beginnings[] = {
		"bpf_", "__bpf_", "trace_", "__traceiter_", "rwsem_", "__rwsem_", "down_", "__down_", "up_", "__up_", "mutex_", "__mutex_",
		"queued_", "native_queued_", "pv_", "__pv_", "_raw_", "__raw_", "osq_", "percpu_", "__percpu_", "rt_", "__rt_", "schedule",
		"__schedule", "ftrace_", "stack_trace_", "arch_stack_", "get_perf_callchain", "perf_", "sleeping_lock_", "_printk", "lock_",
		"wait_", "__wait_", "folio_wait_", "do_raw_", "lockref_", NULL,
	};

	for (const char *const *beginning = beginnings; *beginning; beginning++) {
		if (!strncmp(name, *beginning, strlen(*beginning)))
			return true;
	}
	return false;
}

static void describe(unsigned int flags, char *what, size_t size)
{
	const char *kind = flags & FLAG_MUTEX ? "mutex" : flags & FLAG_PERCPU ? "percpu-rwsem" : flags & FLAG_RT ? "rtmutex" :
		flags & FLAG_SPIN ? (flags & (FLAG_READ | FLAG_WRITE) ? "rwlock" : "spinlock") :
		flags & (FLAG_READ | FLAG_WRITE) ? "rwsem" : "other";

	snprintf(what, size, "%s%s", kind, flags & FLAG_READ ? " R" : flags & FLAG_WRITE ? " W" : "");
}

void open_waits(void)
{
	int error;

	libbpf_set_print(quiet);
	program = contention__open_and_load();
	if (!program)
		refuse("the kernel refuses the program that looks at lock:contention_begin: %s", strerror(errno));
	error = contention__attach(program);
	if (error)
		refuse("lock:contention_begin cannot be looked at: %s", strerror(-error));
	read_symbols();
}

void begin_waits(pid_t session)
{
	program->bss->session = session;
}

static void add_line(const struct wait_place *place, const struct wait_row *row)
{
	uint64_t frames[WAIT_FRAMES] = {};
	struct line line = { .row = *row };
	struct line *same = lines;

	describe(place->flags, line.what, sizeof(line.what));
	strcpy(line.where, "?");
	if (!bpf_map_lookup_elem(bpf_map__fd(program->maps.stacks), &place->stack, frames)) {
		int at = 0;

		while (at < WAIT_FRAMES && frames[at] && is_of_lock(name_of(frames[at])))
			at++;
		if (at < WAIT_FRAMES && frames[at])
			strcpy(line.where, name_of(frames[at]));
		if (at + 1 < WAIT_FRAMES && frames[at] && frames[at + 1])
			strcpy(line.root, name_of(frames[at + 1]));
	}
	while (same < lines + line_count && (strcmp(same->what, line.what) || strcmp(same->where, line.where) || strcmp(same->root, line.root)))
		same++;
	if (same == lines + line_count) {
		lines[line_count++] = line;
		return;
	}
	same->row.count += row->count;
	same->row.total += row->total;
	for (int i = 0; i < WAIT_CLASSES; i++)
		same->row.classes[i] += row->classes[i];
	if (row->longest > same->row.longest)
		same->row.longest = row->longest;
}

static int by_total(const void *left, const void *right)
{
	uint64_t a = ((const struct line *)left)->row.total, b = ((const struct line *)right)->row.total;

	return a > b ? -1 : a < b;
}

void end_waits(void)
{
	int rows = bpf_map__fd(program->maps.rows);
	struct wait_place place, next;
	struct wait_row row;
	void *last = NULL;

	program->bss->session = 0;
	while (!bpf_map_get_next_key(rows, last, &next)) {
		if (!bpf_map_lookup_elem(rows, &next, &row))
			add_line(&next, &row);
		place = next;
		last = &place;
	}
	qsort(lines, line_count, sizeof(*lines), by_total);
}

void print_waits(void)
{
	printf("\"lost\":%llu,\"waits\":[", program->bss->lost);
	for (int i = 0; i < line_count; i++) {
		const struct wait_row *row = &lines[i].row;
		const uint64_t *classes = (const uint64_t *)row->classes;

		printf("%s{\"what\":\"%s\",\"where\":\"%s\",\"calledBy\":\"%s\",\"count\":%llu,\"total\":%.3f,"
		       "\"wait\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f}}",
		       i ? "," : "", lines[i].what, lines[i].where, lines[i].root, row->count, row->total / 1e3,
		       quantile(classes, 4, row->count, row->longest, 0.5), quantile(classes, 4, row->count, row->longest, 0.9),
		       quantile(classes, 4, row->count, row->longest, 0.99), quantile(classes, 4, row->count, row->longest, 0.999),
		       row->longest / 1e3);
	}
	printf("]");
}
