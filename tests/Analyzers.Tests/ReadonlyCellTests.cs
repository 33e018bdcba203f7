namespace RcuModel.Analyzers.Tests;

public class ReadonlyCellTests
{
    [Fact]
    public Task Readonly_cells_are_reported_in_any_code() => Verifier.OtherCode("""
        class Test
        {
            private readonly Cell<int> {|RCU003:_cell|};
            private readonly Ref<string> {|RCU003:_ref|};
            private readonly Plain<int> {|RCU003:_plain|};
            private readonly PlainRef<string> {|RCU003:_plainRef|};
            private readonly SpinLock {|RCU003:_lock|};
            private readonly Own {|RCU003:_own|};
            private static readonly Cell<int> {|RCU003:s_cell|};
        }

        struct Own { private Cell<int> _word; }
        readonly struct Frozen { private readonly Cell<int> {|RCU003:_word|}; }
        """);

    [Fact]
    public Task Other_fields_may_be_readonly() => Verifier.OtherCode("""
        class Test
        {
            private Cell<int> _cell;
            private static Cell<int> s_cell;
            private readonly Cell<int>[] _cells = new Cell<int>[4];
            private readonly Token _token;
            private readonly Own _own = new();
            private readonly int _number;
        }

        class Own { private Cell<int> _word; }
        ref struct Cursor { private readonly ref Cell<int> _at; }
        """);

    [Fact]
    public Task Readonly_cells_are_reported_in_model_code() => Verifier.ModelCode("""
        class Vma { private readonly Cell<int> {|RCU003:_cell|}; }
        """);
}
