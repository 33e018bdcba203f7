// A run of Coyote takes its process to one CPU, and there is one at a time in any case.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
