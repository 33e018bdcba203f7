// The part of the oracle that looks into the kernel. It only reads: what the kernel keeps for a VMA, and what it keeps for a page.
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "records.h"

#define MAX_CHAIN 512
#define MAPPING_TAIL 1UL

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

static long read_page(u32 step, void *context)
{
	struct read_args *args = context;
	struct page_row *row = bpf_map_lookup_elem(&page_rows, &step);
	unsigned long size = bpf_core_type_size(struct page), head, address, link, flags;

	if (!row)
		return 1;
	address = args->first_page + row->frame * size;
	link = BPF_CORE_READ((struct page *)address, compound_head);
	head = link & MAPPING_TAIL ? link - MAPPING_TAIL : address;
	if (bpf_probe_read_kernel(&flags, sizeof(flags), (void *)address + bpf_core_field_offset(struct page, flags)))
		flags = 0;
	row->mapping = (u64)BPF_CORE_READ((struct folio *)head, mapping);
	row->index = BPF_CORE_READ((struct folio *)head, index) + (address - head) / size;
	row->exclusive = flags >> bpf_core_enum_value(enum pageflags, PG_anon_exclusive) & 1;
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
