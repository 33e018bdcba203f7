// What a script has made of the kernel's structures, in the canonical form: no addresses, names by order of appearance.
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "oracle.h"
#include "oracle.skel.h"

#define MAX_RECORDS (1 << 16)
#define MAX_ANONS (1 << 13)

// The low bits of folio->mapping: both are set for a folio of KSM, the lower one for any other anonymous folio.
#define MAPPING_FLAGS 3UL

#define PAGEMAP_PRESENT (1ULL << 63)
#define PAGEMAP_SWAPPED (1ULL << 62)
#define PAGEMAP_FRAME ((1ULL << 55) - 1)
#define KPAGEFLAGS_ZERO_PAGE (1ULL << 24)

struct anon {
	uint64_t address;
	const struct record *chain;	// a link that says what is in it, or null if none is left
};

struct page {
	int process;
	unsigned long number;
	char state;			// p present, z the zero page, s swapped
	bool of_file;			// whether it lies in a mapping of the file
	uint64_t mapcount;
};

static struct oracle *s_kernel;
static struct page_row *s_rows;		// shared with the BPF program
static uint64_t s_first_page;
static int s_counts, s_flags;

static struct record s_records[MAX_RECORDS];
static int s_first[MAX_PROCESSES + 1];	// of each process, and the end
static struct anon s_anons[MAX_ANONS];
static int s_anon_count;
static struct page s_pages[MAX_PAGES];
static int s_page_count;

static int open_or_refuse(const char *path)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);

	if (file < 0)
		refuse("%s: %s", path, strerror(errno));
	return file;
}

static int open_pagemap(pid_t process)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/pagemap", process);
	return open_or_refuse(path);
}

static uint64_t read_word(int file, uint64_t index)
{
	uint64_t word = 0;

	return pread(file, &word, sizeof(word), index * sizeof(word)) == sizeof(word) ? word : 0;
}

// What the program writes to its arguments comes back in them.
static int run_program(const struct bpf_program *program, void *arguments, size_t size)
{
	LIBBPF_OPTS(bpf_test_run_opts, options, .ctx_in = arguments, .ctx_size_in = size);

	return bpf_prog_test_run_opts(bpf_program__fd(program), &options) || options.retval;
}

// A page of which both the frame and the address of its struct page are known tells where the array of all struct pages begins.
static void locate_pages(void)
{
	struct locate_args arguments = { .fd = memfd_create("page", MFD_CLOEXEC) };
	int pagemap = open_pagemap(getpid());
	volatile char *page;
	uint64_t entry;

	if (arguments.fd < 0 || ftruncate(arguments.fd, WINDOW_PAGE_SIZE))
		refuse("memfd: %s", strerror(errno));
	page = mmap(NULL, WINDOW_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, arguments.fd, 0);
	if (page == MAP_FAILED)
		refuse("mmap: %s", strerror(errno));
	*page = 1;
	entry = read_word(pagemap, (uint64_t)page / WINDOW_PAGE_SIZE);
	if (run_program(s_kernel->progs.locate_pages, &arguments, sizeof(arguments)) || !arguments.page || !(entry & PAGEMAP_FRAME))
		refuse("cannot find where the kernel describes its pages");
	s_first_page = arguments.page - (entry & PAGEMAP_FRAME) * arguments.size;
	munmap((void *)page, WINDOW_PAGE_SIZE);
	close(pagemap);
	close(arguments.fd);
}

static int say_nothing(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN && getenv("RCUMODEL_ORACLE_VERBOSE") ? vfprintf(stderr, format, arguments) : 0;
}

