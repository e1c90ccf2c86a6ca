using Chantier.Domain;
using Npgsql;
using NpgsqlTypes;

namespace Chantier.Api.Database;

/// <summary>Writes new rows of status_span and capacity_span: a few by a statement, many by COPY.</summary>
internal static class PeriodRows
{
    private const string InsertStatusSql = """
        insert into status_span (factory_id, is_published, known_from, known_to, valid_from, valid_to, status, since_claim_id)
        select u.factory_id, u.is_published, u.known_from, u.known_to, u.valid_from, u.valid_to, u.status, u.since_claim_id
        from unnest(@factories, @published, @knownFroms, @knownTos, @froms, @tos, @statuses, @since::bigint[])
          as u (factory_id, is_published, known_from, known_to, valid_from, valid_to, status, since_claim_id)
        """;

    private const string InsertCapacitySql = """
        insert into capacity_span (factory_id, is_published, known_from, known_to, valid_from, valid_to, phase_id, status, is_counted,
          is_alone, product, unit, value, min, max, word, qualifier)
        select u.factory_id, u.is_published, u.known_from, u.known_to, u.valid_from, u.valid_to, u.phase_id, u.status, u.is_counted,
          u.is_alone, u.product, u.unit, u.value, u.min, u.max, u.word, u.qualifier
        from unnest(@factories, @published, @knownFroms, @knownTos, @froms, @tos, @phases::bigint[], @statuses, @counted,
            @alone, @products, @units, @values::numeric[], @mins::numeric[], @maxs::numeric[], @words, @qualifiers)
          as u (factory_id, is_published, known_from, known_to, valid_from, valid_to, phase_id, status, is_counted,
            is_alone, product, unit, value, min, max, word, qualifier)
        """;

    private const string CopyStatusSql = """
        copy status_span (factory_id, is_published, known_from, known_to, valid_from, valid_to, status, since_claim_id)
        from stdin (format binary)
        """;

    private const string CopyCapacitySql = """
        copy capacity_span (factory_id, is_published, known_from, known_to, valid_from, valid_to, phase_id, status, is_counted,
          is_alone, product, unit, value, min, max, word, qualifier)
        from stdin (format binary)
        """;

    public static void AddInserts(NpgsqlBatch batch, List<(long Factory, bool IsPublished, Known<StatusPeriod> Known)> rows, DateTimeOffset at)
    {
        if (rows.Count > 0)
        {
            batch.BatchCommands.Add(Sql.Command(
                InsertStatusSql,
                new
                {
                    factories = rows.ConvertAll(r => r.Factory).ToArray(),
                    published = rows.ConvertAll(r => r.IsPublished).ToArray(),
                    knownFroms = rows.ConvertAll(r => Times.Utc(r.Known.From)).ToArray(),
                    knownTos = rows.ConvertAll(r => Times.Utc(r.Known.To)).ToArray(),
                    froms = rows.ConvertAll(r => r.Known.Value.From).ToArray(),
                    tos = rows.ConvertAll(r => r.Known.Value.To).ToArray(),
                    statuses = rows.ConvertAll(r => r.Known.Value.Status).ToArray(),
                    since = rows.ConvertAll(r => r.Known.Value.SinceClaimId).ToArray(),
                },
                at));
        }
    }

