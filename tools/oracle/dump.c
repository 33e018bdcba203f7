// What a script has made of the kernel's structures, in the canonical form: no addresses, names by order of appearance.
#define _GNU_SOURCE
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include "oracle.h"
#include "oracle.skel.h"

#define MAX_RECORDS (1 << 16)
#define MAX_ANONS (1 << 13)
#define MAX_FOLIOS (1 << 13)

// The low bits of folio->mapping: both are set for a folio of KSM, the lower one for any other anonymous folio.
#define MAPPING_FLAGS 3UL

#define PAGEMAP_PRESENT (1ULL << 63)
#define PAGEMAP_SWAPPED (1ULL << 62)
#define PAGEMAP_FRAME ((1ULL << 55) - 1)
#define KPAGEFLAGS_ZERO_PAGE (1ULL << 24)

// PAGEMAP_SCAN of linux/fs.h, which is newer than some systems' headers: tells ranges of pages with what is asked for.
struct scan_range {
	uint64_t start, end, categories;
};
struct scan_args {
	uint64_t size, flags, start, end, walk_end, ranges, range_count, page_max;
	uint64_t inverted, all_of, any_of, wanted;
};
#define PAGEMAP_SCAN _IOWR('f', 16, struct scan_args)
#define SCAN_HUGE (1 << 6)

struct anon {
	uint64_t address;
	const struct record *chain;	// a link that says what is in it, or null if none is left
};

