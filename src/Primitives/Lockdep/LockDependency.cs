namespace RcuModel.Primitives;

/// <summary>One lock was taken while another was held.</summary>
/// <param name="Held">The class that was held.</param>
/// <param name="Taken">The class that was taken.</param>
/// <param name="Where">Where, and by whom.</param>
public readonly record struct LockDependency(string Held, string Taken, string Where);
