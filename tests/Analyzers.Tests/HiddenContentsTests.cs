namespace RcuModel.Analyzers.Tests;

public class HiddenContentsTests
{
    [Fact]
    public Task Mutable_collections_are_reported() => Verifier.ModelCode("""
        class Mm
        {
            private readonly List<int> {|RCU005:_list|} = [];
            private readonly Dictionary<int, int> {|RCU005:_map|} = [];
            private readonly HashSet<int> {|RCU005:_set|} = [];
            private readonly Queue<int> {|RCU005:_queue|} = [];
            private readonly Stack<int> {|RCU005:_stack|} = [];
            private readonly PriorityQueue<int, int> {|RCU005:_priorities|} = new();
            private readonly SortedDictionary<int, int> {|RCU005:_sorted|} = [];
            private readonly ConcurrentDictionary<int, int> {|RCU005:_concurrent|} = new();
            private readonly StringBuilder {|RCU005:_text|} = new();
            private readonly IList<int> {|RCU005:_interface|} = [];
            private readonly System.Collections.BitArray {|RCU005:_bits|} = new(4);
            private readonly int[] {|RCU005:_array|} = [];
            private readonly Mm[] {|RCU005:_objects|} = [];
            private readonly Cell<int>[][] {|RCU005:_jagged|} = [];
            private readonly Memory<int> {|RCU005:_memory|};
            private readonly ImmutableArray<int>.Builder {|RCU005:_builder|} = ImmutableArray.CreateBuilder<int>();
            private readonly Own {|RCU005:_own|} = [];
            public List<int> {|RCU005:List|} { get; } = [];
            public List<int> {|RCU005:Init|} { get; init; } = [];
        }

        class Own : List<int>;
        record Folios(List<int> {|RCU005:All|});
        """);

    [Fact]
    public Task What_cannot_change_is_fine() => Verifier.ModelCode("""
        class Mm
        {
            private readonly ImmutableArray<int> _array = [];
            private readonly ImmutableDictionary<int, int> _map = ImmutableDictionary<int, int>.Empty;
            private readonly FrozenDictionary<int, int> _frozen = FrozenDictionary<int, int>.Empty;
            private readonly IReadOnlyList<int> _list = [];
            private readonly IReadOnlyDictionary<int, int> _readOnly = ImmutableDictionary<int, int>.Empty;
            private readonly IEnumerable<int> _items = [];
            private readonly System.Collections.ObjectModel.ReadOnlyCollection<int> _collection = new([]);
            private readonly ReadOnlyMemory<int> _memory;
            private readonly IComparer<int> _comparer = Comparer<int>.Default;
            private readonly IEqualityComparer<int> _equality = EqualityComparer<int>.Default;
            private readonly KeyValuePair<int, int> _pair;
            private readonly Cell<int>[] _cells = new Cell<int>[4];
            private readonly Ref<Mm>[,] _matrix = new Ref<Mm>[2, 2];
            private readonly SpinLock[] _locks = new SpinLock[4];
            private readonly string _name = "";
            private readonly Action _done = () => { };
            [ThreadPrivate("scratch space of the walker")] private readonly List<int> _scratch = [];
            [ThreadPrivate("scratch space of the walker")] public List<int> Scratch { get; } = [];
            public List<int> Fresh => [];

            private int Local()
            {
                var list = new List<int>();
                return list.Count;
            }
        }
        """);

    [Fact]
    public Task Parameter_of_a_primary_constructor_is_a_field_once_a_method_uses_it() => Verifier.ModelCode("""
        class Mm(List<int> {|RCU005:list|}, List<int> initial)
        {
            private readonly int _count = initial.Count;
            public int Count => list.Count;
            public void Clear() => list.Clear();
            class Nested(List<int> {|RCU005:list|}) { public int Count => list.Count; }
        }
        """);
}
