using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace RcuModel.Bench;

/// <summary>
/// Runs the benchmarks of a class in turns of well under a millisecond and keeps the fastest turn of each. On a machine
/// that others use too, means compare moments; the fastest turns compare the code.
/// </summary>
internal static class Ratios
{
    private const int Turns = 4000;
    private const double MicrosecondsPerTurn = 30;

    public static int Run(Type type, string[] options)
    {
        string wanted = options is [var filter, ..] ? filter : "";
        object target = Activator.CreateInstance(type)!;
        var groups = type.GetMethods()
            .Select(method => new Candidate(method, target))
            .Where(candidate => candidate.IsBenchmark)
            .GroupBy(candidate => candidate.Category)
            .Where(group => group.Any(one => one.Name.Contains(wanted, StringComparison.OrdinalIgnoreCase)))
            .ToList();
        if (groups.Count == 0)
        {
            Console.Error.WriteLine($"No benchmark has '{wanted}' in its name.");
            return 1;
        }

        Console.WriteLine("| group | benchmark | ns | ratio |");
        Console.WriteLine("|---|---|---:|---:|");
        foreach (var group in groups)
        {
            List<Candidate> candidates = [.. group.OrderByDescending(one => one.IsBaseline)];
            foreach (Candidate one in candidates)
                one.WarmUp(MicrosecondsPerTurn);
            for (int turn = 0; turn < Turns; turn++)
            {
                foreach (Candidate one in candidates)
                    one.Turn();
            }

            foreach (Candidate one in candidates)
            {
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"| {one.Category} | {one.Name} | {one.Best:0.00} | {one.Best / candidates[0].Best:0.00} |"));
            }
        }

        return 0;
    }

    private sealed class Candidate
    {
        private readonly Action? _run;
        private readonly int _operations = 1;
        private int _calls = 1;

        public Candidate(MethodInfo method, object target)
        {
            Name = method.Name;
            Category = method.GetCustomAttribute<BenchmarkCategoryAttribute>()?.Categories[0] ?? "";
            if (method.GetCustomAttribute<BenchmarkAttribute>() is not { } attribute)
                return;
            IsBenchmark = true;
            IsBaseline = attribute.Baseline;
            _operations = attribute.OperationsPerInvoke;
            if (method.ReturnType == typeof(int))
            {
                var function = method.CreateDelegate<Func<int>>(target);
                _run = () => function();
            }
            else
            {
                _run = method.CreateDelegate<Action>(target);
            }
        }

        public string Name { get; }

        public string Category { get; }

        public bool IsBenchmark { get; }

        public bool IsBaseline { get; }

        public double Best { get; private set; } = double.MaxValue;

        /// <summary>Lets the JIT come to its last tier, and finds how many calls fill a turn.</summary>
        public void WarmUp(double microseconds)
        {
            for (int round = 0; round < 4; round++)
            {
                for (int i = 0; i < 60; i++)
                    _run!();
                Thread.Sleep(120);
            }

            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < 20; i++)
                _run!();
            double each = Stopwatch.GetElapsedTime(begin).TotalMicroseconds / 20;
            _calls = (int)Math.Clamp(microseconds / each, 1, 1_000_000);
        }

        public void Turn()
        {
            long begin = Stopwatch.GetTimestamp();
            for (int i = 0; i < _calls; i++)
                _run!();
            double nanoseconds = Stopwatch.GetElapsedTime(begin).TotalNanoseconds;
            Best = Math.Min(Best, nanoseconds / ((double)_calls * _operations));
        }
    }
}
