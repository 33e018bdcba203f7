namespace RcuModel.Primitives;

/// <summary>
/// The reader that a free thread used last, and its domain: a thread which reads one domain over and over finds it in one
/// comparison. Controlled threads never look here.
/// </summary>
/// <remarks>It lives in the hook, with the other thread-statics: nothing outside of it is static and mutable.</remarks>
internal static class ThreadReader
{
    [ThreadStatic]
    internal static Rcu? t_domain;

    [ThreadStatic]
    internal static RcuReader? t_reader;
}