struct page {
	int process;
	unsigned long number;
	char state;			// p present, z the zero page, s swapped
	bool huge;			// mapped by a PMD
	const struct page *owner;	// the first page of the dump that maps its frame
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
static const struct page_row *s_folios[MAX_FOLIOS];	// large ones, each with the first page that names it
static int s_folio_count;

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

// Marks the pages from the given one on that an entry of a PMD maps.
static void mark_huge(int pagemap, uint64_t start, uint64_t end, int first)
{
	static struct scan_range ranges[WINDOW_PAGES];
	struct scan_args scan = {
		.size = sizeof(scan), .start = start, .end = end, .ranges = (uintptr_t)ranges, .range_count = WINDOW_PAGES,
		.all_of = SCAN_HUGE, .wanted = SCAN_HUGE,
	};
	int found = ioctl(pagemap, PAGEMAP_SCAN, &scan);

	if (found < 0)
		refuse("PAGEMAP_SCAN: %s", strerror(errno));
	for (int i = first; found && i < s_page_count; i++)
		for (int k = 0; k < found; k++) {
			uint64_t address = WINDOW_START + s_pages[i].number * WINDOW_PAGE_SIZE;

			s_pages[i].huge |= ranges[k].start <= address && address < ranges[k].end;
		}
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
		int first = s_page_count;

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
			*page = (struct page){ .process = process, .number = start + k, .state = 's' };
			memset(&s_rows[s_page_count], 0, sizeof(*s_rows));
			if (entries[k] & PAGEMAP_PRESENT) {
				page->state = read_word(s_flags, frame) & KPAGEFLAGS_ZERO_PAGE ? 'z' : 'p';
				page->mapcount = read_word(s_counts, frame);
				s_rows[s_page_count].frame = frame;
			}
			s_page_count++;
		}
		mark_huge(pagemap, record->value[0], record->value[1], first);
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

// Of the window, or of the file, whose pages have smaller numbers.
static unsigned long long relative(unsigned long long index)
{
	return index < FILE_PAGES ? index : index - WINDOW_START / WINDOW_PAGE_SIZE;
}

// Finds for each page the first one of the dump that maps the same frame.
static void find_owners(void)
{
	static int first[2 * MAX_PAGES];	// by frame: a page's number and 1, or 0

	memset(first, 0, sizeof(first));
	for (int i = 0; i < s_page_count; i++) {
		uint64_t place = s_rows[i].frame * 0x9E3779B97F4A7C15ULL >> 40;

		if (s_pages[i].state != 'p')
			continue;
		for (place %= 2 * MAX_PAGES; first[place] && s_rows[first[place] - 1].frame != s_rows[i].frame; place = (place + 1) % (2 * MAX_PAGES))
			;
		if (!first[place])
			first[place] = i + 1;
		s_pages[i].owner = &s_pages[first[place] - 1];
	}
}

static bool is_exclusive(int index)
{
	return s_pages[index].huge ? s_rows[index].head_exclusive : s_rows[index].exclusive;
}

// Each folio of KSM has a node of its own, which is not told of.
static bool is_same(uint64_t mapping, uint64_t other)
{
	return mapping == other || (mapping & other & MAPPING_FLAGS) == MAPPING_FLAGS;
}

// Whether the page after this one goes on in the same way, so that one line tells of both.
static bool is_ksm(const struct page_row *row)
{
	return (row->mapping & MAPPING_FLAGS) == MAPPING_FLAGS;
}

static bool goes_on(int index, int next)
{
	const struct page *page = &s_pages[index], *other = &s_pages[next];
	const struct page_row *row = &s_rows[index], *after = &s_rows[next];

	if (next == s_page_count || other->process != page->process || other->number != page->number + 1 || other->state != page->state
	    || other->huge != page->huge)
		return false;
	if (page->state != 'p')
		return true;
	if (after->order != row->order || (row->order && (after->folio != row->folio || after->at != row->at + 1))
	    || !is_same(after->mapping, row->mapping) || (after->index != row->index + 1 && !is_ksm(row)) || other->mapcount != page->mapcount
	    || is_exclusive(next) != is_exclusive(index))
		return false;
	return other->owner->process == page->owner->process && other->owner->number == page->owner->number + 1;
}

static int name_folio(const struct page_row *row)
{
	for (int i = 0; i < s_folio_count; i++)
		if (s_folios[i]->folio == row->folio)
			return i;
	if (s_folio_count == MAX_FOLIOS)
		refuse("more than %d large folios in one dump", MAX_FOLIOS);
	s_folios[s_folio_count] = row;
	return s_folio_count++;
}

// One line for the page and those after it that go on in the same way. Returns the page after them.
static int print_page(FILE *out, int index)
{
	const struct page *page = &s_pages[index];
	const struct page_row *row = &s_rows[index];
	int end = index + 1, anon = find_anon(row->mapping & ~MAPPING_FLAGS);

	while (goes_on(end - 1, end))
		end++;
	fprintf(out, "page %s:%lu", processes[page->process].name, page->number);
	if (end > index + 1)
		fprintf(out, "-%lu", s_pages[end - 1].number + 1);
	if (page->state != 'p') {
		fprintf(out, " %s%s\n", page->state == 'z' ? "zero" : "swapped", page->huge ? " pmd" : "");
		return end;
	}
	fprintf(out, " frame %s:%lu mapcount %lu anon ", processes[page->owner->process].name, page->owner->number, page->mapcount);
	if (is_ksm(row))
		fputs("ksm", out);
	else if (!(row->mapping & MAPPING_FLAGS))
		fputs("file", out);
	else if (anon >= 0)
		fprintf(out, "a%d", anon);
	else
		fputs("unreached", out);
	if (!is_ksm(row))	// It is left of the page that it was, and which of equal ones that is nobody promises.
		fprintf(out, " index %lld", (long long)relative(row->index));
	fputs(is_exclusive(index) ? " exclusive" : "", out);
	if (row->order)
		fprintf(out, " folio f%d at %llu%s", name_folio(row), row->at, page->huge ? " pmd" : "");
	fputc('\n', out);
	return end;
}

static const char *name_of_mm(unsigned long long id)
{
	for (int i = 0; i < process_count; i++)
		if (processes[i].alive && s_first[i] < s_first[i + 1] && s_records[s_first[i]].value[5] == id)
			return processes[i].name;
	refuse("a folio is mapped by what is no process of the script");
}

static void print_folio(FILE *out, int name)
{
	const struct page_row *row = s_folios[name];

	fprintf(out, "folio f%d order %llu mapcount %llu entire %llu pages %llu", name, row->order, row->mapcounts[0], row->mapcounts[1],
		row->mapcounts[2]);
	for (int i = 0; i < 2; i++)
		if (row->mm_id[i])
			fprintf(out, " mm %s %llu", name_of_mm(row->mm_id[i]), row->mm_mapcount[i]);
	if (row->state & FOLIO_SHARED)
		fputs(" shared", out);
	if (row->state & FOLIO_PARTIAL)
		fputs(" partial", out);
	fputc('\n', out);
}

void dump(FILE *out)
{
	struct read_args arguments = { .first_page = s_first_page };

	s_anon_count = s_page_count = s_folio_count = 0;
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
	find_owners();
	for (int i = 0; i < s_page_count;)
		i = print_page(out, i);
	for (int i = 0; i < s_folio_count; i++)
		print_folio(out, i);
}
