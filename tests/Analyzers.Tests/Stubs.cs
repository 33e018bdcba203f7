namespace RcuModel.Analyzers.Tests;

/// <summary>As much of RcuModel.Primitives as the rules look at.</summary>
internal static class Stubs
{
    public const string Primitives = """
        using System;

        namespace RcuModel.Primitives
        {
            [AttributeUsage(AttributeTargets.Assembly | AttributeTargets.Class | AttributeTargets.Struct)]
            public sealed class ModelCodeAttribute : Attribute { }

            [AttributeUsage(AttributeTargets.Field | AttributeTargets.Property)]
            public sealed class ThreadPrivateAttribute : Attribute
            {
                public ThreadPrivateAttribute(string why) { }
            }

            public struct Cell<T> where T : unmanaged
            {
                private T _value;
                public Cell(T value) => _value = value;
                public static Cell<T> Named(string name) => default;
                public T Value { get => _value; set => _value = value; }
                public T ReadOnce() => _value;
                public readonly T Peek() => _value;
                public void WriteOnce(T value) => _value = value;
            }

            public struct Ref<T> where T : class
            {
                private T? _value;
                public Ref(T? value) => _value = value;
                public T? ReadOnce() => _value;
                public void WriteOnce(T? value) => _value = value;
            }

            public struct Plain<T> where T : unmanaged
            {
                private T _value;
                public T Value { get => _value; set => _value = value; }
            }

            public struct PlainRef<T> where T : class
            {
                private T? _value;
                public T? Value { get => _value; set => _value = value; }
            }

            // Its cell is private, and so unknown to other compilations.
            public struct SpinLock
            {
                private Cell<int> _word;
                public void Lock() => _word.WriteOnce(1);
                public void Unlock() => _word.WriteOnce(0);
            }

            public readonly struct Token
            {
                private readonly int _cookie;
                public Token(int cookie) => _cookie = cookie;
                public int Cookie => _cookie;
            }

            public static class Execution
            {
                public static void Run(params ReadOnlySpan<Action> bodies) { }
                public static void Run(params ReadOnlySpan<(string Name, Action Body)> threads) { }
                public static Token Start(string name, Action body) => default;
                public static void StartBackground(string name, Action body) { }
            }

            public sealed class AbandonedException : Exception { }
        }
        """;
}
