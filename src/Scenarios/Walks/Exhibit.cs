using RcuModel.Mm;

namespace RcuModel.Scenarios.Walks;

/// <summary>A bug of the past, and a body that must hold without it and fail with it.</summary>
/// <param name="Bug">The bug.</param>
/// <param name="Name">What the scenario is called.</param>
/// <param name="Number">The bug's number; "broken" for one that Linux never had.</param>
/// <param name="Words">What happens.</param>
/// <param name="Body">What is run, with the bug or without.</param>
internal sealed record Exhibit(Bugs Bug, string Name, string Number, string Words, Action<Bugs> Body)
{
    public string Group { get; init; } = "mm";

    public IReadOnlyList<string> MustReach { get; init; } = [];
}
