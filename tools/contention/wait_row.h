// What the part in the kernel and the rest of the program both know: how often and how long locks were waited for at one place.
#ifndef WAIT_ROW_H
#define WAIT_ROW_H

#define WAIT_PLACES 1024
#define WAIT_FRAMES 24

// Times in nanoseconds, four classes to each power of two.
#define WAIT_CLASSES 160

struct wait_place {
	unsigned int stack;
	unsigned int flags;
};

struct wait_row {
	unsigned long long count;
	unsigned long long total;
	unsigned long long longest;
	unsigned long long classes[WAIT_CLASSES];
};

#endif
