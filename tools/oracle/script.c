// The language of scripts: what a line says.
#define _GNU_SOURCE
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include "oracle.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

struct word {
	const char *text;
	int value;
};

// The arguments of each operation: S start of a range whose length is the next number, D the same number of pages elsewhere,
// N a length at the first start, P a page, C a count of pages from there (one unless given), p protection (rw unless given),
// r protection, f the word file and a page of it (anonymous memory unless given), a advice, n a new name, h the word holes or
// nothing, O orders or '-'.
static const struct {
	const char *name;
	enum kind kind;
	const char *arguments;
} s_operations[] = {
	{ "mmap", OP_MMAP, "SLpf" }, { "munmap", OP_MUNMAP, "SL" }, { "mremap", OP_MREMAP, "SLD" }, { "resize", OP_RESIZE, "SLN" },
	{ "dontunmap", OP_DONTUNMAP, "SLD" }, { "mprotect", OP_MPROTECT, "SLr" }, { "write", OP_WRITE, "PC" }, { "read", OP_READ, "PC" },
	{ "madvise", OP_MADVISE, "SLa" }, { "fork", OP_FORK, "n" }, { "exit", OP_EXIT, "" }, { "uffdmove", OP_UFFDMOVE, "SLDh" },
};

// Those of the machine, not of a process.
static const struct {
	const char *name;
	enum kind kind;
	const char *arguments;
} s_statements[] = {
	{ "dump", OP_DUMP, "" }, { "thp", OP_THP, "O" }, { "shrink", OP_SHRINK, "" }, { "ksm", OP_KSM, "" },
};

static const struct word s_advice[] = {
	{ "dontneed", MADV_DONTNEED }, { "free", MADV_FREE }, { "pageout", MADV_PAGEOUT }, { "dontfork", MADV_DONTFORK },
	{ "dofork", MADV_DOFORK }, { "wipeonfork", MADV_WIPEONFORK }, { "dontdump", MADV_DONTDUMP }, { "dodump", MADV_DODUMP },
	{ "mergeable", MADV_MERGEABLE }, { "unmergeable", MADV_UNMERGEABLE }, { "hugepage", MADV_HUGEPAGE },
	{ "nohugepage", MADV_NOHUGEPAGE }, { "collapse", MADV_COLLAPSE },
};

static char *next_word(char **rest)
{
	char *word;

	do
		word = strsep(rest, " \t\r\n");
	while (word && !*word);
	return word;
}

static unsigned long number(const char *word, int line)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (!isdigit((unsigned char)*word) || *end || value > WINDOW_PAGES)
		refuse("line %d: expected a number of pages up to %llu, found '%s'", line, WINDOW_PAGES, word);
	return value;
}

static int protection(const char *word, int line)
{
	int flags = 0;

	for (const char *letter = word; strcmp(word, "-") && *letter; letter++) {
		if (!strchr("rwx", *letter))
			refuse("line %d: expected a protection of the letters r, w and x, or '-', found '%s'", line, word);
		flags |= *letter == 'r' ? PROT_READ : *letter == 'w' ? PROT_WRITE : PROT_EXEC;
	}
	return flags;
}

static int advice(const char *word, int line)
{
	for (size_t i = 0; i < sizeof(s_advice) / sizeof(*s_advice); i++)
		if (!strcmp(word, s_advice[i].text))
			return s_advice[i].value;
	refuse("line %d: there is no advice '%s'", line, word);
}

static int order(const char *word, int line)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	// Anonymous memory has no folios of two pages.
	if (!isdigit((unsigned char)*word) || *end || value < 2 || value > LARGEST_ORDER)
		refuse("line %d: expected an order from 2 to %d, found '%s'", line, LARGEST_ORDER, word);
	return value;
}

static void copy_name(char *to, const char *word, int line)
{
	if (strlen(word) >= MAX_NAME)
		refuse("line %d: the name '%s' has more than %d letters", line, word, MAX_NAME - 1);
	strcpy(to, word);
}

static void parse_arguments(const char *arguments, char *rest, int line, struct operation *operation)
{
	int count = 0;
	char *word = next_word(&rest);

	for (; *arguments; arguments++) {
		bool optional = strchr("Cphf", *arguments);

		if (!word && !optional)
			refuse("line %d: something is missing at its end", line);
		if (*arguments == 'p' && word && !strcmp(word, "file")) {
			operation->flag = PROT_READ | PROT_WRITE;
			continue;
		}
		switch (*arguments) {
		case 'C':
			operation->number[count++] = word ? number(word, line) : 1;
			break;
		case 'p':
		case 'r':
			operation->flag = word ? protection(word, line) : PROT_READ | PROT_WRITE;
			break;
		case 'f':
			if (!word)
				break;
			if (strcmp(word, "file"))
				refuse("line %d: expected 'file', found '%s'", line, word);
			word = next_word(&rest);
			if (!word)
				refuse("line %d: something is missing at its end", line);
			operation->of_file = true;
			operation->number[count++] = number(word, line);
			break;
		case 'a':
			operation->flag = advice(word, line);
			break;
		case 'n':
			copy_name(operation->child, word, line);
			break;
		case 'h':
			if (word && strcmp(word, "holes"))
				refuse("line %d: expected 'holes', found '%s'", line, word);
			operation->flag = word != NULL;
			break;
		case 'O':
			for (; word && strcmp(word, "-"); word = next_word(&rest))
				operation->flag |= 1 << order(word, line);
			break;
		default:
			operation->number[count++] = number(word, line);
		}
		word = next_word(&rest);
	}
	if (word)
		refuse("line %d: there is something left at its end", line);
}

// Nothing may reach beyond the window, where the runner does not look.
static void check_range(unsigned long start, unsigned long length, int line)
{
	if (start >= WINDOW_PAGES || length > WINDOW_PAGES - start)
		refuse("line %d: pages end at %llu", line, WINDOW_PAGES);
}

bool parse_line(char *text, int line, struct operation *operation)
{
	char *rest = text, *word;

	memset(operation, 0, sizeof(*operation));
	text[strcspn(text, "#")] = 0;
	word = next_word(&rest);
	if (!word)
		return false;
	for (size_t i = 0; i < sizeof(s_statements) / sizeof(*s_statements); i++)
		if (!strcmp(word, s_statements[i].name)) {
			operation->kind = s_statements[i].kind;
			parse_arguments(s_statements[i].arguments, rest, line, operation);
			return true;
		}
	copy_name(operation->process, word, line);
	word = next_word(&rest);
	for (size_t i = 0; word && i < sizeof(s_operations) / sizeof(*s_operations); i++) {
		if (strcmp(word, s_operations[i].name))
			continue;
		operation->kind = s_operations[i].kind;
		parse_arguments(s_operations[i].arguments, rest, line, operation);
		check_range(operation->number[0], operation->number[1], line);
		if (operation->kind == OP_RESIZE)
			check_range(operation->number[0], operation->number[2], line);
		if (operation->kind == OP_MREMAP || operation->kind == OP_DONTUNMAP || operation->kind == OP_UFFDMOVE)
			check_range(operation->number[2], operation->number[1], line);
		return true;
	}
	refuse("line %d: there is no operation '%s'", line, word ? word : "");
}
