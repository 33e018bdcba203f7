namespace RcuModel.Analyzers.Tests;

public class StaticStateTests
{
    [Fact]
    public Task Static_mutable_state_is_reported() => Verifier.ModelCode("""
        class Mm
        {
            private static int {|RCU002:s_count|};
            public static int {|RCU002:Count|} { get; set; }
            public static event Action? {|RCU002:Changed|};
            private static readonly int[] {|RCU002:s_sizes|} = [1, 2];
            private static readonly Cell<int>[] {|RCU002:s_cells|} = new Cell<int>[2];
            private static readonly List<int> {|RCU002:s_list|} = [];
            private static readonly IDictionary<int, int> {|RCU002:s_map|} = new Dictionary<int, int>();
            private static readonly StringBuilder {|RCU002:s_text|} = new();
            public static List<int> {|RCU002:List|} { get; } = [];
            private static Cell<int> {|RCU002:s_cell|};
            private static readonly Cell<int> {|RCU002:s_fixed|};
            private static readonly Mm {|RCU002:s_init|} = new();
            [ThreadPrivate("no excuse")] private static int {|RCU002:s_private|};
            private Cell<int> _users;
        }

        interface IWalk { static int {|RCU002:Depth|}; }
        """);

    [Fact]
    public Task Static_constants_are_fine() => Verifier.ModelCode("""
        class Mm
        {
            private const int Size = 4096;
            private static readonly int s_shift = 12;
            private static readonly string s_name = "mm";
            private static readonly ImmutableArray<int> s_sizes = [1, 2];
            private static readonly FrozenSet<int> s_set = FrozenSet<int>.Empty;
            private static readonly IReadOnlyList<int> s_list = [1];
            private static readonly Func<int, int> s_next = x => x + 1;
            private static readonly IComparer<int> s_comparer = Comparer<int>.Default;
            public static int Shift { get; } = 12;
            public static int Mask => Size - 1;
            public static ReadOnlySpan<int> Sizes => [1, 2];
        }
        """);
}
