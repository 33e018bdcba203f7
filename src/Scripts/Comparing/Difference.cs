namespace RcuModel.Scripts;

/// <summary>A script for which the kernel and a machine do not print the same.</summary>
/// <param name="Script">The script.</param>
/// <param name="Kernel">The lines of the kernel.</param>
/// <param name="Machine">The lines of the machine.</param>
public sealed record Difference(MmScript Script, IReadOnlyList<string> Kernel, IReadOnlyList<string> Machine)
{
    /// <summary>The first line that differs, from 0; it may lie behind the end of one side.</summary>
    public int FirstLine { get; } = Kernel.Zip(Machine).TakeWhile(static pair => pair.First == pair.Second).Count();
}
