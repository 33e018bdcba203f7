using System.Diagnostics;
using System.Text;

namespace RcuModel.Cli.Tests;

/// <summary>A check that is killed goes on from its file; a file that does not fit is refused in one line.</summary>
public sealed class CheckpointTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rcumodel-tests-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "check");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // RCUMODEL_KILLS and RCUMODEL_KILLED_CHECK have it done for long: 20 and lockers(3,6), say.
    [Fact]
    public void Killed_again_and_again_it_ends_with_the_same_total()
    {
        int kills = int.Parse(Environment.GetEnvironmentVariable("RCUMODEL_KILLS") ?? "3", System.Globalization.CultureInfo.InvariantCulture);
        string check = Environment.GetEnvironmentVariable("RCUMODEL_KILLED_CHECK") ?? "lockers(2,10)";
        int patience = check == "lockers(2,10)" ? 900 : 30_000;
        var random = new Random(7);
        for (int kill = 0; kill < kills; kill++)
        {
            using Process process = ToolProcess.Start("check", check, "--checkpoint", Path, "--checkpoint-every", "0.1", "--workers", "2");
            _ = process.StandardOutput.ReadToEndAsync();
            _ = process.StandardError.ReadToEndAsync();
            Thread.Sleep(random.Next(patience / 3, patience));
            process.Kill();
            process.WaitForExit();
        }

        (int code, string last, _) = ToolProcess.Run("check", check, "--checkpoint", Path, "--workers", "2");
        Assert.Equal(0, code);
        Assert.Contains("everything holds", last, StringComparison.Ordinal);
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void What_a_budget_has_ended_goes_on_with_a_larger_one()
    {
        Assert.Equal(ExitCodes.Budget, InProcess.Run("check", "lockers(3,2)", "mcs-2", "--executions", "50", "--checkpoint", Path).Code);
        Assert.True(File.Exists(Path));
        InProcess rest = InProcess.Run("check", "lockers(3,2)", "mcs-2", "--checkpoint", Path);
        Assert.Equal(ExitCodes.Holds, rest.Code);
        Assert.Contains("90", rest.Out, StringComparison.Ordinal);
        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void What_is_done_is_not_done_again()
    {
        // The first one ends, the second one does not; the document says how long the first one took, to the microsecond.
        Assert.Equal(ExitCodes.Budget, InProcess.Run("check", "ainc(5)", "inc(4)", "--executions", "130", "--checkpoint", Path, "--json").Code);
        string content = File.ReadAllText(Path);
        Assert.Contains("\"item\":\"ainc(5)\"", content, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Holds, InProcess.Run("check", "ainc(5)", "inc(4)", "--checkpoint", Path).Code);
    }

    [Theory]
    [InlineData("", "it is no checkpoint of rcumodel")]
    [InlineData("{}", "it is no checkpoint of rcumodel")]
    [InlineData("rcumodel checkpoint 1", "it is no checkpoint of rcumodel")]
    [InlineData("rcumodel checkpoint x y\n", "it is damaged")]
    [InlineData("rcumodel checkpoint 2 0\n{}", "it has version 2 of the format, and this tool reads version 1")]
    [InlineData("rcumodel checkpoint 1 00\n{}", "it is damaged or cut off: its check sum is wrong")]
    [InlineData("rcumodel checkpoint 1 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\n{}", "it is damaged")]
    public void A_file_that_is_none_is_refused(string content, string why)
    {
        File.WriteAllText(Path, content);
        InProcess run = InProcess.Run("check", "mcs-2", "--checkpoint", Path);
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.Equal($"rcumodel: the checkpoint \"{Path}\" cannot be used: {why}; remove it to begin anew", run.Error.TrimEnd());
        Assert.Equal(content, File.ReadAllText(Path));
    }

    [Fact]
    public void Another_check_and_other_bounds_are_refused()
    {
        _ = InProcess.Run("check", "lockers(3,2)", "--executions", "50", "--checkpoint", Path);
        InProcess other = InProcess.Run("check", "mcs-2", "--checkpoint", Path);
        Assert.Equal(ExitCodes.Usage, other.Code);
        Assert.Contains("it is of a check of lockers(3,2), and this one is of mcs-2", other.Error, StringComparison.Ordinal);
        InProcess bounds = InProcess.Run("check", "lockers(3,2)", "--steps", "77", "--checkpoint", Path);
        Assert.Equal(ExitCodes.Usage, bounds.Code);
        Assert.Contains("it was written with steps=10000, and this exploration has steps=77", bounds.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path));
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_refused_at_once()
    {
        InProcess run = InProcess.Run("check", "mcs-2", "--checkpoint", System.IO.Path.Combine(_folder, "no", "such"));
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.Contains("cannot be written", run.Error, StringComparison.Ordinal);
    }

    // RCUMODEL_CHECKPOINT_MUTATIONS has more of them.
    [Fact]
    public void Damage_never_crashes_the_tool()
    {
        int mutations = int.Parse(
            Environment.GetEnvironmentVariable("RCUMODEL_CHECKPOINT_MUTATIONS") ?? "300", System.Globalization.CultureInfo.InvariantCulture);
        _ = InProcess.Run("check", "lockers(3,2)", "--executions", "50", "--checkpoint", Path);
        byte[] whole = File.ReadAllBytes(Path);
        var random = new Random(3);
        for (int n = 0; n < mutations; n++)
        {
            byte[] damaged = [.. whole];
            switch (random.Next(4))
            {
                case 0:
                    damaged = damaged[..random.Next(damaged.Length)];
                    break;
                case 1:
                    damaged = Resealed(damaged, random);
                    break;
                default:
                    for (int flips = 1 + random.Next(3); flips > 0; flips--)
                        damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                    break;
            }

            File.WriteAllBytes(Path, damaged);
            InProcess run = InProcess.Run("check", "lockers(3,2)", "--checkpoint", Path, "--traces", "none");
            Assert.True(run.Code is ExitCodes.Usage or ExitCodes.Holds or ExitCodes.Violated, $"mutation {n}: {run.Code} {run.Error}");
            Assert.True(run.Error.Count(static c => c == '\n') <= 1, run.Error);
        }
    }

    // Damage below a check sum that is right: somebody has edited the document.
    private static byte[] Resealed(byte[] bytes, Random random)
    {
        int end = Array.IndexOf(bytes, (byte)'\n');
        byte[] content = bytes[(end + 1)..];
        for (int flips = 1 + random.Next(3); flips > 0; flips--)
            content[random.Next(content.Length)] ^= (byte)(1 << random.Next(8));
        string head = "rcumodel checkpoint 1 " + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content)) + "\n";
        return [.. Encoding.ASCII.GetBytes(head), .. content];
    }
}
