using System.Globalization;
using Chantier.Api.Http;
using Dapper;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>
/// What came of each row, as CSV: one line with its outcome, whose column, value, rule and detail say why a row was rejected; and one line
/// more for whatever else is wrong with such a row (wrong), and for each cell that was left out (omitted) or is odd (remark). Behind them, without a row, is what the release lists no longer.
/// </summary>
internal static class ImportReport
{
    public const string About = "What came of each row, as CSV: a line for each with its outcome, and why it was rejected; and one more for whatever else is wrong with such a row, and for each cell that was left out, or is odd. Behind them is what a release lists no longer";

    private const string Header = "row,outcome,identifier,unit,factory,column,value,rule,detail";

    // The factories that a dry run would create are not in the table.
    private const string TriedFactories = """
        (select id, slug from factory union all select id, slug from imp_factory where is_new)
        """;

    private static string LinesSql(string factories) => $"""
        select x.row, x.outcome, x.owner, x.phase, f.slug, x.column_name, x.value, x.rule, x.detail
        from (
          select r.row, 0 as place, r.outcome, r.owner, r.phase, r.factory_id, p.column_name, p.value, p.rule, p.detail
          from import_row r
          left join lateral (
            select p.column_name, p.value, p.rule, p.detail from import_problem p
            where r.outcome = 'rejected' and p.import_id = r.import_id and p.row = r.row and p.kind = 'rejected'
            order by p.id limit 1) p on true
          where r.import_id = @import
          union all
          select r.row, 1, p.kind, r.owner, r.phase, r.factory_id, p.column_name, p.value, p.rule, p.detail
          from import_problem p join import_row r on r.import_id = p.import_id and r.row = p.row
          where p.import_id = @import and p.kind <> 'rejected' and r.outcome <> 'rejected'
          union all
          select r.row, 1, 'wrong', r.owner, r.phase, r.factory_id, p.column_name, p.value, p.rule, p.detail
          from (
            select *, row_number() over (partition by row order by id) as place from import_problem where import_id = @import and kind = 'rejected') p
          join import_row r on r.import_id = p.import_id and r.row = p.row and r.outcome = 'rejected'
          where p.place > 1
          union all
          select null, 0, p.rule, p.value, '', null, p.column_name, p.value, p.rule, p.detail
          from import_problem p where p.import_id = @import and p.row = 0) x
        left join {factories} f on f.id = x.factory_id
        order by x.row, x.place, x.column_name, x.owner
        """;

    public static async Task WriteAsync(
        NpgsqlConnection connection, long import, TextWriter report, CancellationToken cancellation, bool isDryRun = false)
    {
        var command = new CommandDefinition(LinesSql(isDryRun ? TriedFactories : "factory"), new { import }, commandTimeout: 0, cancellationToken: cancellation);
        await using var lines = await connection.ExecuteReaderAsync(command);
        await report.WriteAsync($"{Header}\r\n");
        while (await lines.ReadAsync(cancellation))
        {
            await report.WriteAsync(await lines.IsDBNullAsync(0, cancellation) ? "" : lines.GetInt32(0).ToString(CultureInfo.InvariantCulture));
            await report.WriteAsync($",{lines.GetString(1)}");
            for (var i = 2; i < 9; i++)
            {
                await report.WriteAsync(',');
                await report.WriteAsync(await lines.IsDBNullAsync(i, cancellation) ? "" : CsvText.Escaped(CsvText.Guarded(lines.GetString(i))));
            }

            await report.WriteAsync("\r\n");
        }
    }
}
