using System.Diagnostics;

namespace RcuModel.Contention.Tests;

/// <summary>Chromium without a window, where this machine has it.</summary>
internal static class Browser
{
    private static readonly string[] s_names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

    private static readonly string? s_path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(static folder => s_names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>Why no page can be shown; null if one can.</summary>
    public static string? WhyNot => s_path is null ? $"needs a browser to show pages in, and PATH has none of {string.Join(", ", s_names)}" : null;

    /// <summary>Shows a page.</summary>
    /// <param name="page">The page.</param>
    /// <returns>What the page has become when its scripts were done, and what the browser had to say.</returns>
    public static (string Page, string Log) Show(string page)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("rcumodel-page-");
        try
        {
            string file = Path.Combine(folder.FullName, "page.html");
            File.WriteAllText(file, page);

            // No name resolves, so that a page which needs more than itself shows it. The virtual time ends what a script might wait for.
            using var browser = Process.Start(new ProcessStartInfo(s_path!,
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--host-resolver-rules=MAP * ~NOTFOUND",
                "--virtual-time-budget=5000", $"--user-data-dir={Path.Combine(folder.FullName, "profile")}", "--dump-dom", new Uri(file).AbsoluteUri,
            ])
            { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;
            Task<string> shown = browser.StandardOutput.ReadToEndAsync();
            Task<string> log = browser.StandardError.ReadToEndAsync();
            browser.WaitForExit();
            return (shown.GetAwaiter().GetResult(), log.GetAwaiter().GetResult());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
