using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Fuzz;

/// <summary>Programs of the catalogue, written as data: their counts are those of the enumeration, under both memory models.</summary>
public sealed class KnownProgramTests
{
    private const int PrefixesMax = 400_000;

    private static readonly Dictionary<string, (int Sc, int Tso, RandomProgram Program)> s_programs = new(StringComparer.Ordinal)
    {
        ["sb"] = (3, 4, Cells(2, [Store(0, 1), Load(1)], [Store(1, 1), Load(0)])),
        ["sb, fenced"] = (3, 3, Cells(2, [Store(0, 1), Full, Load(1)], [Store(1, 1), Full, Load(0)])),
        ["sb, fenced on one side"] = (3, 4, Cells(2, [Store(0, 1), Full, Load(1)], [Store(1, 1), Load(0)])),
        ["sb, read fences"] = (3, 4, Cells(2, [Store(0, 1), Light, Load(1)], [Store(1, 1), Light, Load(0)])),
        ["iwp2.3b"] = (3, 4, Cells(2, [Store(0, 1), Load(0), Load(1)], [Store(1, 1), Load(1), Load(0)])),
        ["mp"] = (3, 3, Cells(2, [Store(0, 1), Store(1, 1)], [Load(1), Load(0)])),
        ["lb"] = (3, 3, Cells(2, [Load(0), Store(1, 1)], [Load(1), Store(0, 1)])),
        ["iriw"] = (15, 15, Cells(2, [Store(0, 1)], [Store(1, 1)], [Load(0), Load(1)], [Load(1), Load(0)])),
        ["r"] = (3, 4, Cells(2, [Store(0, 1), Store(1, 1)], [Store(1, 2), Load(0)])),
        ["s"] = (3, 3, Cells(2, [Store(0, 2), Store(1, 1)], [Load(1), Store(0, 1)])),
        ["2+2w"] = (3, 3, Cells(2, [Store(0, 1), Store(1, 2)], [Store(1, 1), Store(0, 2)])),
        ["n5"] = (4, 4, Cells(1, [Store(0, 1), Load(0)], [Store(0, 2), Load(0)])),
        ["n6"] = (4, 5, Cells(2, [Store(0, 1), Load(0), Load(1)], [Store(1, 1), Store(0, 2)])),
        ["dekker_f"] = (3, 7, Cells(
            3,
            [Store(1, 1), Load(0), If(0, Store(2, 1)), If(0, Load(2))],
            [Store(0, 1), Load(1), If(0, Store(2, 0)), If(0, Load(2))])),
        ["toyrcu(1)"] = (3, 5, ToyRcu(1, fenced: false)),
        ["toyrcu(2)"] = (9, 25, ToyRcu(2, fenced: false)),
        ["toyrcu(3)"] = (27, 125, ToyRcu(3, fenced: false)),
        ["toyrcu(1), fenced"] = (3, 3, ToyRcu(1, fenced: true)),
        ["toyrcu(2), fenced"] = (9, 9, ToyRcu(2, fenced: true)),
        ["twophase(1)"] = (9, 12, TwoPhases(1, fenced: false)),
        ["twophase(2)"] = (81, 144, TwoPhases(2, fenced: false)),
        ["twophase(1), fenced"] = (9, 9, TwoPhases(1, fenced: true)),
        ["peterson"] = (4, 4, Peterson(fenced: false)),
        ["peterson, fenced"] = (4, 4, Peterson(fenced: true)),
        ["peterson, one look"] = (10, 22, PetersonOnce(fenced: false)),
        ["peterson, one look, fenced"] = (10, 10, PetersonOnce(fenced: true)),
    };

