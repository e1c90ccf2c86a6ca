using Chantier.Api.Tests;
using Chantier.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Chantier.Api.Tests;

/// <summary>One PostgreSQL for all tests of this assembly. Each test class asks it for a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly Dictionary<string, Task<string>> _templates = [];

    public TestDatabases Databases { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Databases = await TestDatabases.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync() => await Databases.DisposeAsync();

    /// <summary>A database of one's own with the invented world in it.</summary>
    public Task<string> WorldAsync(CancellationToken cancellation) => CopyOfAsync(
        "world",
        async database =>
        {
            using var reader = new StreamReader(typeof(World).Assembly.GetManifestResourceStream("world.sql")!);
            await World.ExecuteAsync(database, await reader.ReadToEndAsync(cancellation));
        },
        cancellation);

    /// <summary>A copy of a database that is filled once, whoever asks first.</summary>
    public async Task<string> CopyOfAsync(string name, Func<string, Task> fill, CancellationToken cancellation)
    {
        Task<string> template;
        lock (_templates)
        {
            if (!_templates.TryGetValue(name, out template!))
            {
                _templates[name] = template = FillAsync();
            }
        }

        return await Databases.CopyAsync(await template, cancellation);

        async Task<string> FillAsync()
        {
            var database = await Databases.CreateAsync(cancellation);
            await fill(database);
            return new Npgsql.NpgsqlConnectionStringBuilder(database).Database!;
        }
    }
}