    public static void AddInserts(NpgsqlBatch batch, List<(long Factory, bool IsPublished, Known<CapacityPeriod> Known)> rows, DateTimeOffset at)
    {
        if (rows.Count > 0)
        {
            batch.BatchCommands.Add(Sql.Command(
                InsertCapacitySql,
                new
                {
                    factories = rows.ConvertAll(r => r.Factory).ToArray(),
                    published = rows.ConvertAll(r => r.IsPublished).ToArray(),
                    knownFroms = rows.ConvertAll(r => Times.Utc(r.Known.From)).ToArray(),
                    knownTos = rows.ConvertAll(r => Times.Utc(r.Known.To)).ToArray(),
                    froms = rows.ConvertAll(r => r.Known.Value.From).ToArray(),
                    tos = rows.ConvertAll(r => r.Known.Value.To).ToArray(),
                    phases = rows.ConvertAll(r => r.Known.Value.PhaseId).ToArray(),
                    statuses = rows.ConvertAll(r => r.Known.Value.Status).ToArray(),
                    counted = rows.ConvertAll(r => r.Known.Value.IsCounted).ToArray(),
                    alone = rows.ConvertAll(r => r.Known.Value.IsAlone).ToArray(),
                    products = rows.ConvertAll(r => r.Known.Value.Product).ToArray(),
                    units = rows.ConvertAll(r => r.Known.Value.Unit).ToArray(),
                    values = rows.ConvertAll(r => r.Known.Value.Value).ToArray(),
                    mins = rows.ConvertAll(r => r.Known.Value.Min).ToArray(),
                    maxs = rows.ConvertAll(r => r.Known.Value.Max).ToArray(),
                    words = rows.ConvertAll(r => r.Known.Value.Word).ToArray(),
                    qualifiers = rows.ConvertAll(r => r.Known.Value.Qualifier).ToArray(),
                },
                at));
        }
    }

    public static async Task CopyAsync(
        NpgsqlConnection connection, List<(long Factory, bool IsPublished, Known<StatusPeriod> Known)> rows, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(CopyStatusSql, cancellation);
        foreach (var (factory, isPublished, (from, to, period)) in rows)
        {
            await WriteKeyAsync(copy, factory, isPublished, from, to, period.From, period.To, cancellation);
            await WriteAsync(copy, period.Status, cancellation);
            await WriteAsync(copy, period.SinceClaimId, cancellation);
        }

        await copy.CompleteAsync(cancellation);
    }

    public static async Task CopyAsync(
        NpgsqlConnection connection, List<(long Factory, bool IsPublished, Known<CapacityPeriod> Known)> rows, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(CopyCapacitySql, cancellation);
        foreach (var (factory, isPublished, (from, to, period)) in rows)
        {
            await WriteKeyAsync(copy, factory, isPublished, from, to, period.From, period.To, cancellation);
            await WriteAsync(copy, period.PhaseId, cancellation);
            await WriteAsync(copy, period.Status, cancellation);
            await copy.WriteAsync(period.IsCounted, NpgsqlDbType.Boolean, cancellation);
            await copy.WriteAsync(period.IsAlone, NpgsqlDbType.Boolean, cancellation);
            await WriteAsync(copy, period.Product, cancellation);
            await WriteAsync(copy, period.Unit, cancellation);
            await WriteAsync(copy, period.Value, cancellation);
            await WriteAsync(copy, period.Min, cancellation);
            await WriteAsync(copy, period.Max, cancellation);
            await WriteAsync(copy, period.Word, cancellation);
            await WriteAsync(copy, period.Qualifier, cancellation);
        }

        await copy.CompleteAsync(cancellation);
    }

    private static async Task WriteKeyAsync(
        NpgsqlBinaryImporter copy, long factory, bool isPublished, DateTime knownFrom, DateTime knownTo, DateOnly from, DateOnly to, CancellationToken cancellation)
    {
        await copy.StartRowAsync(cancellation);
        await copy.WriteAsync(factory, NpgsqlDbType.Bigint, cancellation);
        await copy.WriteAsync(isPublished, NpgsqlDbType.Boolean, cancellation);
        await copy.WriteAsync(Times.Utc(knownFrom), NpgsqlDbType.TimestampTz, cancellation);
        await copy.WriteAsync(Times.Utc(knownTo), NpgsqlDbType.TimestampTz, cancellation);
        await copy.WriteAsync(from, NpgsqlDbType.Date, cancellation);
        await copy.WriteAsync(to, NpgsqlDbType.Date, cancellation);
    }

    private static Task WriteAsync(NpgsqlBinaryImporter copy, string? value, CancellationToken cancellation) =>
        value is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(value, NpgsqlDbType.Text, cancellation);

    private static Task WriteAsync(NpgsqlBinaryImporter copy, long? value, CancellationToken cancellation) =>
        value is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(value.Value, NpgsqlDbType.Bigint, cancellation);

    private static Task WriteAsync(NpgsqlBinaryImporter copy, decimal? value, CancellationToken cancellation) =>
        value is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(value.Value, NpgsqlDbType.Numeric, cancellation);
}
