using System.Collections.Concurrent;
using Chantier.Api.Seeding;
using Chantier.Api.Tests;
using Chantier.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Chantier.Api.Tests;

/// <summary>One PostgreSQL for all tests of this assembly. Each test asks it for a database, or for a service with one.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly Dictionary<string, Task<string>> _templates = [];
    private readonly ConcurrentDictionary<string, ConcurrentBag<LentApi>> _idle = [];

    public TestDatabases Databases { get; private set; } = null!;

    // Autovacuum would open each of some hundred databases every minute; what is filled here is analyzed at once.
    public async ValueTask InitializeAsync() => Databases = await TestDatabases.StartAsync(CancellationToken.None, areBrief: true);

    public async ValueTask DisposeAsync()
    {
        foreach (var idle in _idle.Values.SelectMany(all => all))
        {
            await idle.DisposeAsync();
        }

        await Databases.DisposeAsync();
    }

    /// <summary>A database of one's own with the invented world in it.</summary>
    public Task<string> WorldAsync(CancellationToken cancellation) => CopyOfAsync("world", World.FillWorldAsync, cancellation);

    /// <summary>A database of one's own with a pack of the seeds in it, or with all of them.</summary>
    public Task<string> SeededAsync(string? pack, CancellationToken cancellation) =>
        CopyOfAsync(pack ?? "all packs", database => SeedPacks.LoadAsync(database, Path.Combine(AppContext.BaseDirectory, "seeds"), pack, cancellation), cancellation);

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
            return new NpgsqlConnectionStringBuilder(database).Database!;
        }
    }

    /// <summary>A service over such a copy, until it is taken back.</summary>
    internal async Task<LentApi> LendAsync(string template, Func<Task<string>> copy) =>
        _idle.TryGetValue(template, out var idle) && idle.TryTake(out var lent) ? lent : await LentApi.StartAsync(template, await copy());

    internal async Task TakeBackAsync(LentApi lent)
    {
        if (!lent.IsWritten)
        {
            _idle.GetOrAdd(lent.Template, _ => []).Add(lent);
            return;
        }

        await lent.DisposeAsync();
        await Databases.DropAsync(lent.Own().Connection);
    }
}
