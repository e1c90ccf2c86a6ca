using Chantier.Api.Database;
using Npgsql;

namespace Chantier.Api.Archives;

/// <summary>The commands "archive" and "restore", which have the database itself.</summary>
internal static class ArchiveCommands
{
    /// <summary>Writes the archive beside the file first, so that a file of that name is always a whole one.</summary>
    public static async Task<ArchiveManifest> WriteAsync(string connectionString, string path, CancellationToken cancellation)
    {
        if (File.Exists(path))
        {
            throw new ArchiveException($"There is a file {path} already; give another name.");
        }

        var beside = $"{path}.part";
        try
        {
            ArchiveManifest manifest;
            await using (var file = new FileStream(beside, FileMode.Create, FileAccess.Write, FileShare.None, 64 * 1024, FileOptions.Asynchronous))
            {
                await using var connection = await OpenAsync(connectionString, cancellation);
                manifest = await WriteArchive.ToAsync(connection, file, new Nobody(), cancellation);
            }

            File.Move(beside, path);
            return manifest;
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException($"The file cannot be written: {failed.Message}");
        }
        finally
        {
            if (File.Exists(beside))
            {
                File.Delete(beside);
            }
        }
    }

    /// <summary>A new database is first brought to the schema of the archive, then on to that of this build: what its migrations change in what is there, they change in what was restored.</summary>
    public static async Task<ArchiveManifest> RestoreAsync(string connectionString, string path, CancellationToken cancellation)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 64 * 1024, FileOptions.Asynchronous);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException($"The file cannot be read: {failed.Message}");
        }

        await using (file)
        {
            var schema = await RestoreArchive.SchemaOfAsync(file, cancellation);
            await Migrations.ApplyAsync(connectionString, cancellation, last: schema);
            ArchiveManifest manifest;
            await using (var connection = await OpenAsync(connectionString, cancellation))
            {
                manifest = await RestoreArchive.FromAsync(connection, file, new Nobody(), cancellation);
            }

            if (await Migrations.ApplyAsync(connectionString, cancellation) is { Count: > 0 })
            {
                await Projections.RebuildAsync(connectionString, cancellation);
            }

            return manifest;
        }
    }

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString, CancellationToken cancellation)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, CommandTimeout = 0 }.ConnectionString);
        await connection.OpenAsync(cancellation);
        return connection;
    }

    private sealed class Nobody : IProgress<Jobs.JobProgress>
    {
        public void Report(Jobs.JobProgress value)
        {
            // Who waits at the terminal is told at the end.
        }
    }
}
