using System.Text;
using System.Text.Json;
using RcuModel.Primitives;

namespace RcuModel.Exploration.Tests.Traces;

/// <summary>What a trace file holds, that it is the same everywhere, and what is said of one that is damaged.</summary>
public sealed class TraceFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("traces").FullName;

    public static TheoryData<string, string, string> Damage { get; } = new()
    {
        { "\"format\": \"rcumodel-trace\"", "\"format\": \"strange\"", "it is JSON but no trace: its \"format\" is not \"rcumodel-trace\"" },
        { "\"version\": 1", "\"version\": 2", "it has version 2 of the format, and this tool reads up to 1: a newer tool is needed" },
        { "\"version\": 1", "\"version\": 0", "it is damaged: \"version\" is missing or below 1" },
        { "\"version\": 1", "\"version\": \"1\"", "it is damaged: line 3 does not read as it should, at $.version" },
        { "\"memoryModel\": \"sc\"", "\"memoryModel\": \"lkmm\"", "its memory model is \"lkmm\", and only \"sc\" and \"tso\" can be replayed" },
        { "\"kind\":\"AssertionFailed\"", "\"kind\":\"Boredom\"", "it is damaged: \"violation.kind\" is \"Boredom\", which is none that this tool knows" },
        { "\"kind\":\"AssertionFailed\"", "\"kind\":\"0\"", "it is damaged: \"violation.kind\" is \"0\", which is none that this tool knows" },
        { "\"kind\":\"Join\"", "\"kind\":\"Jump\"", "it is damaged: \"steps[4].kind\" is \"Jump\", which is none that this tool knows" },
        { "\"thread\":2,\"name\":\"T2\",\"kind\":\"Load\"", "\"thread\":3,\"kind\":\"Load\"", "it is damaged: \"steps[1].thread\" is 3, and 0 to 2 is possible" },
        { "\"steps\":10000", "\"steps\":1000000", "it is damaged: \"options.steps\" is 1000000, and 1 to 30000 is possible" },
        { "\"spurious\":0", "\"spurious\":-1", "it is damaged: \"options.spurious\" is -1, and 0 to 1000000 is possible" },
        { "\"parent\":0,\"child\":1", "\"parent\":2,\"child\":1", "it is damaged: \"threads[2].parent\" is 2, and 0 to 1 is possible" },
        { "\"parent\":0,\"child\":1", "\"parent\":0,\"child\":0", "it is damaged: threads[2] is the same child of the same thread as another one" },
        { "\"rule\":\"no increment is lost\",", "", "it is damaged: \"violation.rule\" is missing" },
        { "  \"version\": 1,\n", "  \"version\": 1,\n  \"version\": 1,\n", "it is damaged: line 4 does not read as it should" },
    };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_trace_that_is_saved_and_loaded_is_the_same()
    {
        ExecutionTrace trace = Racy();
        string file = Path.Combine(_folder, "deep", "down", "racy.json");
        trace.Save(file);
        Assert.Equal(trace, ExecutionTrace.Load(file));
        Assert.Equal(trace.ToJson(), File.ReadAllText(file));

        // And once more, over the first.
        trace.Save(file);
        Assert.Equal([file], Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(StrategyKind.Dpor)]
    [InlineData(StrategyKind.Dfs)]
    [InlineData(StrategyKind.Random)]
    [InlineData(StrategyKind.Pct)]
    public void The_same_seed_gives_the_same_bytes(StrategyKind strategy)
    {
        string json = Racy(strategy).ToJson();
        Assert.Equal(json, Racy(strategy).ToJson());
        Assert.DoesNotContain('\r', json);
        Assert.EndsWith("}\n", json);
        Assert.DoesNotContain(Environment.CurrentDirectory, json);
        Assert.All(
            Racy(strategy).Steps.Where(static step => step.Source is not null),
            static step => Assert.StartsWith("tests/Exploration.Tests/Traces/TraceFileTests.cs:", step.Source));
    }

    [Fact]
    public void A_file_that_another_process_left_half_written_is_in_nobodys_way()
    {
        string file = Path.Combine(_folder, "racy.json");
        File.WriteAllText($"{file}.{Environment.ProcessId}-0.tmp", "half");
        Racy().Save(file);
        Assert.Equal(Racy(), ExecutionTrace.Load(file));
    }

    [Fact]
    public void What_cannot_be_written_leaves_nothing_behind()
    {
        string folder = Path.Combine(_folder, "racy.json");
        Directory.CreateDirectory(folder);
        Exception? failure = Record.Exception(() => Racy().Save(folder));
        Assert.True(failure is IOException or UnauthorizedAccessException, $"{failure}");
        Assert.Empty(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public void What_is_damaged_is_refused_in_a_line(string what, string by, string line)
    {
        string json = Racy().ToJson();
        Assert.Contains(what, json);
        Refused(line, Encoding.UTF8.GetBytes(json.Replace(what, by, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData(" \n", "it is empty")]
    [InlineData("{}", "it is JSON but no trace: its \"format\" is not \"rcumodel-trace\"")]
    [InlineData("null", "it is JSON but no trace: its \"format\" is not \"rcumodel-trace\"")]
    [InlineData("[1]", "it is damaged: line 1 does not read as it should")]
    [InlineData("hello", "it is damaged: line 1 does not read as it should")]
    [InlineData("{\"format\":\"rcumodel-trace\",\"version\":99999999999}", "it has version 99999999999 of the format, and this tool reads up to 1: a newer tool is needed")]
    public void What_is_no_trace_is_refused_in_a_line(string text, string line) => Refused(line, Encoding.UTF8.GetBytes(text));

    [Fact]
    public void Each_half_of_a_trace_is_refused_in_a_line()
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Racy().ToJson().TrimEnd());
        for (int length = 1; length < bytes.Length; length += 11)
            Refused("it is damaged: line ", bytes[..length]);
    }

    [Fact]
    public void What_is_nested_too_deeply_or_is_too_large_is_refused()
    {
        Refused("it is damaged: ", Encoding.UTF8.GetBytes(new string('[', 100_000)));
        string json = Racy().ToJson();
        string step = json.Split('\n').First(static line => line.Contains("\"Load\"", StringComparison.Ordinal));
        string many = string.Concat(Enumerable.Repeat($"{step}\n", ExecutionTrace.StepsMax));
        Refused(
            $"it is damaged: it has {ExecutionTrace.StepsMax + 6} steps, and {ExecutionTrace.StepsMax} are possible",
            Encoding.UTF8.GetBytes(json.Replace($"{step}\n", $"{step}\n{many}", StringComparison.Ordinal)));
        Refused("it is larger than 32 MiB, so it is no trace", new byte[ExecutionTrace.BytesMax + 1]);
    }

    [Fact]
    public void A_byte_order_mark_and_fields_that_nobody_knows_are_no_damage()
    {
        string json = Racy().ToJson().Replace("  \"tool\"", "  \"comment\": [{\"more\": 1}],\n  \"tool\"", StringComparison.Ordinal);
        Assert.Equal(Racy(), Load([0xef, 0xbb, 0xbf, .. Encoding.UTF8.GetBytes(json)]));
    }

    [Fact]
    public void The_schema_knows_every_field_and_every_word()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "RcuModel.sln")))
            folder = Path.GetDirectoryName(folder)!;
        using JsonDocument schema = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "docs", "traces.schema.json")));
        JsonElement definitions = schema.RootElement.GetProperty("$defs");
        ExecutionTrace trace = Racy() with
        {
            Scenario = "racy",
            Fault = new Fault("late", OperationKind.Store, "x", FaultChange.Delay)
            {
                Order = Order.Release,
                File = "x.cs",
                Part = new WordField(8, 8),
                Operand = 1,
                Past = 2,
            },
        };
        using JsonDocument document = JsonDocument.Parse(trace.ToJson());
        Conforms(document.RootElement, schema.RootElement, "$");
        Words<OperationKind>("operationKind");
        Words<ViolationKind>("violationKind");
        Words<FaultChange>("faultChange");
        Words<Order>("order");

        void Words<T>(string name)
            where T : struct, Enum => Assert.Equal(
                Enum.GetNames<T>(),
                definitions.GetProperty(name).GetProperty("enum").EnumerateArray().Select(static word => word.GetString()));

        void Conforms(JsonElement value, JsonElement type, string where)
        {
            if (type.TryGetProperty("$ref", out JsonElement reference))
                type = definitions.GetProperty(reference.GetString()!["#/$defs/".Length..]);
            if (value.ValueKind == JsonValueKind.Object)
            {
                foreach (JsonProperty field in value.EnumerateObject())
                {
                    Assert.True(type.GetProperty("properties").TryGetProperty(field.Name, out JsonElement inner), $"{where}.{field.Name}");
                    Conforms(field.Value, inner, $"{where}.{field.Name}");
                }

                foreach (JsonElement required in type.GetProperty("required").EnumerateArray())
                    Assert.True(value.TryGetProperty(required.GetString()!, out _), $"{where}.{required}");
            }
            else if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (JsonElement item in value.EnumerateArray())
                    Conforms(item, type.GetProperty("items"), where);
            }
            else
            {
                string expected = type.TryGetProperty("type", out JsonElement named) ? named.GetString()! : "string";
                Assert.True(value.ValueKind switch
                {
                    JsonValueKind.String => expected == "string",
                    JsonValueKind.Number => expected == "integer",
                    _ => expected == "boolean",
                }, $"{where} is {expected}");
            }
        }
    }

    private void Refused(string line, byte[] bytes)
    {
        TraceFormatException refusal = Assert.Throws<TraceFormatException>(() => Load(bytes));
        Assert.StartsWith(line, refusal.Message);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.True(refusal.Message.Length < 300, refusal.Message);
    }

    private ExecutionTrace Load(byte[] bytes)
    {
        string file = Path.Combine(_folder, "given.json");
        File.WriteAllBytes(file, bytes);
        return ExecutionTrace.Load(file);
    }

    private static ExecutionTrace Racy(StrategyKind strategy = StrategyKind.Dpor) =>
        Explorer.Explore(Body, new ExplorationOptions { Strategy = strategy }).Violation!.Trace!;

    private static void Body()
    {
        var x = new Cell<int>(0, "x");
        Action add = () => x.WriteOnce(x.ReadOnce() + 1);
        Execution.Run(add, add);
        Execution.Assert(x.ReadOnce() == 2, "no increment is lost");
    }
}
