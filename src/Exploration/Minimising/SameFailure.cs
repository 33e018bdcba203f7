using System.Text;

namespace RcuModel.Exploration.Minimising;

/// <summary>
/// What two violations have in common if they are the same failure: their kind, and their rule but for the names of threads
/// and the values in it. Another schedule may well let T3 lose where T1 lost, or find 2 where 3 was found.
/// </summary>
internal static class SameFailure
{
    /// <summary>Equal for two violations if they are the same failure.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="rule">The rule.</param>
    /// <param name="threads">The names of the threads of the execution.</param>
    public static string KeyOf(ViolationKind kind, string rule, IReadOnlyCollection<string> threads)
    {
        var key = new StringBuilder().Append(kind).Append(": ");
        for (int at = 0; at < rule.Length;)
        {
            int end = at;
            while (end < rule.Length && IsOfWord(rule[end]))
                end++;
            if (end == at)
            {
                key.Append(rule[at++]);
                continue;
            }

            string word = rule[at..end];
            key.Append(threads.Contains(word) ? "(thread)" : IsValue(rule, at, end) ? "(value)" : word);
            at = end;
        }

        return key.ToString();
    }

    private static bool IsOfWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    // A number by itself. In node#2 and slots[2] it belongs to a name, and another number is another place.
    private static bool IsValue(string rule, int at, int end) =>
        rule.AsSpan(at, end - at).ContainsAnyExceptInRange('0', '9') is false
        && (at == 0 || rule[at - 1] is not ('#' or '[' or '.'));
}
