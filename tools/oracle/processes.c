// The processes of a script. Each performs its operations itself, in turn with the runner, which hands them over in shared memory.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/userfaultfd.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "oracle.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

// Newer than some systems' linux/userfaultfd.h.
#ifndef UFFDIO_MOVE
struct uffdio_move {
	uint64_t dst, src, len, mode;
	int64_t move;
};
#define UFFDIO_MOVE _IOWR(UFFDIO, 0x05, struct uffdio_move)
#define UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES (1ULL << 1)
#define UFFD_FEATURE_MOVE (1 << 16)
#endif

// Whose turn it is. The process has it from its birth until it waits for its first operation.
enum { TURN_RUNNER, TURN_PROCESS };

struct desk {
	int turn;
	int error;
	int child;		// of a fork: the desk of the new process,
	pid_t child_id;		// and who it is
	struct operation operation;
};

struct process processes[MAX_PROCESSES];
int process_count;

static struct desk *s_desks;
static sigjmp_buf s_fault;

// What a script can map that is not anonymous: a file in memory, of which nothing is there before it is touched.
static int s_file = -1;

static void set_turn(struct desk *desk, int turn)
{
	__atomic_store_n(&desk->turn, turn, __ATOMIC_RELEASE);
	syscall(SYS_futex, &desk->turn, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void *at(unsigned long page)
{
	return (void *)(WINDOW_START + page * WINDOW_PAGE_SIZE);
}

static void on_fault(int signal)
{
	(void)signal;
	siglongjmp(s_fault, 1);
}

// The accesses are those of a program, with the signal that a program would get. Apart from where it is caught, so that the
// compiler keeps nothing of this in registers across the jump.
static __attribute__((noinline)) void touch_each(unsigned long page, unsigned long count, bool store)
{
	for (unsigned long i = page; i < page + count; i++) {
		volatile char *byte = at(i);

		if (store)
			*byte = 1 + i % 3;
		else
			(void)*byte;
	}
}

static int touch(const struct operation *operation)
{
	if (sigsetjmp(s_fault, 0))
		return EFAULT;
	touch_each(operation->number[0], operation->number[1], operation->kind == OP_WRITE);
	return 0;
}

static int error_of(bool failed)
{
	return failed ? errno : 0;
}

static int move(const struct operation *operation, int flags)
{
	size_t length = operation->number[1] * WINDOW_PAGE_SIZE;

	return error_of(mremap(at(operation->number[0]), length, length, flags, at(operation->number[2])) == MAP_FAILED);
}

// The target is registered for the time of the move only, and no longer in anybody's hands afterwards.
static int move_by_userfaultfd(const struct operation *operation)
{
	size_t length = operation->number[1] * WINDOW_PAGE_SIZE;
	uintptr_t source = (uintptr_t)at(operation->number[0]), target = (uintptr_t)at(operation->number[2]);
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_MOVE };
	struct uffdio_register target_range = { .range = { target, length }, .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_move request = {
		.dst = target, .src = source, .len = length, .mode = operation->flag ? UFFDIO_MOVE_MODE_ALLOW_SRC_HOLES : 0,
	};
	int file = syscall(SYS_userfaultfd, O_CLOEXEC), error;

	if (file < 0)
		return errno;
	error = error_of(ioctl(file, UFFDIO_API, &api) || ioctl(file, UFFDIO_REGISTER, &target_range));
	if (!error) {
		error = error_of(ioctl(file, UFFDIO_MOVE, &request));
		ioctl(file, UFFDIO_UNREGISTER, &target_range.range);
	}
	close(file);
	return error;
}

static int map(const struct operation *operation)
{
	size_t length = operation->number[1] * WINDOW_PAGE_SIZE;

	return error_of(mmap(at(operation->number[0]), length, operation->flag,
		MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE | (operation->of_file ? 0 : MAP_ANONYMOUS),
		operation->of_file ? s_file : -1, operation->number[2] * WINDOW_PAGE_SIZE) == MAP_FAILED);
}

static int call(const struct operation *operation)
{
	void *start = at(operation->number[0]);
	size_t length = operation->number[1] * WINDOW_PAGE_SIZE;

	switch (operation->kind) {
	case OP_MMAP:
		return map(operation);
	case OP_MUNMAP:
		return error_of(munmap(start, length));
	case OP_MREMAP:
		return move(operation, MREMAP_MAYMOVE | MREMAP_FIXED);
	case OP_DONTUNMAP:
		return move(operation, MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP);
	case OP_UFFDMOVE:
		return move_by_userfaultfd(operation);
	case OP_RESIZE:
		return error_of(mremap(start, length, operation->number[2] * WINDOW_PAGE_SIZE, 0) == MAP_FAILED);
	case OP_MPROTECT:
		return error_of(mprotect(start, length, operation->flag));
	case OP_MADVISE:
		return error_of(madvise(start, length, operation->flag));
	case OP_WRITE:
	case OP_READ:
		return touch(operation);
	default:
		return EINVAL;
	}
}

static _Noreturn void work(int me)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		struct desk *desk = &s_desks[me];

		set_turn(desk, TURN_RUNNER);
		while (__atomic_load_n(&desk->turn, __ATOMIC_ACQUIRE) == TURN_RUNNER)
			syscall(SYS_futex, &desk->turn, FUTEX_WAIT, TURN_RUNNER, NULL, NULL, 0);
		if (desk->operation.kind == OP_EXIT)
			_exit(0);
		if (desk->operation.kind != OP_FORK) {
			desk->error = call(&desk->operation);
			continue;
		}

		// The child is the runner's, whoever forks it: only a parent can wait until it is gone.
		pid_t child = syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL, 0);
		if (child == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			me = desk->child;
		} else {
			desk->error = error_of(child < 0);
			desk->child_id = child;
		}
	}
}

