namespace Chantier.Api.Jobs;

/// <summary>A file for what a job does not hold in memory.</summary>
internal static class TemporaryFile
{
    /// <summary>Opens an empty one, gone when it is closed; where the system lets an open file go without a name, also when the process is killed.</summary>
    public static FileStream Open()
    {
        var file = new FileStream(
            Path.Combine(Path.GetTempPath(), $"chantier-{Guid.NewGuid():N}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 64 * 1024, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
        {
            File.Delete(file.Name);
        }

        return file;
    }
}
