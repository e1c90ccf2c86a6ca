using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>Stages rows, their claims and their problems with COPY.</summary>
internal static class StagingCopy
{
    private const string RowsSql = """
        copy import_staged_row (import_id, row, first_row, owner, phase, is_rejected, name, sector, products, country,
          region, locality, website, phase_name, phase_product, lon, lat, precision, uncertainty_m, operators,
          fingerprint)
        from stdin (format binary)
        """;

    private const string ClaimsSql = """
        copy import_staged_claim (import_id, row, key, statement, is_per_release, is_of_phase, kind, basis, confidence,
          note, columns, status, milestone, date_meaning, date, earliest, latest, property, value, min, max, word, unit,
          qualifier, product, scope, operator, operator_slug, role, lon, lat, precision, uncertainty_m, method,
          fingerprint)
        from stdin (format binary)
        """;

    private const string ProblemsSql = """
        copy import_problem (import_id, row, kind, column_name, value, rule, detail) from stdin (format binary)
        """;

    public static Task RowsAsync(
        NpgsqlConnection connection, long import, List<StagedRow> rows, CancellationToken cancellation) =>
        CopyAsync(connection, RowsSql, rows.Select(r => (object?[])[
            import, r.Row, r.Row, r.Owner, r.Phase ?? "", r.IsRejected, r.Name, r.Sector, r.Products, r.Country,
            r.Region, r.Locality, r.Website, r.PhaseName, r.PhaseProduct, r.Lon, r.Lat, r.Precision,
            r.UncertaintyMetres, r.Operators, r.Fingerprint]), cancellation);

    public static Task ClaimsAsync(
        NpgsqlConnection connection, long import, List<StagedRow> rows, CancellationToken cancellation) =>
        CopyAsync(connection, ClaimsSql, rows.SelectMany(r => r.Claims.Select(c => (object?[])[
            import, r.Row, c.Key, c.Statement, c.IsPerRelease, c.IsOfPhase, c.Kind, c.Basis, c.Confidence,
            c.Note, c.Columns, c.Status, c.Milestone, c.DateMeaning, c.Date?.Text, c.Date?.Earliest, c.Date?.Latest,
            c.Property, c.Value, c.Min, c.Max, c.Word, c.Unit, c.Qualifier, c.Product, c.Scope, c.Operator,
            c.OperatorSlug, c.Role, c.Lon, c.Lat, c.Precision, c.UncertaintyMetres, c.Method, c.Fingerprint])),
            cancellation);

    public static Task ProblemsAsync(
        NpgsqlConnection connection, long import, List<CellProblem> problems, CancellationToken cancellation) =>
        CopyAsync(connection, ProblemsSql, problems.Select(p => (object?[])[
            import, p.Row, p.Kind, p.Column, p.Value, p.Rule, p.Detail]), cancellation);

    private static async Task CopyAsync(
        NpgsqlConnection connection, string sql, IEnumerable<object?[]> rows, CancellationToken cancellation)
    {
        await using var copy = await connection.BeginBinaryImportAsync(sql, cancellation);
        foreach (var row in rows)
        {
            await copy.WriteRowAsync(cancellation, row);
        }

        await copy.CompleteAsync(cancellation);
    }
}
