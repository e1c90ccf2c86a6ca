using Chantier.Api.Tests;
using Chantier.Testing;

[assembly: AssemblyFixture(typeof(PostgresFixture))]

namespace Chantier.Api.Tests;

/// <summary>One PostgreSQL for all tests of this assembly. Each test class asks it for a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public TestDatabases Databases { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Databases = await TestDatabases.StartAsync(CancellationToken.None);

    public async ValueTask DisposeAsync() => await Databases.DisposeAsync();
}
