// The part of the oracle that looks into the kernel. It only reads: what the kernel keeps for a VMA, and what it keeps for a page.
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "records.h"

#define MAX_CHAIN 512
#define MAPPING_TAIL 1UL

// Masks that the types do not tell: FOLIO_PAGES_MAPPED, MM_ID_BITS, and where folio_large_order() looks.
#define ORDER_MASK 0xffUL
#define PAGES_MAPPED_MASK 0x7fffffUL
#define MM_ID_MASK 0x7fffffffUL

char _license[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, MAX_PAGES);
	__type(key, u32);
	__type(value, struct page_row);
} page_rows SEC(".maps");

struct chain_walk {
	struct seq_file *out;
	struct list_head *head;
	struct list_head *next;
};

static long follow_chain(u32 step, void *context)
{
	struct chain_walk *walk = context;
	struct record record = {};
	struct list_head *place = walk->next;
	struct anon_vma_chain *link;
	struct anon_vma *anon;

	if (place == walk->head)
		return 1;
	link = (void *)place - bpf_core_field_offset(struct anon_vma_chain, same_vma);
	anon = BPF_CORE_READ(link, anon_vma);
	record.kind = step < MAX_CHAIN ? RECORD_CHAIN : RECORD_TRUNCATED;
	record.value[0] = (u64)anon;
	record.value[1] = (u64)BPF_CORE_READ(anon, root);
	record.value[2] = (u64)BPF_CORE_READ(anon, parent);
	record.value[3] = BPF_CORE_READ(anon, num_children);
	record.value[4] = BPF_CORE_READ(anon, num_active_vmas);
	bpf_seq_write(walk->out, &record, sizeof(record));
	walk->next = BPF_CORE_READ(place, next);
	return 0;
}

// Runs for every VMA of the process that the iterator was opened for, with its mmap_lock held for reading.
SEC("iter/task_vma")
int read_vma(struct bpf_iter__task_vma *context)
{
	struct vm_area_struct *vma = context->vma;
	struct chain_walk walk = { .out = context->meta->seq };
	struct record record = { .kind = RECORD_VMA };

	if (!context->task || !vma)
		return 0;
	if (vma->vm_start < WINDOW_START || vma->vm_start >= WINDOW_START + WINDOW_PAGES * WINDOW_PAGE_SIZE)
		return 0;
	record.value[0] = vma->vm_start;
	record.value[1] = vma->vm_end;
	record.value[2] = vma->vm_pgoff;
	record.value[3] = (vma->vm_flags & ~VMA_OF_FILE) | (vma->vm_file ? VMA_OF_FILE : 0);
	record.value[4] = (u64)vma->anon_vma;
	record.value[5] = BPF_CORE_READ(vma, vm_mm, mm_id);
	bpf_seq_write(walk.out, &record, sizeof(record));

	walk.head = (void *)vma + bpf_core_field_offset(struct vm_area_struct, anon_vma_chain);
	walk.next = BPF_CORE_READ(vma, anon_vma_chain.next);
	bpf_loop(MAX_CHAIN + 1, follow_chain, &walk, 0);
	return 0;
}

// The page cache of a file of one page holds that page at its head, which is where the array of all struct pages gives itself away.
SEC("syscall")
int locate_pages(struct locate_args *args)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct file **table = BPF_CORE_READ(task, files, fdt, fd);
	struct file *file;

	if (bpf_probe_read_kernel(&file, sizeof(file), table + args->fd))
		return 1;
	args->page = (u64)BPF_CORE_READ(file, f_mapping, i_pages.xa_head);
	args->size = bpf_core_type_size(struct page);
	return 0;
}

static unsigned long flags_of(unsigned long page)
{
	unsigned long flags;

	if (bpf_probe_read_kernel(&flags, sizeof(flags), (void *)page + bpf_core_field_offset(struct page, flags)))
		return 0;
	return flags;
}

// What a large folio keeps in the struct pages behind its head.
static void read_large(struct page_row *row, struct folio *folio)
{
	unsigned long flags = BPF_CORE_READ(folio, _flags_1);

	row->order = flags & ORDER_MASK;
	// Counts of mappings begin at -1, but for that of pages, which has a bit for mappings by a PMD.
	row->mapcounts[0] = BPF_CORE_READ(folio, _large_mapcount.counter) + 1;
	row->mapcounts[1] = BPF_CORE_READ(folio, _entire_mapcount.counter) + 1;
	row->mapcounts[2] = BPF_CORE_READ(folio, _nr_pages_mapped.counter) & PAGES_MAPPED_MASK;
	row->mm_id[0] = BPF_CORE_READ(folio, _mm_id[0]) & MM_ID_MASK;
	row->mm_id[1] = BPF_CORE_READ(folio, _mm_id[1]) & MM_ID_MASK;
	row->mm_mapcount[0] = BPF_CORE_READ(folio, _mm_id_mapcount[0]) + 1;
	row->mm_mapcount[1] = BPF_CORE_READ(folio, _mm_id_mapcount[1]) + 1;
	if (BPF_CORE_READ(folio, _mm_id[1]) & ~MM_ID_MASK)
		row->state |= FOLIO_SHARED;
	if (flags >> bpf_core_enum_value(enum pageflags, PG_reclaim) & 1)
		row->state |= FOLIO_PARTIAL;
}

static long read_page(u32 step, void *context)
{
	struct read_args *args = context;
	struct page_row *row = bpf_map_lookup_elem(&page_rows, &step);
	unsigned long size = bpf_core_type_size(struct page), head, address, link;

	if (!row)
		return 1;
	address = args->first_page + row->frame * size;
	link = BPF_CORE_READ((struct page *)address, compound_head);
	head = link & MAPPING_TAIL ? link - MAPPING_TAIL : address;
	row->folio = head;
	row->at = (address - head) / size;
	row->mapping = (u64)BPF_CORE_READ((struct folio *)head, mapping);
	row->index = BPF_CORE_READ((struct folio *)head, index) + row->at;
	row->exclusive = flags_of(address) >> bpf_core_enum_value(enum pageflags, PG_anon_exclusive) & 1;
	row->head_exclusive = flags_of(head) >> bpf_core_enum_value(enum pageflags, PG_anon_exclusive) & 1;
	if (flags_of(head) >> bpf_core_enum_value(enum pageflags, PG_head) & 1)
		read_large(row, (struct folio *)head);
	return 0;
}

// Completes the first rows of the array. A folio's mapping and index are those of its head, exclusivity is each page's own.
SEC("syscall")
int read_pages(struct read_args *args)
{
	struct read_args copy = *args;

	bpf_loop(copy.count, read_page, &copy, 0);
	return 0;
}
