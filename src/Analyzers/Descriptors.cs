using Microsoft.CodeAnalysis;

namespace RcuModel.Analyzers;

/// <summary>The rules, in the order of their numbers.</summary>
/// <remarks>
/// All are errors: an explorer that misses one shared location still prints "verified", and nothing in that answer
/// shows that it is wrong.
/// </remarks>
internal static class Descriptors
{
    private const string Category = "RcuModel";

    public static readonly DiagnosticDescriptor HiddenField = Create(
        "RCU001",
        "Mutable field hides from the explorer",
        "'{0}' is mutable, and the explorer sees no access to it: make it a Cell, Ref or Plain, make it "
            + "readonly, or mark it [ThreadPrivate(\"why\")]",
        "The explorer reorders only accesses that go through the hook. Races on an ordinary field are never "
            + "tried, and so never found.");

    public static readonly DiagnosticDescriptor StaticState = Create(
        "RCU002",
        "Static mutable state",
        "'{0}' is static mutable state: move it to an object that belongs to the execution",
        "Everything of one execution hangs off one object. A static outlives the execution, leaks from one "
            + "interleaving into the next, and is shared by explorations that run side by side.");

    public static readonly DiagnosticDescriptor ReadonlyCell = Create(
        "RCU003",
        "Readonly field of a cell type",
        "'{0}' is a cell in a readonly field, so each access works on a copy of it: remove 'readonly'",
        "The compiler copies a struct in a readonly field before it calls a member of it that may change it. "
            + "Stores would be lost, and loads would happen at a location that nobody else uses.");

    public static readonly DiagnosticDescriptor CopiedCell = Create(
        "RCU004",
        "Cell copied",
        "'{0}' is a cell and is copied here, because it is {1}: use it in place or hand it on by 'ref'",
        "A cell is a location in memory. A copy of it is another location, which no other thread looks at.");

    public static readonly DiagnosticDescriptor HiddenContents = Create(
        "RCU005",
        "Mutable collection hides from the explorer",
        "'{0}' has mutable contents ({1}), and the explorer sees no access to them: use an array of cells, an "
            + "immutable collection, or mark it [ThreadPrivate(\"why\")]",
        "A readonly reference to a mutable collection protects the reference only. The contents are shared "
            + "state outside the hook, and a race on them may even corrupt the collection itself.");

    public static readonly DiagnosticDescriptor BypassedHook = Create(
        "RCU006",
        "Synchronisation that the hook cannot see",
        "The explorer cannot see {0}: use RcuModel.Primitives",
        "A controlled thread that blocks or synchronises outside the hook blocks the controller with it, and "
            + "orders accesses in a way that the explorer believes to be free.");

    public static readonly DiagnosticDescriptor CatchAll = Create(
        "RCU007",
        "Catch-all swallows the abandonment of an execution",
        "This catch would swallow the abandonment of an execution: catch the exceptions that are meant, add a "
            + "filter, or end every path in 'throw;'",
        "An execution that is given up unwinds its threads by an exception. A thread that catches it runs on "
            + "with hook operations that have no effect.");

    public static readonly DiagnosticDescriptor SharedLocal = Create(
        "RCU008",
        "Local shared between threads",
        "'{0}' is a local shared between threads, and the explorer sees no access to it: make it a Cell or Plain",
        "A captured local is a field of an object that the compiler makes up, and shared by all threads whose "
            + "lambdas mention it. A local that one thread assigns, and that is read after the threads have ended, "
            + "is a result and may stay.");

    private static DiagnosticDescriptor Create(string id, string title, string message, string description) =>
        new(id, title, message, Category, DiagnosticSeverity.Error, isEnabledByDefault: true, description);
}
