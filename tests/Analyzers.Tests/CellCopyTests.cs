namespace RcuModel.Analyzers.Tests;

public class CellCopyTests
{
    [Fact]
    public Task Copies_are_reported() => Verifier.OtherCode("""
        class Test
        {
            private Cell<int> _cell;
            private Own _own;
            private readonly Cell<int>[] _cells = new Cell<int>[4];

            private static void Take(Cell<int> cell) { }
            private static void TakeAny<T>(T value) { }
            private static void TakeIn<T>(in T value) { }
            private Cell<int> Return() => {|RCU004:_cell|};
            private Cell<int> ReturnElement() { return {|RCU004:_cells[0]|}; }
            private Cell<int> Computed => {|RCU004:_cell|};
            private ref Cell<int> Place() => ref _cell;

            private void Copy(Cell<int> parameter)
            {
                var local = {|RCU004:_cell|};
                _cell = {|RCU004:local|};
                _cells[0] = {|RCU004:_cells[1]|};
                _cell = {|RCU004:parameter|};
                _cell = {|RCU004:Place()|};
                Take({|RCU004:_cell|});
                TakeAny({|RCU004:_cell|});
                TakeIn({|RCU004:_cell|});
                TakeIn(in {|RCU004:_cell|});
                var own = {|RCU004:_own|};
                var word = {|RCU004:_own.Word|};
                var (first, second) = ({|RCU004:_cell|}, 1);
                Cell<int>[] array = [{|RCU004:_cell|}, new(1)];
                Func<Cell<int>> later = () => {|RCU004:_cell|};
                var either = _cells.Length > 1 ? {|RCU004:_cell|} : default;
                _ = new Test { _cell = {|RCU004:_cell|} };
            }
        }

        struct Own { public Cell<int> Word; public Own Self() => {|RCU004:this|}; }
        """);

    [Fact]
    public Task Boxes_are_reported() => Verifier.OtherCode("""
        class Test
        {
            private Cell<int> _cell;

            private void Box()
            {
                object box = {|RCU004:_cell|};
                _ = (ValueType){|RCU004:_cell|};
                _ = {|RCU004:_cell|}.ToString();
                _ = {|RCU004:_cell|}.GetType();
                _ = $"{{|RCU004:_cell|}}";
                Func<int> read = {|RCU004:_cell|}.ReadOnce;
            }
        }
        """);

    [Fact]
    public Task Readonly_references_are_reported() => Verifier.OtherCode("""
        class Test
        {
            private Cell<int> _cell;
            private ref readonly Cell<int> Look() => ref _cell;

            private int In(in Cell<int> {|RCU004:cell|}, ref readonly Cell<int> {|RCU004:other|}) => cell.ReadOnce();

            private void Use(ReadOnlySpan<Cell<int>> span)
            {
                ref readonly var {|RCU004:local|} = ref _cell;
                _ = local.ReadOnce();
                _ = {|RCU004:Look()|}.ReadOnce();
                _ = {|RCU004:span[0]|}.Value;
                _ = Look().Peek();
            }
        }

        struct Own
        {
            private Cell<int> _word;
            private Inner _inner;
            public readonly int Read() => {|RCU004:_word|}.ReadOnce();
            public readonly int ReadInner() => {|RCU004:_inner.Word|}.ReadOnce();
            public readonly int Peek() => _word.Peek();
            public int ReadRight() => _word.ReadOnce() + _inner.Word.ReadOnce();
        }

        struct Inner { public Cell<int> Word; }
        """);

    [Fact]
    public Task Members_that_hand_out_cells_by_value_are_reported() => Verifier.OtherCode("""
        class Test
        {
            public Cell<int> {|RCU004:Fixed|} { get; }
            public Cell<int> {|RCU004:Mutable|} { get; set; }

            private int Use(List<Cell<int>> list, IReadOnlyList<SpinLock> locks)
            {
                {|RCU004:locks[0]|}.Lock();
                list[0] = new Cell<int>(1);
                list.Add(new Cell<int>(1));
                return {|RCU004:list[0]|}.ReadOnce();
            }
        }

        record Positional(Cell<int> {|RCU004:Word|});
        """);

