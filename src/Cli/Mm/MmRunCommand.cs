using System.CommandLine;
using RcuModel.Cli.Reporting;
using RcuModel.Scripts;

namespace RcuModel.Cli.Mm;

/// <summary><c>mm run</c>: runs a script, and prints what the kernel's runner would print for it.</summary>
internal sealed class MmRunCommand
{
    private const string StandardInput = "-";

    private readonly Argument<string> _file = new("file")
    {
        Description = "The script; - for standard input.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _draw = new("--draw")
    {
        Description = "Where to draw what the structures look like at the end of the script.",
        HelpName = "OUT.svg",
    };

    private readonly Option<bool> _json = Choices.Json();

    private readonly ModelChoice _model = new();

    /// <summary>The verb.</summary>
    /// <param name="surroundings">What the tool finds around it.</param>
    public static Command Create(Surroundings surroundings)
    {
        var options = new MmRunCommand();
        var verb = new Command("run", "Runs a script of memory management operations; each dump in it prints the structures.");
        verb.Arguments.Add(options._file);
        verb.Options.Add(options._draw);
        verb.Options.Add(options._json);
        options._model.AddTo(verb);
        verb.SetAction(line => options.Run(line, surroundings));
        return verb;
    }

    /// <summary>The script of a file, or of standard input.</summary>
    /// <exception cref="UsageException">There is none, or it makes no sense.</exception>
    public static MmScript Load(ParseResult line, string file, Surroundings surroundings)
    {
        if (file.StartsWith('-') && file != StandardInput)
            CommandLine.RefuseUnknown(line, file);
        try
        {
            return file == StandardInput
                ? ScriptParser.Parse(surroundings.In.ReadToEnd(), "standard input")
                : ScriptParser.Parse(Read(file), file);
        }
        catch (ScriptException mistake)
        {
            throw new UsageException(mistake.Message);
        }
    }

    private int Run(ParseResult line, Surroundings surroundings)
    {
        bool json = line.GetValue(_json);
        try
        {
            MmScript script = Load(line, line.GetValue(_file)!, surroundings);
            using IScriptMachine machine = _model.MachinesOf(line)();
            ScriptResult result = ScriptRunner.Run(script, machine, json ? null : surroundings.Out);
            if (line.GetValue(_draw) is { } drawing)
                Write(drawing, MmDrawing.ToSvg(machine.Dump(), $"{Path.GetFileName(script.Name)}, at its end", result.Parents));
            if (json)
                Json.Write(surroundings.Out, JsonMmRun.Of(script, result, ExitCodes.Holds));
            return ExitCodes.Holds;
        }
        catch (ScriptException mistake)
        {
            throw new UsageException(mistake.Message);
        }
    }

    private static string Read(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{file} cannot be read: {failure.Message}");
        }
    }

    private static void Write(string file, string text)
    {
        try
        {
            File.WriteAllText(file, text);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"--draw: {file} cannot be written: {failure.Message}");
        }
    }
}
