using RcuModel.Exploration.Handoff;

namespace RcuModel.Exploration.Tests.Handoff;

/// <summary>A folder of lock files that only one test knows.</summary>
internal sealed class LeaseFolder : IDisposable
{
    public LeaseFolder() => Path = Directory.CreateTempSubdirectory("rcumodel-lease-").FullName;

    public string Path { get; }

    public CpuLease Take(int want) => CpuLease.Take(want, Path);

    public string FileOf(int cpu) => System.IO.Path.Combine(Path, CpuLease.FileOf(cpu));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