    [Fact]
    public Task Loops_over_copies_are_reported() => Verifier.OtherCode("""
        class Test
        {
            private void Loop(Cell<int>[] cells, Span<Cell<int>> span)
            {
                foreach (var {|RCU004:cell|} in cells)
                {
                    cell.ReadOnce();
                }

                foreach (ref readonly var {|RCU004:cell|} in span)
                {
                    cell.ReadOnce();
                }

                foreach (ref var cell in span)
                {
                    cell.ReadOnce();
                }

                for (var i = 0; i < cells.Length; i++)
                {
                    cells[i].ReadOnce();
                }
            }
        }
        """);

    [Fact]
    public Task Clones_are_reported() => Verifier.OtherCode("""
        record Vma(int Start) { private Cell<int> _count; }
        record Range(int Start);
        struct Own { public Cell<int> Word; public int Id; }

        class Test
        {
            private Own _own;
            private Vma Clone(Vma vma) => {|RCU004:vma|} with { Start = 1 };
            private Range Clone(Range range) => range with { Start = 1 };
            private Own Clone() => {|RCU004:_own|} with { Id = 1 };
        }
        """);

    [Fact]
    public Task Use_in_place_is_fine() => Verifier.OtherCode("""
        class Test
        {
            private Cell<int> _cell = new(1);
            private Cell<int> _named = Cell<int>.Named("cell");
            private Own _own = new() { Id = 1 };
            private Four _four;
            private readonly Cell<int>[] _cells = [new(1), new(2), default];

            private static Cell<int> Make(int value) => new(value);
            private static void TakeRef(ref Cell<int> cell) { }
            private static void TakeOut(out Cell<int> cell) => cell = default;
            private static void Take(Cell<int> cell) => cell.WriteOnce(1);
            private ref Cell<int> Place() => ref _cell;
            private ref Cell<int> this[int i] => ref _cells[i];

            private unsafe void Use(Span<Cell<int>> span, bool first)
            {
                _cell.WriteOnce(_cells[0].ReadOnce());
                _cell.Value = _own.Word.Value + _cells[^1].Value;
                _cell.Value++;
                _own.Id++;
                Place().WriteOnce(2);
                this[1].WriteOnce(2);
                span[0].WriteOnce(2);
                span[^1].WriteOnce(2);
                _four[0].WriteOnce(2);
                Span<Cell<int>> four = _four;
                foreach (ref var cell in four)
                {
                    cell.WriteOnce(1);
                }

                TakeRef(ref _cell);
                TakeRef(ref _cells[0]);
                TakeRef(ref first ? ref _cell : ref _cells[0]);
                TakeOut(out _cell);
                TakeOut(out var made);
                Take(new Cell<int>(1));
                _cell = new Cell<int>(3);
                _cells[0] = Make(3);
                _cell = default;
                ref var alias = ref _cell;
                alias = ref _cells[0];
                alias.WriteOnce(4);
                _ = nameof(_cell);
                _ = Unsafe.AreSame(in _cell, in alias);
                var local = new Cell<int>(1);
                Action capture = () => local.WriteOnce(2);
                fixed (Cell<int>* pointer = &_cell)
                {
                }

                var token = new Token(1);
                var copy = token;
            }
        }

        struct Own
        {
            public Cell<int> Word;
            public int Id;
            public void Lock() => this.Word.WriteOnce(1);
            public void LockTwice() { Lock(); this.Lock(); }
        }

        [InlineArray(4)] struct Four { private Cell<int> _first; }
        """);

    [Fact]
    public Task Cells_inside_of_generic_structs_are_known() => Verifier.OtherCode("""
        struct Padded<T> { public T Value; }

        class Test
        {
            private Padded<Cell<int>> _cell;
            private Padded<int> _number;

            public Test(Padded<Cell<int>> cell) => _cell = {|RCU004:cell|};
            public Test(Test other) : this({|RCU004:other._cell|}) { }

            private void Use()
            {
                _cell.Value.WriteOnce(1);
                var cell = {|RCU004:_cell|};
                var inner = {|RCU004:_cell.Value|};
                var number = _number;
            }
        }
        """);

    [Fact]
    public Task Private_cell_of_another_assembly_is_known() => Verifier.OtherCode("""
        class Test
        {
            private SpinLock _lock;

            private void Use()
            {
                var copy = {|RCU004:_lock|};
                _lock.Lock();
            }
        }
        """);
}
