// What the BPF programs hand to the runner. Both are compiled against this file, so it uses nobody's headers.
#ifndef RECORDS_H
#define RECORDS_H

// Pages of the window that scripts live in, and where it begins. Far from anything that the C library maps.
#define WINDOW_PAGES 4096ULL
#define WINDOW_START 0x700000000000ULL
#define WINDOW_PAGE_SIZE 4096ULL

// Pages of the file that scripts map.
#define FILE_PAGES 1024ULL

// The order of a folio that fills a page table.
#define LARGEST_ORDER 9

// More pages than this in one dump are refused.
#define MAX_PAGES (1 << 16)

// Among the flags of a VMA that maps a file, where the kernel has none.
#define VMA_OF_FILE (1ULL << 63)

enum record_kind {
	RECORD_VMA = 1,		// start, end, pgoff, flags with VMA_OF_FILE, anon_vma, mm_id
	RECORD_CHAIN = 2,	// anon_vma, root, parent, num_children, num_active_vmas
	RECORD_TRUNCATED = 3,	// the chain goes on, further than is followed
};

// A VMA, or one link of the chain of the VMA before it.
struct record {
	unsigned long long kind;
	unsigned long long value[6];
};

// What a page says of itself; the runner fills in the frame, the BPF program the rest.
struct page_row {
	unsigned long long frame;
	unsigned long long mapping;
	unsigned long long index;
	unsigned long long exclusive;		// the page by itself,
	unsigned long long head_exclusive;	// and the first of its folio, which says it for a mapping by a PMD
	unsigned long long folio;		// the address of what describes its folio,
	unsigned long long order;		// how large that is: 0 for one page,
	unsigned long long at;			// and which of its pages this one is
	unsigned long long mapcounts[3];	// of a large folio: all mappings, those by a PMD, pages mapped by a PTE
	unsigned long long mm_id[2];		// and the mms that it keeps apart, with their mappings
	unsigned long long mm_mapcount[2];
	unsigned long long state;		// bits of folio_state
};

// FOLIO_SHARED: more than those two mms may have mapped it. FOLIO_PARTIAL: a part of it is unmapped.
enum folio_state { FOLIO_SHARED = 1, FOLIO_PARTIAL = 2 };

struct locate_args {
	int fd;				// in: a file of one page, that of the task that calls
	unsigned long long page;	// out: the address of the struct page of that page
	unsigned long long size;	// out: the size of a struct page
};

struct read_args {
	unsigned long long first_page;	// the address of the struct page of frame 0
	unsigned long long count;
};

#endif
