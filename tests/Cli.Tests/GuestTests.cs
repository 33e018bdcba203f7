using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text;
using RcuModel.Cli.Guests;
using RcuModel.CowContexts;
using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Tests;

/// <summary><c>--assembly</c>: what somebody else's assembly brings, and what is said of one that does not fit.</summary>
public sealed class GuestTests : IDisposable
{
    private static readonly string s_guest = Path.Combine(AppContext.BaseDirectory, "RcuModel.Guest.dll");

    private readonly string _folder = Directory.CreateTempSubdirectory("rcumodel-guest").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Its_alternatives_are_rows_of_the_matrix_and_its_scenarios_are_explored()
    {
        InProcess run = Run(
            "matrix", "--assembly", s_guest, "--scenarios", "guest-unmap,reclaim-read", "--stabilisations", "bystander,root-lock", "--workers", "1",
            "--designs", "cow-context", "--time", "5");
        Assert.Equal(ExitCodes.Holds, run.Code);
        Assert.Matches(@"guest-unmap +verified \(\d+\) +violated", run.Out);
        Assert.Contains("4 of 4 cells", run.Out, StringComparison.Ordinal);

        string trace = Path.Combine(_folder, "guest-unmap_bystander.json");
        Assert.Equal(ExitCodes.Violated, Run("replay", trace, "--assembly", s_guest).Code);
        InProcess without = Run("replay", trace);
        Assert.Equal(ExitCodes.Usage, without.Code);
        Assert.Contains("there is no scenario called \"guest-unmap@bystander\"", without.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Checked_and_run_is_what_it_brings()
    {
        InProcess one = Run("check", "--assembly", s_guest, "guest-handover");
        Assert.Equal(ExitCodes.Holds, one.Code);
        InProcess stress = Run("stress", "--assembly", s_guest, "guests", "--runs", "20");
        Assert.Equal(ExitCodes.Holds, stress.Code);

        InProcess list = Run("list", "--assembly", s_guest);
        Assert.Equal(ExitCodes.Holds, list.Code);
        Assert.Contains("guest-handover", list.Out, StringComparison.Ordinal);
        Assert.Contains("guest-unmap@bystander", list.Out, StringComparison.Ordinal);
        Assert.Contains("migrate-unmap@bystander", list.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("@root-lock", list.Out, StringComparison.Ordinal);
        Assert.Contains("bystander (cow-context)", Run("matrix", "list", "--assembly", s_guest).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_none_is_refused()
    {
        string text = Path.Combine(_folder, "text.dll");
        File.WriteAllText(text, "no assembly");
        Refused("text.dll is not a .NET assembly that can be run", text);
        Refused("nowhere.dll does not exist", Path.Combine(_folder, "nowhere.dll"));
        Refused("is a folder, not an assembly", _folder);
        Refused("RcuModel.Scenarios.dll is a part of rcumodel itself", Path.Combine(AppContext.BaseDirectory, "RcuModel.Scenarios.dll"));
        Refused("xunit.assert.dll does not use RcuModel, so there is nothing in it to explore", Path.Combine(AppContext.BaseDirectory, "xunit.assert.dll"));
        Refused("the name \"bystander\" of its alternative is taken", s_guest, s_guest);
    }

    [Fact]
    public void One_that_is_built_against_another_RcuModel_is_refused()
    {
        byte[] image = File.ReadAllBytes(s_guest);
        using (var file = new PEReader(new MemoryStream(image)))
        {
            MetadataReader metadata = file.GetMetadataReader();
            int row = 0;
            foreach (AssemblyReferenceHandle handle in metadata.AssemblyReferences)
            {
                if (metadata.GetString(metadata.GetAssemblyReference(handle).Name) == "RcuModel.Mm")
                    row = MetadataTokens.GetRowNumber(handle);
            }

            // A row begins with the four parts of the version, of which the second one is changed.
            int at = file.PEHeaders.MetadataStartOffset + metadata.GetTableMetadataOffset(TableIndex.AssemblyRef)
                + ((row - 1) * metadata.GetTableRowSize(TableIndex.AssemblyRef));
            image[at + 2] = 9;
        }

        Refused("is built against RcuModel.Mm 0.9.0, and this tool is 0.1.0; build it again", Written("old.dll", image));
    }

    [Fact]
    public void One_that_uses_what_is_not_there_is_refused()
    {
        byte[] image = File.ReadAllBytes(s_guest);
        int at = image.AsSpan().IndexOf(Encoding.ASCII.GetBytes("\0PutLater\0"));
        image[at + 1] = (byte)'X';
        Refused("does not fit this build of rcumodel: Method not found: 'Void RcuModel.Mm.MmStruct.XutLater()'", Written("misfit.dll", image));
    }

    [Theory]
    [InlineData(typeof(NoConstructor), "does not fit: RcuModel.Cli.Tests.GuestTests.NoConstructor is a stabilisation, but has no public constructor without parameters")]
    [InlineData(typeof(Unfinished), "does not fit: RcuModel.Cli.Tests.GuestTests.Unfinished is a stabilisation, but is abstract")]
    [InlineData(typeof(Open<>), "does not fit: RcuModel.Cli.Tests.GuestTests.Open`1 is a stabilisation, but has type parameters")]
    [InlineData(typeof(Throws), "does not fit: RcuModel.Cli.Tests.GuestTests.Throws cannot be made: InvalidOperationException: not today")]
    [InlineData(typeof(ThrowingProperty), "does not fit: RcuModel.Cli.Tests.GuestTests.ThrowingProperty.Scenarios cannot be read: InvalidOperationException: nor tomorrow")]
    [InlineData(typeof(NullProperty), "does not fit: RcuModel.Cli.Tests.GuestTests.NullProperty.Scenario is null, or has a null in it")]
    [InlineData(typeof(Hidden), "has nothing in it that can be explored: RcuModel.Cli.Tests.GuestTests.Hidden is a stabilisation, but not public")]
    [InlineData(typeof(GuestTests), "has nothing in it that can be explored: no public class that implements IStabilisation")]
    public void A_class_that_does_not_fit_is_refused(Type type, string why)
    {
        UsageException refused = Assert.Throws<UsageException>(() => new GuestTypes("my.dll").Read([type]));
        Assert.StartsWith($"--assembly: my.dll {why}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Who_derives_from_an_abstract_class_is_the_alternative()
    {
        var types = new GuestTypes("my.dll");
        types.Read([typeof(Unfinished), typeof(Finished)]);
        Assert.Equal("finished", Assert.Single(types.Alternatives).Name);
    }

    private InProcess Run(params string[] args) => InProcess.Run(new InProcess.Look { Traces = _folder }, args);

    private void Refused(string why, params string[] files)
    {
        InProcess run = Run(["list", .. files.SelectMany(static file => (string[])["--assembly", file])]);
        Assert.Equal(ExitCodes.Usage, run.Code);
        Assert.StartsWith("rcumodel: --assembly: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(why, Assert.Single(run.Error.TrimEnd('\n').Split('\n')), StringComparison.Ordinal);
        Assert.Empty(run.Out);
    }

    private string Written(string name, byte[] image)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, image);
        return path;
    }

#pragma warning disable CA1034 // Public and nested is what they are about.
    public abstract class Unfinished : IStabilisation
    {
        public virtual string Name => "finished";

        public GrainRcu? ReadersOf(MmSystem system) => system.Rcu;

        public object? StateOf(CowContext context, Grain grain) => null;

        public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => context.Mm;

        public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => VmaEntry.Entered;
    }

    public sealed class Finished : Unfinished;

    public sealed class NoConstructor(int number) : Unfinished
    {
        public int Number => number;
    }

    public sealed class Open<T> : Unfinished;

    public sealed class Throws : Unfinished
    {
        public Throws() => throw new InvalidOperationException("not\ntoday");
    }

    public static class ThrowingProperty
    {
        public static IReadOnlyList<MatrixScenario> Scenarios => throw new InvalidOperationException("nor tomorrow");
    }

    public static class NullProperty
    {
        public static Scenario? Scenario => null;
    }
#pragma warning restore CA1034

    private sealed class Hidden : Unfinished;
}
