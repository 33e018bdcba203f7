namespace RcuModel.Analyzers.Tests;

public class HiddenFieldTests
{
    [Fact]
    public Task Mutable_members_are_reported() => Verifier.ModelCode("""
        class Vma
        {
            private int {|RCU001:_start|};
            public volatile bool {|RCU001:Dead|};
            public string? {|RCU001:Name|} { get; set; }
            public int {|RCU001:Flags|} { get; private set; }
            public event Action? {|RCU001:Unmapped|};
            private Cell<int>[] {|RCU001:_slots|} = [];
            private List<int> {|RCU001:_list|} = [];
            protected int {|RCU001:A|}, {|RCU001:B|};
        }

        record struct Range(int {|RCU001:Start|}, int {|RCU001:End|});
        struct Pte { public ulong {|RCU001:Bits|}; }
        unsafe struct Buffer { public fixed byte {|RCU001:Bytes|}[8]; }
        [InlineArray(4)] struct Four { private int {|RCU001:_first|}; }
        """);

    [Fact]
    public Task Property_with_a_lazy_backing_field_is_reported() => Verifier.ModelCode("""
        class Vma
        {
            public string {|RCU001:Name|} => field ??= "";
        }
        """);

    [Fact]
    public Task Cells_and_readonly_members_are_fine() => Verifier.ModelCode("""
        class Vma
        {
            public const int Size = 4096;
            private readonly int _start;
            private Cell<int> _count;
            private Ref<Vma> _next;
            private Plain<int> _flags;
            private PlainRef<Vma> _owner;
            private SpinLock _lock;
            private readonly Token _token;
            private Own _own;
            private Four _four;
            public Vma(int start) => _start = start;
            public int Start => _start;
            public int End { get; init; }
            public int Id { get; }
            public int Count { get => _count.ReadOnce(); set => _count.WriteOnce(value); }
            public event Action Unmapped { add { } remove { } }
        }

        struct Own { public Cell<int> Word; public readonly int Id; }
        [InlineArray(4)] struct Four { private Cell<int> _first; }
        record Range(int Start, int End);
        readonly record struct Pair(int Start, int End);
        enum Kind { Anon, File }
        interface IWalk { int Depth { get; set; } event Action Done; }
        abstract class Walk { public abstract int Depth { get; set; } public abstract event Action Done; }
        """);

    [Fact]
    public Task Members_of_a_ref_struct_are_private_to_a_stack() => Verifier.ModelCode("""
        ref struct Cursor
        {
            public ref Cell<int> At;
            public int Index;
            public readonly int[] Path;
            public int Depth { get; set; }
        }
        """);

    [Fact]
    public Task Thread_private_members_are_fine_when_the_reason_is_given() => Verifier.ModelCode("""
        class Walker
        {
            [ThreadPrivate("one walker a thread")] private int _depth;
            [ThreadPrivate("one walker a thread")] public int Depth { get; set; }
            [field: ThreadPrivate("one walker a thread")] public int Height { get; set; }
            [field: ThreadPrivate("one walker a thread")] public event Action? {|RCU001:Done|};
            [ThreadPrivate(" ")] private int {|RCU001:_why|};
        }
        """);

    [Fact]
    public Task Parameter_of_a_primary_constructor_is_a_field_once_a_method_changes_it() => Verifier.ModelCode("""
        class Vma(int {|RCU001:start|}, int end, int size, Cell<int> cell)
        {
            private readonly int _size = size++;
            public int End => end;
            public void Grow() => start -= 1;
            public void Mark() => cell.WriteOnce(1);
        }

        class Anon(int start) : Vma(start++, 0, 0, default);
        ref struct Cursor(int at) { public void Move() => at++; }
        """);

    [Fact]
    public Task Only_model_code_is_looked_at() => Verifier.OtherCode("""
        class Report { public int Lines; public static int Total; public readonly List<int> List = []; }

        [ModelCode]
        class Vma
        {
            public int {|RCU001:Start|};
            class Nested { public int {|RCU001:Start|}; }
        }

        class Anon : Vma { public int {|RCU001:Index|}; }
        """);

    [Fact]
    public Task Nothing_is_reported_where_the_primitives_declare_themselves() => Verifier.OtherCode("""
        class Counter { private int _count; public int Next() => System.Threading.Interlocked.Increment(ref _count); }
        """);

    [Fact]
    public Task Mutable_struct_of_another_model_assembly_counts_as_a_cell() => Verifier.ModelCode(
        """
        class Folio
        {
            private FolioLock _lock;
            private readonly FolioLock {|RCU003:_other|};
            private readonly Pfn _pfn;
            private Pfn {|RCU001:_next|};
        }
        """,
        Verifier.ModelAssembly("""
            public struct FolioLock { private Cell<int> _word; public void Lock() => _word.WriteOnce(1); }
            public readonly struct Pfn { private readonly long _value; }
            """));
}
