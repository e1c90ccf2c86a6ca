using Chantier.Api.Database;
using Chantier.Api.Http;
using Dapper;
using FluentValidation;
using Npgsql;

namespace Chantier.Api.Keys;

/// <summary>A key for somebody who shall write.</summary>
internal sealed record KeyRequest
{
    /// <summary>The handle that what the key writes is recorded under; no personal data.</summary>
    public string? Name { get; init; }

    /// <summary>read, contribute, curate or admin.</summary>
    public string? Scope { get; init; }

    internal sealed class Validator : AbstractValidator<KeyRequest>
    {
        public Validator()
        {
            RuleFor(k => k.Name).IsGiven();
            RuleFor(k => k.Name).Matches("^[a-z0-9]+([._-][a-z0-9]+)*$").MaximumLength(80).WithErrorCode("not_accepted")
                .WithMessage("is no handle; it accepts lower-case letters and digits, in parts joined by '.', '-' or '_', up to 80 characters.");
            RuleFor(k => k.Scope).IsGiven();
            RuleFor(k => k.Scope).IsAmong(["read", "contribute", "curate", "admin"]);
        }
    }
}

/// <summary>POST /v1/keys, and the command "keys create".</summary>
internal static class CreateKey
{
    private const string Sql = "insert into api_key (name, scope, hash) values (@name, @scope, @hash) returning id";

    private const string FirstSql = """
        insert into api_key (name, scope, hash) select 'development', 'admin', @hash where not exists (select from api_key) returning id
        """;

    public static async Task<Outcome> Handle(Write write, KeyRequest request)
    {
        var (hash, shown) = AccessKey.Create();
        var id = (await write.QueryAsync<long>(Sql, new { name = request.Name, scope = request.Scope, hash }))[0];
        return Outcome.Created($"/v1/keys/{id}", KeyView.Spec(id) with { Embed = (_, key) => Task.FromResult(key.Key = shown(id)) });
    }

    /// <summary>For whoever tries the service on his own machine: a key for everything, where there is none yet; null where there is.</summary>
    public static async Task<string?> FirstAsync(WriteSource source, CancellationToken cancellation)
    {
        var (hash, shown) = AccessKey.Create();
        await using var connection = await source.OpenAsync(cancellation);
        return await connection.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(FirstSql, new { hash }, cancellationToken: cancellation)) is { } id ? shown(id) : null;
    }

    /// <summary>For the command line, which has the database itself.</summary>
    public static async Task<string> RunAsync(string connectionString, string name, string scope, CancellationToken cancellation)
    {
        var problems = await new KeyRequest.Validator().ValidateAsync(new KeyRequest { Name = name, Scope = scope }, cancellation);
        if (!problems.IsValid)
        {
            throw new KeyException(string.Join(' ', problems.Errors.Select(e => $"{e.PropertyName} {e.ErrorMessage}")));
        }

        var (hash, shown) = AccessKey.Create();
        await using var source = DataSources.Unpooled(connectionString);
        await using var connection = await source.OpenConnectionAsync(cancellation);
        try
        {
            return shown(await connection.QuerySingleAsync<long>(new CommandDefinition(Sql, new { name, scope, hash }, cancellationToken: cancellation)));
        }
        catch (PostgresException taken) when (taken.ConstraintName == "api_key_name_unique")
        {
            throw new KeyException($"There is a key with the name '{name}' already; revoke it first, or take another name.");
        }
    }
}

/// <summary>A key cannot be made; the message says why.</summary>
internal sealed class KeyException(string message) : Exception(message);
