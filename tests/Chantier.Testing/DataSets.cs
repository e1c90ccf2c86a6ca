namespace Chantier.Testing;

/// <summary>
/// Where the files of public registers are that tests import: excerpts of them are part of the project, in <c>data</c>.
/// With <c>CHANTIER_THOROUGH=1</c> the tests use the whole files instead, if they are in the folder that <c>CHANTIER_DATA</c>
/// names, or else in <c>shared/data</c> beside the repository.
/// </summary>
internal static class DataSets
{
    private static readonly string? WholeFolder = Environment.GetEnvironmentVariable("CHANTIER_THOROUGH") == "1" ? FindWholeFolder() : null;

    /// <summary>Is true if the tests use the whole files.</summary>
    public static bool AreWhole => WholeFolder is not null;

    /// <summary>Returns the path of a file, which is named by its folder and name, such as <c>repd/2021-09.csv</c>.</summary>
    public static string PathOf(string file) => Path.Combine(WholeFolder ?? Path.Combine(AppContext.BaseDirectory, "data"), file);

    /// <summary>Returns the first value if the tests use excerpts, the second if they use the whole files.</summary>
    public static T Choose<T>(T excerpt, T whole) => AreWhole ? whole : excerpt;

    private static string? FindWholeFolder()
    {
        if (Environment.GetEnvironmentVariable("CHANTIER_DATA") is { Length: > 0 } named)
        {
            return named;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var data = Path.Combine(folder.FullName, "shared", "data");
            if (Directory.Exists(Path.Combine(data, "repd")))
            {
                return data;
            }
        }

        return null;
    }
}
