using Npgsql;
using NpgsqlTypes;

namespace Chantier.Api.Imports;

/// <summary>Staging at the speed of COPY.</summary>
internal static class StagingCopy
{
    private const string RowsSql = """
        copy import_staged_row (import_id, row, first_row, owner, phase, is_rejected, name, sector, products, country, region, locality, website, phase_name, phase_product,
          lon, lat, precision, uncertainty_m, operators, fingerprint) from stdin (format binary)
        """;

    private const string ClaimsSql = """
        copy import_staged_claim (import_id, row, key, statement, is_per_release, is_of_phase, kind, basis, confidence, note, columns, status, milestone, date_meaning,
          date, earliest, latest, property, value, min, max, word, unit, qualifier, product, scope,
          operator, operator_slug, role, lon, lat, precision, uncertainty_m, method, fingerprint)
        from stdin (format binary)
        """;

    private const string ProblemsSql = "copy import_problem (import_id, row, kind, column_name, value, rule, detail) from stdin (format binary)";

    public static async Task RowsAsync(NpgsqlConnection connection, long import, List<StagedRow> rows, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(RowsSql, cancellation);
        foreach (var row in rows)
        {
            await copy.StartRowAsync(cancellation);
            copy.Write(import, NpgsqlDbType.Bigint);
            copy.Write(row.Row, NpgsqlDbType.Integer);
            copy.Write(row.Row, NpgsqlDbType.Integer);
            copy.Text(row.Owner);
            copy.Text(row.Phase ?? "");
            copy.Write(row.IsRejected, NpgsqlDbType.Boolean);
            copy.Text(row.Name);
            copy.Text(row.Sector);
            copy.Write(row.Products, NpgsqlDbType.Array | NpgsqlDbType.Text);
            copy.Text(row.Country);
            copy.Text(row.Region);
            copy.Text(row.Locality);
            copy.Text(row.Website);
            copy.Text(row.PhaseName);
            copy.Text(row.PhaseProduct);
            copy.Number(row.Lon);
            copy.Number(row.Lat);
            copy.Text(row.Precision);
            copy.Number(row.UncertaintyMetres);
            copy.Write(row.Operators, NpgsqlDbType.Array | NpgsqlDbType.Text);
            copy.Write(row.Fingerprint, NpgsqlDbType.Uuid);
        }

        await copy.CompleteAsync(cancellation);
    }

    public static async Task ClaimsAsync(NpgsqlConnection connection, long import, List<StagedRow> rows, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(ClaimsSql, cancellation);
        foreach (var row in rows)
        {
            foreach (var claim in row.Claims)
            {
                await copy.StartRowAsync(cancellation);
                copy.Write(import, NpgsqlDbType.Bigint);
                copy.Write(row.Row, NpgsqlDbType.Integer);
                copy.Text(claim.Key);
                copy.Text(claim.Statement);
                copy.Write(claim.IsPerRelease, NpgsqlDbType.Boolean);
                copy.Write(claim.IsOfPhase, NpgsqlDbType.Boolean);
                copy.Text(claim.Kind);
                copy.Text(claim.Basis);
                copy.Text(claim.Confidence);
                copy.Text(claim.Note);
                copy.Text(claim.Columns);
                copy.Text(claim.Status);
                copy.Text(claim.Milestone);
                copy.Text(claim.DateMeaning);
                copy.Text(claim.Date?.Text);
                copy.Day(claim.Date?.Earliest);
                copy.Day(claim.Date?.Latest);
                copy.Text(claim.Property);
                copy.Number(claim.Value);
                copy.Number(claim.Min);
                copy.Number(claim.Max);
                copy.Text(claim.Word);
                copy.Text(claim.Unit);
                copy.Text(claim.Qualifier);
                copy.Text(claim.Product);
                copy.Text(claim.Scope);
                copy.Text(claim.Operator);
                copy.Text(claim.OperatorSlug);
                copy.Text(claim.Role);
                copy.Number(claim.Lon);
                copy.Number(claim.Lat);
                copy.Text(claim.Precision);
                copy.Number(claim.UncertaintyMetres);
                copy.Text(claim.Method);
                copy.Write(claim.Fingerprint, NpgsqlDbType.Uuid);
            }
        }

        await copy.CompleteAsync(cancellation);
    }

    public static async Task ProblemsAsync(NpgsqlConnection connection, long import, List<CellProblem> problems, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(ProblemsSql, cancellation);
        foreach (var problem in problems)
        {
            await copy.StartRowAsync(cancellation);
            copy.Write(import, NpgsqlDbType.Bigint);
            copy.Write(problem.Row, NpgsqlDbType.Integer);
            copy.Text(problem.Kind);
            copy.Text(problem.Column);
            copy.Text(problem.Value);
            copy.Text(problem.Rule);
            copy.Text(problem.Detail);
        }

        await copy.CompleteAsync(cancellation);
    }

    private static void Text(this NpgsqlBinaryImporter copy, string? value)
    {
        if (value is null)
        {
            copy.WriteNull();
        }
        else
        {
            copy.Write(value, NpgsqlDbType.Text);
        }
    }

    private static void Day(this NpgsqlBinaryImporter copy, DateOnly? value) => copy.Value(value, NpgsqlDbType.Date);

    private static void Number(this NpgsqlBinaryImporter copy, double? value) => copy.Value(value, NpgsqlDbType.Double);

    private static void Number(this NpgsqlBinaryImporter copy, int? value) => copy.Value(value, NpgsqlDbType.Integer);

    private static void Number(this NpgsqlBinaryImporter copy, decimal? value) => copy.Value(value, NpgsqlDbType.Numeric);

    private static void Value<T>(this NpgsqlBinaryImporter copy, T? value, NpgsqlDbType type)
        where T : struct
    {
        if (value is null)
        {
            copy.WriteNull();
        }
        else
        {
            copy.Write(value.Value, type);
        }
    }
}
