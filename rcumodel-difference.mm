p0 mmap 0 4
p0 fork p1
p1 madvise 0 1 mergeable
p1 write 0
p0 madvise 3 1 mergeable
p0 write 3
ksm
dump