static void await_runner_turn(int index, int line)
{
	struct desk *desk = &s_desks[index];
	struct timespec patience = { .tv_sec = 1 };

	while (__atomic_load_n(&desk->turn, __ATOMIC_ACQUIRE) == TURN_PROCESS) {
		syscall(SYS_futex, &desk->turn, FUTEX_WAIT, TURN_PROCESS, &patience, NULL, 0);
		if (processes[index].id && waitpid(processes[index].id, NULL, WNOHANG) == processes[index].id)
			refuse("line %d: %s was killed from outside", line, processes[index].name);
	}
}

static int find(const char *name)
{
	for (int i = 0; i < process_count; i++)
		if (processes[i].alive && !strcmp(processes[i].name, name))
			return i;
	return -1;
}

static int add(const char *name)
{
	struct process *process = &processes[process_count];

	memset(process, 0, sizeof(*process));
	memset(&s_desks[process_count], 0, sizeof(*s_desks));
	strcpy(process->name, name);
	process->alive = true;
	s_desks[process_count].turn = TURN_PROCESS;
	return process_count++;
}

void prepare_processes(void)
{
	struct sigaction action = { .sa_handler = on_fault, .sa_flags = SA_NODEFER };

	s_desks = mmap(NULL, sizeof(*s_desks) * MAX_PROCESSES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s_desks == MAP_FAILED)
		refuse("mmap: %s", strerror(errno));
	// The processes inherit this. The runner itself touches nothing in the window.
	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

void start_processes(void)
{
	int first;

	process_count = 0;
	s_file = memfd_create("script", MFD_CLOEXEC);
	if (s_file < 0 || ftruncate(s_file, FILE_PAGES * WINDOW_PAGE_SIZE))
		refuse("memfd: %s", strerror(errno));
	first = add("p0");
	fflush(NULL);
	processes[first].id = fork();
	if (processes[first].id < 0)
		refuse("fork: %s", strerror(errno));
	if (processes[first].id == 0)
		work(first);
	await_runner_turn(first, 0);
}

void end_processes(void)
{
	for (int i = 0; i < process_count; i++)
		if (processes[i].alive && processes[i].id > 0)
			kill(processes[i].id, SIGKILL);
	for (int i = 0; i < process_count; i++)
		if (processes[i].alive && processes[i].id > 0)
			waitpid(processes[i].id, NULL, 0);
	process_count = 0;
	if (s_file >= 0)
		close(s_file);
	s_file = -1;
}

static int perform_fork(int parent, int line)
{
	struct desk *desk = &s_desks[parent];
	int child;

	if (find(desk->operation.child) >= 0)
		refuse("line %d: there is a process %s already", line, desk->operation.child);
	if (process_count == MAX_PROCESSES)
		refuse("line %d: more than %d processes", line, MAX_PROCESSES);
	child = desk->child = add(desk->operation.child);
	set_turn(desk, TURN_PROCESS);
	await_runner_turn(parent, line);
	if (desk->error) {
		process_count--;
		return desk->error;
	}
	processes[child].id = desk->child_id;
	await_runner_turn(child, line);
	return 0;
}

int perform(const struct operation *operation, int line)
{
	int index = find(operation->process);
	struct desk *desk;

	if (index < 0)
		refuse("line %d: there is no process %s", line, operation->process);
	desk = &s_desks[index];
	desk->operation = *operation;
	desk->error = 0;
	if (operation->kind == OP_FORK)
		return perform_fork(index, line);
	set_turn(desk, TURN_PROCESS);
	if (operation->kind == OP_EXIT) {
		// A process that can be waited for has given up its memory.
		waitpid(processes[index].id, NULL, 0);
		processes[index].alive = false;
		return 0;
	}
	await_runner_turn(index, line);
	return desk->error;
}
