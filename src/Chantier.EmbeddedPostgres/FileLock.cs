namespace Chantier.EmbeddedPostgres;

/// <summary>Locks that the system drops when their holder ends, however it ends (flock on Unix, share modes on Windows).</summary>
internal static class FileLock
{
    private const int WindowsSharingViolation = 32;
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;

    public static FileStream? TryExclusive(string path) => TryOpen(path, FileAccess.ReadWrite, FileShare.None);

    public static FileStream? TryShared(string path) => TryOpen(path, FileAccess.Read, FileShare.Read);

    public static async Task<FileStream> TakeExclusiveAsync(string path, CancellationToken cancellation)
    {
        FileStream? taken;
        while ((taken = TryExclusive(path)) is null) await Task.Delay(10, cancellation);
        return taken;
    }

    private static FileStream? TryOpen(string path, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = access, Share = share, BufferSize = 0 };
        // Whoever can open these files can keep the server from starting or stopping.
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(path, options);
        }
        catch (IOException e) when ((e.HResult & 0xFFFF) is WindowsSharingViolation or LinuxWouldBlock or MacWouldBlock)
        {
            return null;
        }
    }
}
