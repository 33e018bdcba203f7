namespace RcuModel.Coyote;

/// <summary>Stands in for Coyote where its package is not to be had.</summary>
internal static class Engine
{
    public static bool IsThere => false;

    public static CoyoteResult Run(Action body, CoyoteOptions options, string? trace) => throw new CoyoteNotFoundException();
}
