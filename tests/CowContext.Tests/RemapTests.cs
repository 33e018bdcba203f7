using RcuModel.Mm;
using RcuModel.Primitives;
using RcuModel.Scripts;

namespace RcuModel.CowContexts.Tests;

/// <summary>What the remap table says of a VMA that was moved and then changes its range, one operation after the other.</summary>
public sealed class RemapTests
{
    private const string Moved = "p0 mmap 16 8\np0 write 16 8\np0 mremap 16 8 64\n";

    [Theory]
    [InlineData("p0 mprotect 66 2 r", "16-23 48")]
    [InlineData("p0 mprotect 66 2 r\np0 mprotect 66 2 rw", "16-23 48")]
    [InlineData("p0 resize 64 8 12", "16-23 48; 24-27 48")]
    [InlineData("p0 resize 64 8 5", "16-20 48")]
    [InlineData("p0 munmap 66 2", "16-17 48; 20-23 48")]
    [InlineData("p0 munmap 64 8", "")]
    [InlineData("p0 mremap 64 8 16", "")]
    [InlineData("p0 mremap 66 2 128", "16-17 48; 18-19 110; 20-23 48")]
    [InlineData("p0 mremap 66 2 18", "16-17 48; 20-23 48")]
    [InlineData("p0 dontunmap 64 8 128", "16-23 112")]
    [InlineData("p0 dontunmap 64 8 128\np0 write 64", "16-23 48 112")]
    public void A_table_follows_its_vmas(string lines, string remaps)
    {
        using TestMachine machine = new TestMachine().Run(Moved + lines);
        Assert.Equal(remaps, machine.Remaps("p0"));
        machine.Check();
    }

    [Fact]
    public void While_pages_move_both_places_are_in_the_table()
    {
        var watch = new MoveWatch();
        using (var machine = new ModelMachine(ModelDesign.Of(new CowContextMap(watch)), KernelRules.V6_18))
            ScriptRunner.Run(ScriptParser.Parse(Moved + "p0 mremap 64 8 128"), machine);
        Assert.Equal(["16-23 48", "16-23 48 112"], watch.Seen);
    }

    // What the table says whenever entries are about to move.
    private sealed class MoveWatch : IStabilisation
    {
        public List<string> Seen { get; } = [];

        public string Name => "watch";

        public GrainRcu? ReadersOf(MmSystem system) => system.Rcu;

        public object? StateOf(CowContext context, Grain grain) => null;

        public MmStruct? Enter(CowContext context, long index, RmapWalk walk) => context.Mm;

        public VmaEntry EnterVma(CowContext context, MmStruct mm, Vma vma, RmapWalk walk) => VmaEntry.Entered;

        public void BeginChange(CowChange change)
        {
            if (change.Kind == CowChangeKind.Move)
                Seen.Add(string.Join("; ", change.Context.Remaps.Ranges().Select(static range => $"{range.First}-{range.Last} {range.Entry}")));
        }
    }
}
