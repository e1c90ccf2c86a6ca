using System.Runtime.CompilerServices;

namespace Chantier.Api.Tests.OpenApi;

/// <summary>A file that holds what was answered, compared byte for byte; CHANTIER_ACCEPT=1 takes what is answered now.</summary>
internal static class GoldenFile
{
    public static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;

    public static async Task MatchesAsync(string path, byte[] actual, CancellationToken cancellation)
    {
        if (Environment.GetEnvironmentVariable("CHANTIER_ACCEPT") == "1")
        {
            await File.WriteAllBytesAsync(path, actual, cancellation);
            return;
        }

        var expected = File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellation) : [];
        if (actual.AsSpan().SequenceEqual(expected))
        {
            return;
        }

        var (was, now) = (Lines(expected), Lines(actual));
        var line = was.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail($"{Path.GetFileName(path)} differs from line {line + 1} on:\n- {was.ElementAtOrDefault(line)}\n+ {now.ElementAtOrDefault(line)}\n"
            + "If the change is meant, run these tests once with CHANTIER_ACCEPT=1 in the environment, look at the difference, and commit the file.");
    }

    private static string[] Lines(byte[] text) => System.Text.Encoding.UTF8.GetString(text).Split('\n');
}
