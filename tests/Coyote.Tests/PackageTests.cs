using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace RcuModel.Coyote.Tests;

/// <summary>
/// What a build does where the package cannot be had: it restores, builds and says so. These run in every state, with sources of
/// their own, in a folder of their own.
/// </summary>
public sealed class PackageTests : IDisposable
{
    // The restore of an empty project takes one second; a feed that hangs may cost two more. The rest is for slow machines.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("rcumodel-coyote-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_feed_that_never_answers_is_given_up_soon()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Assert.Equal("false", Restore(Url(listener, "v3/index.json")));
        Assert.True(AskedWithin < TimeSpan.FromSeconds(20), $"it took {AskedWithin}");
    }

    // It says that it has the package and does not serve it, so a restore that believed it would fail.
    [Fact]
    public async Task Who_offers_it_must_prove_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        Task feed = Serve(listener, stop.Token);

        // This feed does answer, when the machine lets it.
        Assert.Equal("false", Restore(Url(listener, "v3/index.json"), "-p:CoyoteMilliseconds=30000"));
        await stop.CancelAsync();
        listener.Stop();
        await feed;
        Assert.True(File.Exists(Path.Combine(_folder, "obj", "coyote", "proof", "proof.csproj")), "nobody asked for a proof");
    }

    [Fact]
    public void Without_the_package_everything_is_built_and_the_tool_says_so_in_a_line()
    {
        // The project as it is, except that what it references is there already.
        Configure(Folder("empty"));
        string sources = Path.Combine(Repository(), "src", "Coyote");
        foreach (string file in Directory.GetFiles(sources, "*", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(sources, file);
            if (path.Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"))
                File.Copy(file, Path.Combine(Folder(Path.GetDirectoryName(path)!), Path.GetFileName(path)));
        }

        string project = Path.Combine(_folder, "RcuModel.Coyote.csproj");
        File.WriteAllText(project, Regex.Replace(
            File.ReadAllText(project), "<ProjectReference Include=\"[^\"]*/(?<name>[^\"/]*)\\.csproj\" />",
            $"<Reference Include=\"{AppContext.BaseDirectory}${{name}}.dll\" />", RegexOptions.ExplicitCapture, s_patience));
        File.WriteAllText(Path.Combine(_folder, "Directory.Build.props"), """
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
        (int code, string text) = Run("build", project, "-nologo", $"-p:OutDir={Folder("out")}/");
        Assert.True(code == 0, text);
        Assert.Single(text.Split('\n'), static line => line.Contains("Coyote was not found", StringComparison.Ordinal));

        string tool = Folder("tool");
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory))
            File.Copy(file, Path.Combine(tool, Path.GetFileName(file)));
        File.Copy(Path.Combine(_folder, "out", "RcuModel.Coyote.dll"), Path.Combine(tool, "RcuModel.Coyote.dll"), overwrite: true);
        (code, text) = Run(Path.Combine(tool, "rcumodel.dll"), "check", "sb", "--engine", "coyote", "--traces", "none");
        Assert.Equal(2, code);
        Assert.Equal($"rcumodel: {CoyoteExplorer.HowToEnable}", text.Trim());
        (code, _) = Run(Path.Combine(tool, "rcumodel.dll"), "check", "sb", "--traces", "none");
        Assert.Equal(0, code);
    }

    [Fact]
    public void The_version_is_the_same_in_all_places()
    {
        Assert.Contains(
            $"Include=\"{CoyoteExplorer.Package}\" Version=\"{CoyoteExplorer.PackageVersion}\"",
            File.ReadAllText(Path.Combine(Repository(), "Directory.Packages.props")), StringComparison.Ordinal);
        Assert.Contains(
            $"<CoyoteVersion>{CoyoteExplorer.PackageVersion}</CoyoteVersion>",
            File.ReadAllText(Path.Combine(Repository(), "src", "Coyote", "FindCoyote.targets")), StringComparison.Ordinal);
    }

    private TimeSpan AskedWithin { get; set; }

    // Restores a project that looks for Coyote as ours does; gives the answer.
    private string Restore(string source, params string[] options)
    {
        Configure(source);
        string project = Path.Combine(_folder, "Looks.csproj");
        File.WriteAllText(project, $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <NuGetAudit>false</NuGetAudit>
                <EnableDefaultItems>false</EnableDefaultItems>
              </PropertyGroup>
              <Import Project="{Path.Combine(Repository(), "src", "Coyote", "FindCoyote.targets")}" />
            </Project>
            """);
        var clock = Stopwatch.StartNew();
        (int code, string text) = Run(["restore", project, "-nologo", "-v:q", .. options]);
        AskedWithin = clock.Elapsed;
        Assert.True(code == 0, text);
        string answer = File.ReadAllText(Path.Combine(_folder, "obj", "coyote", "answer.props"));
        return answer.Contains("<UseCoyote>true<", StringComparison.Ordinal) ? "true" : "false";
    }

    // One source, and no package on the machine.
    private void Configure(string source) =>
        File.WriteAllText(Path.Combine(_folder, "nuget.config"), $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="packages" /></config>
              <packageSources><clear /><add key="only" value="{source}" allowInsecureConnections="true" /></packageSources>
              <disabledPackageSources><clear /></disabledPackageSources>
              <fallbackPackageFolders><clear /></fallbackPackageFolders>
            </configuration>
            """);

    private (int Code, string Text) Run(params string[] args)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder,
        };
        foreach (string arg in args)
            start.ArgumentList.Add(arg);

        // What the build that runs these tests has set is not for this one, and nobody is to outlive it.
        foreach (string name in start.Environment.Keys.Where(static n => n.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || n is "NUGET_PACKAGES" or "RcuModelTestResults").ToArray())
        {
            start.Environment.Remove(name);
        }

        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["UseSharedCompilation"] = "false";
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(s_patience))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"dotnet {string.Join(' ', args)} does not end.");
        }

        return (process.ExitCode, output.Result + error.Result);
    }

    private string Folder(string name) => Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;

    private static string Url(TcpListener listener, string path) => $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/{path}";

    private static async Task Serve(TcpListener listener, CancellationToken stop)
    {
        string index = $$"""
            {"version":"3.0.0","resources":[{"@id":"{{Url(listener, "flat/")}}","@type":"PackageBaseAddress/3.0.0"}]}
            """;
        try
        {
            while (true)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(stop);
                NetworkStream stream = client.GetStream();
                using var reader = new StreamReader(stream, leaveOpen: true);
                string request = await reader.ReadLineAsync(stop) ?? "";
                while (await reader.ReadLineAsync(stop) is { Length: > 0 })
                {
                }

                (string status, string body) = request.Contains(" /v3/index.json ", StringComparison.Ordinal) ? ("200 OK", index)
                    : request.Contains("microsoft.coyote.test/index.json", StringComparison.Ordinal)
                        ? ("200 OK", $$"""{"versions":["{{CoyoteExplorer.PackageVersion}}"]}""")
                    : ("404 Not Found", "");
                byte[] answer = Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}");
                await stream.WriteAsync(answer, stop);
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
            // Nobody asks any more.
        }
    }

    // Source paths are mapped for builds that are the same everywhere, so the way leads up from where the tests are.
    private static string Repository([CallerFilePath] string here = "")
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RcuModel.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"{here} does not run inside the repository.");
    }
}
