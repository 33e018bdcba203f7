using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RcuModel.Cli.Checking;
using RcuModel.Cli.Selecting;
using RcuModel.Exploration;
using Xunit.Abstractions;

namespace RcuModel.Cli.Tests;

/// <summary>Damaged trace files: whatever is in one, the tool says in a line what came of it, and soon.</summary>
/// <remarks>RCUMODEL_TRACE_FILE_FUZZ is how many files there are to be; RCUMODEL_FUZZ_SEED moves where it begins.</remarks>
public sealed class TraceFileFuzzTests(ITestOutputHelper output)
{
    private const int FilesUsually = 1500;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private static readonly string[] s_sources =
    [
        "racy-counter", "abba", "leak", "double-free", "use-after-free", "lost-wakeup", "plain-race", "exception",
        "ticket-2/torn ticket", "mcs-2/torn exchange", "lockers(2,1)/no lock", "endless-retry",
    ];

    [Fact]
    public void A_damaged_file_gets_one_line_and_a_code()
    {
        int files = Number("RCUMODEL_TRACE_FILE_FUZZ") ?? FilesUsually;
        int first = Number("RCUMODEL_FUZZ_SEED") ?? 1;
        string[] sources = [.. s_sources.Select(Trace)];
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var codes = new SortedDictionary<int, int>();
        TimeSpan slowest = TimeSpan.Zero;
        try
        {
            for (int seed = first; seed < first + files; seed++)
            {
                var random = new Random(seed);

                // The long one is rare, or it would be most of the time.
                string source = sources[random.Next(random.Next(20) == 0 ? sources.Length : sources.Length - 1)];
                byte[] bytes = Damage(source, random);
                File.WriteAllBytes(file, bytes);
                var clock = Stopwatch.StartNew();
                InProcess run = InProcess.Run("replay", file);
                slowest = clock.Elapsed > slowest ? clock.Elapsed : slowest;
                codes[run.Code] = codes.GetValueOrDefault(run.Code) + 1;
                string said = $"seed {seed}: code {run.Code}, {run.Error}\n{Encoding.UTF8.GetString(bytes)}";
                Assert.True(run.Code is ExitCodes.Holds or ExitCodes.Violated or ExitCodes.Usage or ExitCodes.DoesNotFit, said);
                Assert.True(clock.Elapsed < s_patience, said);
                if (run.Code == ExitCodes.Usage)
                {
                    Assert.True(run.Out.Length == 0, said);
                    Assert.True(run.Error.TrimEnd().Split('\n').Length == 1 && run.Error.Length < 1000, said);
                }
            }
        }
        finally
        {
            File.Delete(file);
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{files} files; {string.Join(", ", codes.Select(static c => $"code {c.Key}: {c.Value}"))}; the slowest took {slowest.TotalMilliseconds:0} ms"));
    }

    private static string Trace(string name)
    {
        var options = new CheckOptions
        {
            Strategy = StrategyKind.Dpor,
            FaultStrategies = [StrategyKind.Dpor],
            Exploration = new ExplorationOptions { StepsMax = 40 },
        };
        return Checker.Check(Selection.BuiltIn.Resolve([name], Selection.BuiltIn.Usual)[0], options, static _ => { }).Result.Violation!.Trace!.ToJson();
    }

    private static byte[] Damage(string source, Random random)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(source);
        switch (random.Next(10))
        {
            case 0:
                return bytes[..random.Next(bytes.Length)];
            case 1:
                for (int flips = 1 + random.Next(3); flips > 0; flips--)
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 2:
                random.NextBytes(bytes.AsSpan(random.Next(bytes.Length)));
                return bytes;
            case 3:
                int from = random.Next(bytes.Length);
                int to = from + random.Next(bytes.Length - from);
                return [.. bytes[..from], .. bytes[to..]];
            case 4:
                int at = random.Next(bytes.Length);
                return [.. bytes[..at], .. bytes[at..].Take(random.Next(200)), .. bytes[at..]];
            case 5:
                string[] lines = source.Split('\n');
                (int a, int b) = (random.Next(lines.Length), random.Next(lines.Length));
                (lines[a], lines[b]) = (lines[b], lines[a]);
                return Encoding.UTF8.GetBytes(string.Join('\n', lines));
            default:
                JsonNode root = JsonNode.Parse(source)!;
                for (int edits = 1 + random.Next(3); edits > 0; edits--)
                    Edit(root, random);
                return Encoding.UTF8.GetBytes(root.ToJsonString());
        }
    }

    private static void Edit(JsonNode root, Random random)
    {
        JsonNode node = root;
        while (true)
        {
            JsonNode? child = node switch
            {
                JsonObject { Count: > 0 } fields => fields.ElementAt(random.Next(fields.Count)).Value,
                JsonArray { Count: > 0 } items => items[random.Next(items.Count)],
                _ => null,
            };
            if (ReferenceEquals(node, root) && random.Next(2) == 0)
                child = root["steps"];
            if (child is not (JsonObject or JsonArray) || random.Next(4) == 0)
                break;
            node = child;
        }

        if (node is JsonObject { Count: > 0 } edited)
        {
            string name = edited.ElementAt(random.Next(edited.Count)).Key;
            if (random.Next(5) == 0)
                edited.Remove(name);
            else
                edited[name] = random.Next(4) == 0 ? Value(random) : Alike(edited[name], random);
        }
        else if (node is JsonArray { Count: > 0 } list)
        {
            int at = random.Next(list.Count);
            switch (random.Next(4))
            {
                case 0:
                    list.RemoveAt(at);
                    break;
                case 1:
                    list.Insert(random.Next(list.Count), list[at]?.DeepClone());
                    break;
                case 2:
                    list[at] = Value(random);
                    break;
                default:
                    for (int copies = random.Next(3000); copies > 0; copies--)
                        list.Add(list[at]?.DeepClone());
                    break;
            }
        }
    }

    // Something that could stand there.
    private static JsonNode? Alike(JsonNode? old, Random random)
    {
        string[] kinds = Enum.GetNames<Primitives.OperationKind>();
        string[] changes = Enum.GetNames<Primitives.FaultChange>();
        return old?.GetValueKind() switch
        {
            JsonValueKind.Number => random.Next(4),
            JsonValueKind.String => random.Next(4) switch
            {
                0 => kinds[random.Next(kinds.Length)],
                1 => changes[random.Next(changes.Length)],
                2 => Selection.BuiltIn.All[random.Next(Selection.BuiltIn.All.Count)].Scenario.Name,
                _ => "x",
            },
            _ => Value(random),
        };
    }

    private static JsonNode? Value(Random random) => random.Next(18) switch
    {
        0 => null,
        1 => -1,
        2 => 0,
        3 => 1,
        4 => 2,
        5 => 17,
        6 => int.MaxValue,
        7 => long.MaxValue,
        8 => 1e300,
        9 => "",
        10 => new string('x', 5000),
        11 => "abba",
        12 => "Store",
        13 => "Split\u0007\n\u202e\ud800",
        14 => true,
        15 => new JsonArray(),
        16 => new JsonObject(),
        _ => Enum.GetNames<Primitives.OperationKind>()[random.Next(Enum.GetNames<Primitives.OperationKind>().Length)],
    };

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int value) ? value : null;
}
