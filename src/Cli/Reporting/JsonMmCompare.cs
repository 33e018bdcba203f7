using RcuModel.Scripts;

namespace RcuModel.Cli.Reporting;

/// <summary>The document of <c>mm compare --json</c>; docs/kernel-oracle.md has its fields.</summary>
internal sealed record JsonMmCompare(
    long Compared, long Scripts, ulong? Seed, int Operations, int Processes, string Kernel, string Outcome, int ExitCode,
    double Seconds, int AskedAgain, JsonMmCompare.Detail? Difference)
{
    public static string WordOf(int code) => code switch
    {
        ExitCodes.Holds => "same",
        ExitCodes.Violated => "different",
        _ => "interrupted",
    };

    internal sealed record Detail(
        long Number, string Script, int OperationsBefore, int Tries, string Smallest, int FirstLine, IReadOnlyList<string> Kernel,
        IReadOnlyList<string> Model, string? File)
    {
        public static Detail? Of(long number, Difference? found, Difference? smallest, int tries, string? file) =>
            found is null || smallest is null
                ? null
                : new Detail(
                    number, found.Script.ToString(), found.Script.Operations.Count, tries, smallest.Script.ToString(),
                    smallest.FirstLine + 1, smallest.Kernel, smallest.Machine, file);
    }
}