void prepare_dump(void)
{
	if (geteuid())
		refuse("not root: looking into the kernel needs it");
	if (access("/sys/kernel/btf/vmlinux", R_OK))
		refuse("no /sys/kernel/btf/vmlinux: this kernel does not describe its types (CONFIG_DEBUG_INFO_BTF)");
	libbpf_set_print(say_nothing);
	s_kernel = oracle__open_and_load();
	if (!s_kernel)
		refuse("this kernel refuses the BPF programs: %s (RCUMODEL_ORACLE_VERBOSE=1 shows why)", strerror(errno));
	s_rows = mmap(NULL, sizeof(*s_rows) * MAX_PAGES, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(s_kernel->maps.page_rows), 0);
	if (s_rows == MAP_FAILED)
		refuse("mmap of a BPF map: %s", strerror(errno));
	s_counts = open_or_refuse("/proc/kpagecount");
	s_flags = open_or_refuse("/proc/kpageflags");
	locate_pages();
}

// The records of one process, appended to those of the others.
static int read_records(pid_t process, int count)
{
	union bpf_iter_link_info info = { .task.tid = process };
	LIBBPF_OPTS(bpf_iter_attach_opts, options, .link_info = &info, .link_info_len = sizeof(info));
	struct bpf_link *link = bpf_program__attach_iter(s_kernel->progs.read_vma, &options);
	int iterator = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	char *next = (char *)&s_records[count], *end = (char *)&s_records[MAX_RECORDS];
	ssize_t got;

	if (iterator < 0)
		refuse("bpf iterator: %s", strerror(errno));
	while ((got = read(iterator, next, end - next)) > 0)
		next += got;
	if (got < 0 || next == end)
		refuse("bpf iterator: %s", got < 0 ? strerror(errno) : "too many VMAs");
	close(iterator);
	bpf_link__destroy(link);
	return (struct record *)next - s_records;
}

// The pages of one process, looked for under its VMAs only.
static void read_pages(int process)
{
	static uint64_t entries[WINDOW_PAGES];
	int pagemap = open_pagemap(processes[process].id);

	for (int i = s_first[process]; i < s_first[process + 1]; i++) {
		const struct record *record = &s_records[i];
		uint64_t start, count;
		ssize_t got;

		if (record->kind != RECORD_VMA)
			continue;
		start = (record->value[0] - WINDOW_START) / WINDOW_PAGE_SIZE;
		count = (record->value[1] - record->value[0]) / WINDOW_PAGE_SIZE;
		got = pread(pagemap, entries, count * sizeof(*entries), record->value[0] / WINDOW_PAGE_SIZE * sizeof(*entries));
		for (ssize_t k = 0; k < got / (ssize_t)sizeof(*entries); k++) {
			struct page *page = &s_pages[s_page_count];
			uint64_t frame = entries[k] & PAGEMAP_FRAME;

			if (!(entries[k] & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)))
				continue;
			if (s_page_count == MAX_PAGES)
				refuse("more than %d pages in one dump", MAX_PAGES);
			*page = (struct page){ .process = process, .number = start + k, .state = 's', .of_file = record->value[3] & VMA_OF_FILE };
			memset(&s_rows[s_page_count], 0, sizeof(*s_rows));
			if (entries[k] & PAGEMAP_PRESENT) {
				page->state = read_word(s_flags, frame) & KPAGEFLAGS_ZERO_PAGE ? 'z' : 'p';
				page->mapcount = read_word(s_counts, frame);
				s_rows[s_page_count].frame = frame;
			}
			s_page_count++;
		}
	}
	close(pagemap);
}

static int find_anon(uint64_t address)
{
	for (int i = 0; i < s_anon_count; i++)
		if (s_anons[i].address == address)
			return i;
	return -1;
}

static int name_anon(uint64_t address)
{
	int found = find_anon(address);

	if (found >= 0)
		return found;
	if (s_anon_count == MAX_ANONS)
		refuse("more than %d anon_vmas in one dump", MAX_ANONS);
	s_anons[s_anon_count] = (struct anon){ .address = address };
	return s_anon_count++;
}

