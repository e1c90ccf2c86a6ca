using System.Diagnostics;
using System.Globalization;

namespace Chantier.EmbeddedPostgres;

/// <summary>What a running server writes about itself into postmaster.pid, and a killed one leaves there.</summary>
/// <param name="ProcessId">0 if the file is empty, as a power cut may leave it.</param>
/// <param name="Directory">The cluster as the server was told it.</param>
/// <param name="Port">On Unix, only the socket's name.</param>
/// <param name="SocketFolder">Empty where the server has no socket (Windows).</param>
/// <param name="IsReady">False while it starts, recovers or stops.</param>
internal sealed record Postmaster(int ProcessId, string Directory, int Port, string SocketFolder, bool IsReady)
{
    public static string File(string cluster) => Path.Combine(cluster, "postmaster.pid");

    /// <summary>Null where there is no such file.</summary>
    public static Postmaster? Read(string cluster)
    {
        try
        {
            using var file = new FileStream(File(cluster), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(file);
            // Process, directory, start time, port, socket folder, listen address, shared memory key, state.
            var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.TrimEntries);
            return new Postmaster(Number(0), Line(1), Number(3), Line(4), Line(7) == "ready");

            string Line(int index) => index < lines.Length ? lines[index] : "";
            int Number(int index) => int.TryParse(Line(index), CultureInfo.InvariantCulture, out var number) ? number : 0;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>
    /// True if the process exists and is a server of this cluster; after a crash or a restart of the machine its number may
    /// belong to any other process.
    /// </summary>
    public async Task<bool> IsAliveAsync(CancellationToken cancellation)
    {
        if (ProcessId <= 0) return false;
        try
        {
            using var process = Process.GetProcessById(ProcessId);
            if (!OperatingSystem.IsLinux()) return process.ProcessName.StartsWith("postgres", StringComparison.Ordinal);
        }
        catch (ArgumentException)
        {
            return false;
        }

        // Not /proc/…/cwd, which root in a container may not read for another user.
        string[] command;
        try
        {
            command = (await System.IO.File.ReadAllTextAsync($"/proc/{ProcessId}/cmdline", cancellation)).Split('\0');
        }
        catch (IOException)
        {
            return false;
        }
        // A child of another server calls itself "postgres: what it does"; an ended process has no command line.
        if (Path.GetFileName(command[0]) is not ("postgres" or "postmaster")) return false;
        var directory = Array.LastIndexOf(command, "-D") + 1;
        return directory == 0 || directory >= command.Length || !Path.IsPathRooted(command[directory]) || command[directory] == Directory;
    }
}
