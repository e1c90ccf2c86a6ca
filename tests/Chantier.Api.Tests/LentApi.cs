using System.Collections.Concurrent;
using Chantier.Api.Keys;
using Chantier.Testing;

namespace Chantier.Api.Tests;

/// <summary>A service over a database of its own, which is lent to one test at a time: one that wrote nothing leaves it to the next.</summary>
internal sealed class LentApi : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Task<string>> _keys = [];
    private readonly string _connection;
    private readonly TestApi _api;

    private LentApi(string template, string connection, TestApi api)
    {
        (Template, _connection, _api) = (template, connection, api);
        Ask = new(api.Client, () => IsWritten = true);
    }

    /// <summary>What its database is a copy of.</summary>
    public string Template { get; }

    public bool IsWritten { get; private set; }

    public Ask Ask { get; }

    public Uri Address => _api.Client.BaseAddress!;

    public IServiceProvider Services => _api.Services;

    /// <summary>For whoever does with the service, or with its database, what nobody here sees.</summary>
    public (TestApi Api, string Connection) Own()
    {
        IsWritten = true;
        return (_api, _connection);
    }

    /// <summary>Keys are there for the next test too.</summary>
    public Task<string> KeyAsync(string name, string scope) => _keys.GetOrAdd(name, _ => CreateKey.RunAsync(_connection, name, scope, TestContext.Current.CancellationToken));

    public static async Task<LentApi> StartAsync(string template, string connection) =>
        new(template, connection, await TestApi.StartAsync(connection, TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();
}
