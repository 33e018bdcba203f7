// Runs scripts with real system calls in real processes on the kernel of this machine, and prints what became of its structures.
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "oracle.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

// Whoever speaks to the runner asks for this with --check: it changes with the protocol of --batch.
#define VERSION "rcumodel-oracle 5"

static const char s_usage[] =
	"usage: rcumodel-oracle [--cpu N] FILE     one script; - is standard input\n"
	"       rcumodel-oracle [--cpu N] --batch  scripts from standard input, a line --- after each; so are the outputs,\n"
	"                                          with one such line before the first, when no other runner is at work\n"
	"       rcumodel-oracle --check            prints its version if it can run here, or why it cannot\n";

void refuse(const char *format, ...)
{
	va_list arguments;

	fflush(stdout);
	fputs("oracle: ", stderr);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	end_processes();
	exit(2);
}

// Runs one script, up to a separator or the end of the file. False at the end of a file that has no script any more.
static bool run_script(FILE *in, const char *separator)
{
	static char *text;
	static size_t size;
	struct operation operation;
	bool any = false, swap_known = false;

	have_orders(1 << LARGEST_ORDER, 0);
	start_processes();
	for (int line = 1; getline(&text, &size, in) > 0; line++) {
		int error;

		if (separator && !strncmp(text, separator, strlen(separator)) && text[strlen(separator)] <= '\n') {
			any = true;
			break;
		}
		any = true;
		if (!parse_line(text, line, &operation))
			continue;
		if (operation.kind == OP_DUMP) {
			dump(stdout);
			continue;
		}
		if (operation.kind == OP_THP) {
			have_orders(operation.flag, line);
			continue;
		}
		if (operation.kind == OP_KSM) {
			share_equal_pages(line);
			drain_batches();
			continue;
		}
		if (operation.kind == OP_SHRINK) {
			shrink(line);
			continue;
		}
		if (operation.kind == OP_MADVISE && operation.flag == MADV_PAGEOUT && !swap_known) {
			require_swap_in_memory(line);
			swap_known = true;
		}
		error = perform(&operation, line);
		drain_batches();
		if (error)
			printf("line %d: %s\n", line, strerrorname_np(error));
	}
	end_processes();
	return any;
}

int main(int count, char **words)
{
	const char *path = NULL;
	bool batch = false, check = false;
	int cpu = -1;
	FILE *in = stdin;

	for (int i = 1; i < count; i++) {
		if (!strcmp(words[i], "--batch"))
			batch = true;
		else if (!strcmp(words[i], "--check"))
			check = true;
		else if (!strcmp(words[i], "--cpu") && i + 1 < count)
			cpu = atoi(words[++i]);
		else if (!path && (words[i][0] != '-' || !words[i][1]))
			path = words[i];
		else
			path = "", i = count;
	}
	if (batch + check + (path && *path) != 1) {
		fputs(s_usage, stderr);
		return 2;
	}
	if (path && strcmp(path, "-") && !(in = fopen(path, "re")))
		refuse("%s: %s", path, strerror(errno));

	prepare_dump();
	if (check) {
		puts(VERSION);
		return 0;
	}
	settle(cpu);
	prepare_processes();
	if (!batch) {
		run_script(in, NULL);
		return 0;
	}
	do {
		puts("---");
		fflush(stdout);
	} while (run_script(in, "---"));
	return 0;
}