static void print_vmas(FILE *out, int process)
{
	bool open = false;

	fprintf(out, "mm %s\n", processes[process].name);
	for (int i = s_first[process]; i < s_first[process + 1]; i++) {
		const struct record *record = &s_records[i];
		const unsigned long long *value = record->value;
		int anon;

		switch (record->kind) {
		case RECORD_VMA:
			fprintf(out, "%s  vma %llu-%llu %c%c%c%s pgoff %llu anon ", open ? "\n" : "",
				(value[0] - WINDOW_START) / WINDOW_PAGE_SIZE, (value[1] - WINDOW_START) / WINDOW_PAGE_SIZE,
				value[3] & 1 ? 'r' : '-', value[3] & 2 ? 'w' : '-', value[3] & 4 ? 'x' : '-',
				value[3] & VMA_OF_FILE ? " file" : "", value[2] - (value[3] & VMA_OF_FILE ? 0 : WINDOW_START / WINDOW_PAGE_SIZE));
			if (value[4])
				fprintf(out, "a%d chain", name_anon(value[4]));
			else
				fputs("none chain", out);
			open = true;
			break;
		case RECORD_CHAIN:
			anon = name_anon(value[0]);
			s_anons[anon].chain = record;
			fprintf(out, " a%d", anon);
			break;
		default:
			refuse("%s: a VMA's chain is longer than is followed", processes[process].name);
		}
	}
	if (open)
		fputc('\n', out);
}

// Roots and parents that are met here for the first time are printed by later turns of the same loop.
static void print_anons(FILE *out)
{
	for (int i = 0; i < s_anon_count; i++) {
		const struct record *chain = s_anons[i].chain;
		int root, parent;

		if (!chain) {
			fprintf(out, "anon a%d unreached\n", i);
			continue;
		}
		root = name_anon(chain->value[1]);
		parent = name_anon(chain->value[2]);
		fprintf(out, "anon a%d root a%d parent a%d children %llu vmas %llu\n", i, root, parent, chain->value[3], chain->value[4]);
	}
}

static void print_page(FILE *out, int index)
{
	const struct page *page = &s_pages[index];
	const struct page_row *row = &s_rows[index];
	int owner = 0, anon = find_anon(row->mapping & ~MAPPING_FLAGS);

	fprintf(out, "page %s:%lu ", processes[page->process].name, page->number);
	if (page->state != 'p') {
		fputs(page->state == 'z' ? "zero\n" : "swapped\n", out);
		return;
	}
	while (s_pages[owner].state != 'p' || s_rows[owner].frame != row->frame)
		owner++;
	fprintf(out, "frame %s:%lu mapcount %lu anon ", processes[s_pages[owner].process].name, s_pages[owner].number, page->mapcount);
	if ((row->mapping & MAPPING_FLAGS) == MAPPING_FLAGS)
		fputs("ksm", out);
	else if (!(row->mapping & MAPPING_FLAGS))
		fputs("file", out);
	else if (anon >= 0)
		fprintf(out, "a%d", anon);
	else
		fputs("unreached", out);
	fprintf(out, " index %lld%s\n", (long long)(row->index - (page->of_file ? 0 : WINDOW_START / WINDOW_PAGE_SIZE)), row->exclusive ? " exclusive" : "");
}

void dump(FILE *out)
{
	struct read_args arguments = { .first_page = s_first_page };

	s_anon_count = s_page_count = 0;
	s_first[0] = 0;
	for (int i = 0; i < process_count; i++) {
		s_first[i + 1] = s_first[i];
		if (processes[i].alive)
			s_first[i + 1] = read_records(processes[i].id, s_first[i]);
	}
	for (int i = 0; i < process_count; i++) {
		if (!processes[i].alive)
			continue;
		read_pages(i);
		print_vmas(out, i);
	}
	print_anons(out);

	arguments.count = s_page_count;
	if (s_page_count && run_program(s_kernel->progs.read_pages, &arguments, sizeof(arguments)))
		refuse("bpf: %s", strerror(errno));
	for (int i = 0; i < s_page_count; i++)
		print_page(out, i);
}
