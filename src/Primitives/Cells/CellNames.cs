using System.Collections.Concurrent;

namespace RcuModel.Primitives;

/// <summary>Names of array elements, made once: an exploration builds the same body millions of times.</summary>
internal static class CellNames
{
    private static readonly ConcurrentDictionary<(string Name, int Index), string> s_elements = new();

    /// <summary>name[index].</summary>
    public static string Element(string name, int index) =>
        s_elements.GetOrAdd((name, index), static key => $"{key.Name}[{key.Index}]");
}
