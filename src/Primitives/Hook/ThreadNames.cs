namespace RcuModel.Primitives;

/// <summary>T1, T2, …: made once, because an exploration starts the same threads millions of times.</summary>
internal static class ThreadNames
{
    private static readonly string[] s_names = [.. Enumerable.Range(1, 64).Select(static i => $"T{i}")];

    public static string Default(int index) => index < s_names.Length ? s_names[index] : $"T{index + 1}";
}
