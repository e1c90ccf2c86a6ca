using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Chantier.Api.Archives;
using Chantier.Api.Jobs;
using Npgsql;

namespace Chantier.Api.Tests.Archives;

/// <summary>An archive in memory, with what tests ask of one and do to it.</summary>
internal sealed class ArchiveFile(byte[] bytes)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public byte[] Bytes => bytes;

    public static async Task<ArchiveFile> OfAsync(string connectionString)
    {
        await using var connection = await OpenAsync(connectionString);
        using var file = new MemoryStream();
        await WriteArchive.ToAsync(connection, file, new Progress<JobProgress>(), Token);
        return new(file.ToArray());
    }

    public async Task RestoreAsync(string connectionString)
    {
        await using var connection = await OpenAsync(connectionString);
        using var file = new MemoryStream(bytes);
        await RestoreArchive.FromAsync(connection, file, new Progress<JobProgress>(), Token);
    }

    /// <summary>The files in it, by name.</summary>
    public Dictionary<string, byte[]> Files()
    {
        using var zip = new ZipArchive(new MemoryStream(bytes), ZipArchiveMode.Read);
        return zip.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using var stream = entry.Open();
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return copy.ToArray();
        });
    }

    public Dictionary<string, byte[]> Data() => Files().Where(file => file.Key.StartsWith("data/", StringComparison.Ordinal)).ToDictionary();

    public string Text() => string.Concat(Files().Values.Select(Encoding.UTF8.GetString));

    public JsonObject Manifest() => JsonNode.Parse(Files()["manifest.json"])!.AsObject();

    /// <summary>The same with some of its files changed, or left out where they become null.</summary>
    public ArchiveFile With(string name, Func<byte[], byte[]?> change)
    {
        using var changed = new MemoryStream();
        using (var zip = new ZipArchive(changed, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (file, content) in Files())
            {
                if ((file == name ? change(content) : content) is { } kept)
                {
                    using var stream = zip.CreateEntry(file).Open();
                    stream.Write(kept);
                }
            }
        }

        return new(changed.ToArray());
    }

    public ArchiveFile WithManifest(Action<JsonObject> change) => With("manifest.json", content =>
    {
        var manifest = JsonNode.Parse(content)!.AsObject();
        change(manifest);
        return Encoding.UTF8.GetBytes(manifest.ToJsonString());
    });

    private static async Task<NpgsqlConnection> OpenAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Token);
        return connection;
    }
}