    public static TheoryData<string> Names { get; } = [.. s_programs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Counts_are_those_of_the_enumeration(string name)
    {
        (int sc, int tso, RandomProgram program) = s_programs[name];
        foreach (MemoryModel memory in new[] { MemoryModel.Sc, MemoryModel.Tso })
        {
            Assert.Null(ProgramCheck.Reduction(program, PrefixesMax, 0, out bool ran, memory));
            Assert.True(ran);
            Assert.Equal(memory == MemoryModel.Sc ? sc : tso, Enumeration.Of(program, PrefixesMax, memory)!.Classes);
        }
    }

    private static Op Full => new(OpKind.Fence);

    private static Op Light => new(OpKind.Fence) { Order = Order.Acquire };

    private static Op Store(int x, int value) => new(OpKind.Store) { X = x, A = value, Order = Order.Relaxed };

    private static Op Load(int x) => new(OpKind.Load) { X = x, Order = Order.Relaxed };

    private static Op If(int last, Op op) => op with { Guard = last };

    private static Op Await(OpKind kind, int x, int value) => new(kind) { X = x, A = value, Order = Order.Acquire };

    private static RandomProgram Cells(int cells, params Op[][] threads) => Cells(cells, [], threads);

    private static RandomProgram Cells(int cells, Op[] before, Op[][] threads) => new(
        cells, 0, 0, 0, 0, 0,
        new Code([.. before, new Op(OpKind.Run) { Children = [.. threads.Select(static ops => new Code(ops))] }]));

    // Cells: c[i], p, a, b. A reader follows p to a or to b, which are 1 as long as they are there.
    private static RandomProgram ToyRcu(int readers, bool fenced)
    {
        int p = readers, a = readers + 1, b = readers + 2;
        Op[] fence = fenced ? [Full] : [];
        Op[][] threads =
        [
            .. Enumerable.Range(0, readers).Select(c => (Op[])
                [Store(c, 1), .. fence, Load(p), If(1, Load(b)), If(0, Load(a)), Store(c, 0)]),
            [Store(p, 1), .. fence, .. Enumerable.Range(0, readers).Select(c => Await(OpKind.AwaitEqual, c, 0)), Store(a, 0)],
        ];
        return Cells(readers + 3, [Store(a, 1), Store(b, 1)], threads);
    }

    private static RandomProgram TwoPhases(int readers, bool fenced)
    {
        int p = readers, a = readers + 1, b = readers + 2, gp = readers + 3;
        Op[] fence = fenced ? [Full] : [];
        Op[][] threads =
        [
            .. Enumerable.Range(0, readers).Select(c => (Op[])
                [Load(gp), Store(c, 2) with { UseLast = true }, .. fence, Load(p), If(1, Load(b)), If(0, Load(a)), Store(c, 0)]),
            [
                Store(p, 1), .. fence,
                .. Enumerable.Range(0, readers).Select(c => new Op(OpKind.AwaitPredicate) { X = c, A = 0xf7, Order = Order.Acquire }),
                Store(gp, 1), .. fence,
                .. Enumerable.Range(0, readers).Select(c => new Op(OpKind.AwaitPredicate) { X = c, A = 0xfb, Order = Order.Acquire }),
                Store(a, 0),
            ],
        ];
        return Cells(readers + 4, [Store(a, 1), Store(b, 1)], threads);
    }

    // Cells: f0, f1, turn, x.
    private static RandomProgram Peterson(bool fenced)
    {
        Op[] fence = fenced ? [Full] : [];
        return Cells(4, Side(0), Side(1));

        Op[] Side(int me)
        {
            int table = 0;
            for (int raised = 0; raised < 4; raised++)
            {
                for (int turn = 0; turn < 4; turn++)
                    table |= (raised == 0 || turn != 1 - me ? 1 : 0) << (raised | (turn << 2));
            }

            return
            [
                Store(me, 1), Store(2, 1 - me), .. fence, new Op(OpKind.AwaitTwo) { X = 1 - me, Y = 2, A = table },
                Store(3, me), Load(3), Store(me, 0),
            ];
        }
    }

    // Who does not come in at the first look gives up.
    private static RandomProgram PetersonOnce(bool fenced)
    {
        Op[] fence = fenced ? [Full] : [];
        return Cells(4, Side(0), Side(1));

        Op[] Side(int me) => [Store(me, 1), Store(2, 1 - me), .. fence, Load(1 - me), If(0, Store(3, me)), If(0, Load(3)), Store(me, 0)];
    }
}
