using System.Security.Cryptography;
using System.Text;
using Chantier.Api.Database;
using Dapper;
using Microsoft.AspNetCore.Authorization;

namespace Chantier.Api.Http;

/// <summary>What a caller may do; each includes those before it.</summary>
internal enum Scope
{
    /// <summary>Read.</summary>
    Read,

    /// <summary>File proposals.</summary>
    Contribute,

    /// <summary>Record claims, edit, delete, and decide on proposals.</summary>
    Curate,

    /// <summary>Merge, redact, and give out keys.</summary>
    Admin,
}

/// <summary>Who asks.</summary>
/// <param name="KeyId">Null without a key.</param>
/// <param name="Handle">What is recorded as the author of a write.</param>
/// <param name="Scope">What the key allows.</param>
internal sealed record Caller(long? KeyId, string Handle, Scope Scope)
{
    public static Caller Anonymous { get; } = new(null, "anonymous", Scope.Read);

    /// <summary>Who shows a key that is not good: to be refused, not to be taken for somebody without one.</summary>
    public static Caller Unknown { get; } = new(null, "unknown", Scope.Read);

    public static Caller Of(HttpContext http) => http.Features.Get<Caller>() ?? Anonymous;
}

/// <summary>The scope that an endpoint asks for; reading needs no more than <see cref="Scope.Read"/>, which everybody has.</summary>
/// <param name="Scope">Who may do it.</param>
/// <param name="OrProposed">Whether who may only contribute files it as a proposal by the same request.</param>
internal sealed record Requires(Scope Scope, bool OrProposed = false)
{
    public Scope Least => OrProposed ? Scope.Contribute : Scope;
}

/// <summary>A key as its holder has it: "ck_", its number, "_", and 256 random bits. Only the hash of the secret is stored.</summary>
internal static class AccessKey
{
    public static (byte[] Hash, Func<long, string> Shown) Create()
    {
        var secret = RandomNumberGenerator.GetHexString(64, lowercase: true);
        return (HashOf(secret), id => $"ck_{id}_{secret}");
    }

    public static bool TryRead(string text, out long id, out byte[] hash)
    {
        (id, hash) = (0, []);
        if (text.Split('_') is not ["ck", var number, { Length: 64 } secret] || !long.TryParse(number, out id))
        {
            return false;
        }

        hash = HashOf(secret);
        return true;
    }

    private static byte[] HashOf(string secret) => SHA256.HashData(Encoding.ASCII.GetBytes(secret));
}

/// <summary>Finds who asks, and lets through who may, before anything is answered, from a cache or not.</summary>
internal static class Access
{
    private const string KeySql = "select id, name, scope, hash, last_used_at is null or last_used_at < now() - interval '1 minute' as is_stale from api_key where id = @id and revoked_at is null";

    private const string UsedSql = "update api_key set last_used_at = now() where id = @id";

    /// <summary>Finds who asks, for whatever comes after; refuses nobody yet, so that who is unknown is counted too.</summary>
    public static async Task IdentifyAsync(HttpContext http, RequestDelegate next)
    {
        // Whether the service lives depends on nobody's key, and not on the database that knows it.
        if (http.Request.Headers.Authorization is { Count: > 0 } header && http.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null)
        {
            http.Features.Set(await FindAsync(http, header.ToString()) ?? Caller.Unknown);
        }

        await next(http);
    }

    public static async Task CheckAsync(HttpContext http, RequestDelegate next)
    {
        var caller = Caller.Of(http);
        if (caller == Caller.Unknown)
        {
            await RefuseAsync(http, Problem.Of(401, "unknown-key", "The key is not known", "The Authorization header names no valid key; it accepts 'Bearer' and a key that was not revoked."));
            return;
        }

        if (http.GetEndpoint()?.Metadata.GetMetadata<Requires>() is { } requires && caller.Scope < requires.Least)
        {
            var scope = CodeOf(requires.Least);
            await RefuseAsync(http, caller.KeyId is null
                ? Problem.Of(401, "key-needed", "A key is needed", $"This needs a key with the scope {scope}, in the header 'Authorization: Bearer <key>'.")
                : Problem.Of(403, "scope-too-narrow", "The key may not do this", $"This needs the scope {scope}; the key has the scope {CodeOf(caller.Scope)}."));
            return;
        }

        await next(http);
    }

    public static string CodeOf(Scope scope) => scope switch
    {
        Scope.Read => "read",
        Scope.Contribute => "contribute",
        Scope.Curate => "curate",
        _ => "admin",
    };

    private static Task RefuseAsync(HttpContext http, Problem problem)
    {
        if (problem.Status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return problem.ToResult().ExecuteAsync(http);
    }

    private static async Task<Caller?> FindAsync(HttpContext http, string header)
    {
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) || !AccessKey.TryRead(header["Bearer ".Length..].Trim(), out var id, out var hash))
        {
            return null;
        }

        await using var connection = await http.RequestServices.GetRequiredService<WriteSource>().OpenAsync(http.RequestAborted);
        var row = await connection.QuerySingleOrDefaultAsync<KeyRow>(new CommandDefinition(KeySql, new { id }, cancellationToken: http.RequestAborted));
        // In constant time, so that how long a refusal takes tells nothing of the hash.
        if (row is null || !CryptographicOperations.FixedTimeEquals(row.Hash, hash))
        {
            return null;
        }

        if (row.IsStale)
        {
            await connection.ExecuteAsync(new CommandDefinition(UsedSql, new { id }, cancellationToken: http.RequestAborted));
        }

        return new(row.Id, row.Name, Enum.Parse<Scope>(row.Scope, ignoreCase: true));
    }

    private sealed record KeyRow
    {
        public required long Id { get; init; }

        public required string Name { get; init; }

        public required string Scope { get; init; }

        public required byte[] Hash { get; init; }

        public required bool IsStale { get; init; }
    }
}
