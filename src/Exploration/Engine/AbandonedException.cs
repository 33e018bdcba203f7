namespace RcuModel.Exploration.Engine;

/// <summary>Unwinds the stack of a thread whose execution has come to its end elsewhere. Nobody may catch it.</summary>
#pragma warning disable CA1032, CA1064 // It is thrown in one place, caught in one place, and no user should name it.
internal sealed class AbandonedException : Exception
{
    public override string Message => "The execution was abandoned. A catch-all in the body has caught what it must not.";
}
