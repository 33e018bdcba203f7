// The part that runs in the kernel: when a process of the session that is measured waits for a lock, where, and how long.
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "wait_row.h"

char _license[] SEC("license") = "GPL";

// Set before it is loaded, and before anything is measured.
volatile int session;

unsigned long long lost;

static struct wait_row nothing;

struct waiter {
	u64 lock;
	u32 thread;
	u32 unused;
};

struct wait {
	u64 since;
	struct wait_place place;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct waiter);
	__type(value, struct wait);
} waits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 4096);
	__uint(key_size, sizeof(u32));
	__uint(value_size, WAIT_FRAMES * sizeof(u64));
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, WAIT_PLACES);
	__type(key, struct wait_place);
	__type(value, struct wait_row);
} rows SEC(".maps");

static bool is_measured(struct task_struct *task)
{
	return session && BPF_CORE_READ(task, signal, pids[PIDTYPE_SID], numbers[0].nr) == session;
}

static u32 class_of(u64 time)
{
	u32 octave = 0;
	u64 rest = time;

	// The place of the highest bit, by halves: there is no instruction for it here.
	for (int half = 32; half; half /= 2) {
		if (rest >> half) {
			rest >>= half;
			octave += half;
		}
	}
	octave = octave > 2 ? octave - 2 : 0;
	return octave * 4 + (u32)(time >> octave);
}

SEC("tp_btf/contention_begin")
int BPF_PROG(begin, void *lock, unsigned int flags)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct waiter who = { .lock = (u64)lock, .thread = (u32)bpf_get_current_pid_tgid() };
	struct wait wait = {};
	long stack;

	// Who spins for a mutex first and sleeps for it then begins twice.
	if (!is_measured(task) || bpf_map_lookup_elem(&waits, &who))
		return 0;
	stack = bpf_get_stackid(ctx, &stacks, 0);
	if (stack < 0) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	wait.since = bpf_ktime_get_ns();
	wait.place.stack = stack;
	wait.place.flags = flags;
	bpf_map_update_elem(&waits, &who, &wait, BPF_ANY);
	return 0;
}

SEC("tp_btf/contention_end")
int BPF_PROG(end, void *lock, int result)
{
	struct waiter who = { .lock = (u64)lock, .thread = (u32)bpf_get_current_pid_tgid() };
	struct wait *wait = bpf_map_lookup_elem(&waits, &who);
	struct wait_place place;
	struct wait_row *row;
	u64 time;
	u32 class;

	if (!wait)
		return 0;
	time = bpf_ktime_get_ns() - wait->since;
	place = wait->place;
	bpf_map_delete_elem(&waits, &who);
	row = bpf_map_lookup_elem(&rows, &place);
	if (!row) {
		bpf_map_update_elem(&rows, &place, &nothing, BPF_NOEXIST);
		row = bpf_map_lookup_elem(&rows, &place);
	}
	if (!row) {
		__sync_fetch_and_add(&lost, 1);
		return 0;
	}
	__sync_fetch_and_add(&row->count, 1);
	__sync_fetch_and_add(&row->total, time);
	if (time > row->longest)
		row->longest = time;
	class = class_of(time);
	if (class < WAIT_CLASSES)
		__sync_fetch_and_add(&row->classes[class], 1);
	return 0;
}
