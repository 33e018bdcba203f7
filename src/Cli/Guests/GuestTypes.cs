using System.Linq.Expressions;
using System.Reflection;
using RcuModel.CowContexts;
using RcuModel.Scenarios;

namespace RcuModel.Cli.Guests;

/// <summary>
/// What the classes of an assembly bring: a public class that is a stabilisation is an alternative, and what the public static properties of
/// public classes hold that are alternatives or scenarios, or sequences of them.
/// </summary>
internal sealed class GuestTypes(string path)
{
    private readonly List<Alternative> _alternatives = [];
    private readonly List<Scenario> _scenarios = [];
    private readonly List<MatrixScenario> _matrixScenarios = [];

    public IReadOnlyList<Alternative> Alternatives => _alternatives;

    public IReadOnlyList<Scenario> Scenarios => _scenarios;

    public IReadOnlyList<MatrixScenario> MatrixScenarios => _matrixScenarios;

    /// <summary>Reads them.</summary>
    /// <param name="types">All types of the assembly.</param>
    /// <exception cref="UsageException">One does not fit, or there is nothing.</exception>
    public void Read(IReadOnlyList<Type> types)
    {
        foreach (Type type in types.OrderBy(static type => type.MetadataToken))
        {
            if (type.IsVisible)
                ReadStabilisation(type, types);
            if (type.IsVisible && !type.ContainsGenericParameters)
                ReadProperties(type);
        }

        if (_alternatives.Count + _scenarios.Count + _matrixScenarios.Count > 0)
            return;
        Type? hidden = types.FirstOrDefault(static type => type is { IsVisible: false, IsAbstract: false } && type.IsAssignableTo(typeof(IStabilisation)));
        throw Guest.Refused(path, hidden is not null
            ? $"has nothing in it that can be explored: {NameOf(hidden)} is a stabilisation, but not public"
            : "has nothing in it that can be explored: no public class that implements IStabilisation, and no public static property with scenarios");
    }

    private void ReadStabilisation(Type type, IReadOnlyList<Type> all)
    {
        if (!type.IsAssignableTo(typeof(IStabilisation)))
        {
            Type? other = type.GetInterfaces().FirstOrDefault(static one => one.FullName == typeof(IStabilisation).FullName);
            if (other is not null && type.IsClass)
                throw Guest.Refused(path, $"does not fit: {NameOf(type)} implements the IStabilisation of {other.Assembly.GetName().Name}, not the tool's");
            return;
        }

        // Who derives from an abstract class is the alternative.
        if (type.IsInterface || (type.IsAbstract && all.Any(one => one is { IsAbstract: false } && one.IsAssignableTo(type))))
            return;
        string? why = type.IsAbstract ? "is abstract"
            : type.ContainsGenericParameters ? "has type parameters"
            : !type.IsValueType && type.GetConstructor([]) is null ? "has no public constructor without parameters"
            : null;
        if (why is not null)
            throw Guest.Refused(path, $"does not fit: {NameOf(type)} is a stabilisation, but {why}");
        Func<IStabilisation> create = Expression.Lambda<Func<IStabilisation>>(Expression.Convert(Expression.New(type), typeof(IStabilisation))).Compile();
        _alternatives.Add(Ask(() => Alternative.Of(create), $"{NameOf(type)} cannot be made"));
    }

    private void ReadProperties(Type type)
    {
        foreach (PropertyInfo property in type.GetProperties(BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.Static))
        {
            if (property is not { CanRead: true } || property.GetIndexParameters().Length > 0)
                continue;
            Take(type, property, _alternatives);
            Take(type, property, _scenarios);
            Take(type, property, _matrixScenarios);
        }
    }

    private void Take<T>(Type type, PropertyInfo property, List<T> all)
        where T : class
    {
        string name = $"{NameOf(type)}.{property.Name}";
        T?[]? found = property.PropertyType.IsAssignableTo(typeof(T))
            ? Ask(() => (T?[])[(T?)property.GetValue(null)], $"{name} cannot be read")
            : property.PropertyType.IsAssignableTo(typeof(IEnumerable<T>))
                ? Ask(() => ((IEnumerable<T?>?)property.GetValue(null))?.ToArray() ?? [null], $"{name} cannot be read")
                : [];
        foreach (T? one in found)
            all.Add(one ?? throw Guest.Refused(path, $"does not fit: {name} is null, or has a null in it"));
    }

#pragma warning disable CA1031 // What somebody else's code throws is anybody's guess, and it is his mistake, not the tool's.
    private T Ask<T>(Func<T> question, string failed)
    {
        try
        {
            return question();
        }
        catch (Exception exception)
        {
            Exception cause = exception;
            while (cause is TargetInvocationException or TypeInitializationException && cause.InnerException is { } inner)
                cause = inner;
            throw Guest.Refused(path, $"does not fit: {failed}: {cause.GetType().Name}: {Guest.InOneLine(cause.Message)}");
        }
    }
#pragma warning restore CA1031

    private static string NameOf(Type type) => type.FullName?.Replace('+', '.') ?? type.Name;
}
