using System.Diagnostics;
using RcuModel.Exploration.Handoff;

namespace RcuModel.Exploration.Tests.Handoff;

/// <summary>A CPU is leased once, whoever asks, and comes back however its holder ends.</summary>
public sealed class CpuLeaseTests : IDisposable
{
    private readonly LeaseFolder _folder = new();

    // As many as there are to lease; 0 where there is no leasing, and nothing to test but that.
    private readonly int _count = Math.Min(Linux.AllowedCpus().Length, Environment.ProcessorCount);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AllCpusCanBeHad()
    {
        using CpuLease lease = _folder.Take(_count);
        Assert.Equal(_count, lease.Cpus.Length);
        Assert.Equal(_count > 0, lease.Exclusive);
        Assert.Equal(_count, lease.Cpus.ToArray().Distinct().Count());
        Assert.Subset(Linux.AllowedCpus().ToHashSet(), lease.Cpus.ToArray().ToHashSet());
    }

    [Fact]
    public void NoMoreThanThereAreCanBeHad()
    {
        using CpuLease lease = _folder.Take(int.MaxValue);
        Assert.Equal(_count, lease.Cpus.Length);
    }

    [Fact]
    public void NobodyGetsAnothersCpu()
    {
        int owners = 0;
        int[] holders = new int[8192];
        var threads = Enumerable.Range(0, 4).Select(n => new Thread(() =>
        {
            for (int i = 0; i < 300; i++)
            {
                using CpuLease lease = _folder.Take(1 + ((i + n) % 2));
                foreach (int cpu in lease.Cpus)
                {
                    if (Interlocked.Increment(ref holders[cpu]) != 1)
                        Interlocked.Increment(ref owners);
                }

                foreach (int cpu in lease.Cpus)
                    Interlocked.Decrement(ref holders[cpu]);
            }
        })).ToArray();
        foreach (Thread thread in threads)
            thread.Start();

        foreach (Thread thread in threads)
            thread.Join();

        Assert.Equal(0, owners);
    }

    [Fact]
    public void WhatIsGivenBackCanBeHadAgain()
    {
        if (_count == 0)
            return;

        CpuLease first = _folder.Take(_count);
        using CpuLease second = _folder.Take(_count);
        Assert.False(second.Exclusive);
        first.Shrink(_count - 1);
        Assert.True(second.TryGrow(1));
        Assert.Equal(1, second.Cpus.Length);
        Assert.False(first.TryGrow(_count));
        first.Dispose();
        first.Dispose();
        Assert.Equal(_count > 1, second.TryGrow(_count));
        Assert.Equal(_count, second.Cpus.Length);
        Assert.Throws<ObjectDisposedException>(() => first.TryGrow(1));
    }

    [Fact]
    public void AnotherHandleKeepsACpu()
    {
        if (_count == 0)
            return;

        int cpu = Linux.AllowedCpus()[0];
        using (new FileStream(_folder.FileOf(cpu), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            using CpuLease lease = _folder.Take(_count);
            Assert.DoesNotContain(cpu, lease.Cpus.ToArray());
        }

        using CpuLease after = _folder.Take(_count);
        Assert.Contains(cpu, after.Cpus.ToArray());
    }

    [Fact]
    public void AnotherProcessKeepsACpuUntilItDies()
    {
        if (_count == 0 || !File.Exists("/usr/bin/flock"))
            return;

        int cpu = Linux.AllowedCpus()[0];
        string[] arguments = ["--no-fork", _folder.FileOf(cpu), "sh", "-c", "echo locked; exec sleep 60"];
        var start = new ProcessStartInfo("/usr/bin/flock", arguments)
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using Process other = Process.Start(start)!;
        try
        {
            Assert.Equal("locked", other.StandardOutput.ReadLine());
            using CpuLease lease = _folder.Take(_count);
            Assert.DoesNotContain(cpu, lease.Cpus.ToArray());
        }
        finally
        {
            other.Kill();
            other.WaitForExit();
        }

        using CpuLease after = _folder.Take(_count);
        Assert.Contains(cpu, after.Cpus.ToArray());
    }

    [Fact]
    public void ALeaseThatWasForgottenComesBack()
    {
        if (_count == 0)
            return;

        Forget();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using CpuLease lease = _folder.Take(_count);
        Assert.Equal(_count, lease.Cpus.Length);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        void Forget() => _ = _folder.Take(_count);
    }

    [Fact]
    public void FilesLeftBehindMeanNothing()
    {
        foreach (int cpu in Linux.AllowedCpus())
            File.WriteAllText(_folder.FileOf(cpu), "4711");

        using CpuLease lease = _folder.Take(_count);
        Assert.Equal(_count, lease.Cpus.Length);
    }

    [Fact]
    public void WithoutAFolderThereIsNoLease()
    {
        // A file in its place, and nothing at all: both fail for every user, even one who may write everywhere.
        File.WriteAllText(Path.Combine(_folder.Path, "file"), "");
        string?[] folders = [Path.Combine(_folder.Path, "file"), Path.Combine(_folder.Path, "none"), null];
        foreach (string? folder in folders)
        {
            using CpuLease lease = CpuLease.Take(2, folder);
            Assert.False(lease.Exclusive);
            Assert.False(lease.TryGrow(1));
            Assert.False(lease.OthersStarve());
            Assert.True(_count == 0 ? lease.SharedCpu == -1 : lease.Allowed.Contains(lease.SharedCpu));
        }
    }

    [Fact]
    public void LatecomersAreSpreadEvenly()
    {
        if (_count == 0 || Linux.AllowedCpus().Length > _count)
            return;

        using CpuLease first = _folder.Take(_count);
        CpuLease[] others = [.. Enumerable.Range(0, 3 * _count).Select(_ => _folder.Take(1))];
        foreach (int cpu in first.Cpus)
            Assert.Equal(3, others.Count(o => o.SharedCpu == cpu));

        // So are those that never wanted any.
        CpuLease[] modest = [.. Enumerable.Range(0, _count).Select(_ => _folder.Take(0))];
        Assert.Equal(first.Cpus.ToArray().Order(), modest.Select(m => m.SharedCpu).Order());

        foreach (CpuLease other in others.Concat(modest))
            other.Dispose();
    }

    [Fact]
    public void WhoStarvesIsSeen()
    {
        if (_count == 0)
            return;

        using CpuLease first = _folder.Take(_count);
        Assert.False(first.OthersStarve());
        using (CpuLease second = _folder.Take(1))
        using (CpuLease third = _folder.Take(1))
        {
            Assert.True(first.OthersStarve());
            third.Dispose();
            Assert.True(first.OthersStarve());
            first.Shrink(_count - 1);
            Assert.True(second.TryGrow(1));
            Assert.False(second.OthersStarve());
        }

        Assert.False(first.OthersStarve());
    }
}
