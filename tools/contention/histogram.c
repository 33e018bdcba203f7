// Times in classes of equal relative width.
#include "contention.h"

static int octave_of(uint64_t time, int bits)
{
	int highest = 63 - __builtin_clzll(time | 1);

	return highest > bits ? highest - bits : 0;
}

void add_time(struct histogram *histogram, uint64_t time)
{
	int octave = octave_of(time, 5);
	unsigned int class = octave * 32 + (time >> octave);

	if (class >= sizeof(histogram->classes) / sizeof(histogram->classes[0]))
		class = sizeof(histogram->classes) / sizeof(histogram->classes[0]) - 1;
	histogram->classes[class]++;
	histogram->count++;
	if (time > histogram->longest)
		histogram->longest = time;
}

void add_histogram(struct histogram *sum, const struct histogram *more)
{
	for (unsigned int i = 0; i < sizeof(sum->classes) / sizeof(sum->classes[0]); i++)
		sum->classes[i] += more->classes[i];
	sum->count += more->count;
	if (more->longest > sum->longest)
		sum->longest = more->longest;
}

// The time that a part of all do not exceed, in microseconds.
double quantile(const uint64_t *classes, int per_octave, uint64_t count, uint64_t longest, double part)
{
	double left = part * count;

	for (int i = 0; i < per_octave * 40 && count; i++) {
		int octave = i / per_octave > 0 ? i / per_octave - 1 : 0;
		double middle = (double)((uint64_t)(i - octave * per_octave) << octave) + (1ULL << octave) / 2;

		left -= classes[i];
		if (left <= 0)
			return (middle < longest ? middle : longest) / 1e3;
	}
	return longest / 1e3;
}
