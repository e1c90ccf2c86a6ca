using Chantier.Domain;
using Chantier.Api.Http.OpenApi;
using System.Text.Json.Serialization;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Api.Views;

namespace Chantier.Api.Statuses;

/// <summary>One term of the vocabulary of construction status.</summary>
internal sealed record StatusView : ListRow
{
    public required string Code { get; init; }

    /// <summary>status or milestone. A milestone never moves the status.</summary>
    [Among(nameof(Vocabularies.StatusKind))]
    public required string Kind { get; init; }

    /// <summary>planned, building, active, stopped or ended; null for milestones.</summary>
    [Among(nameof(Vocabularies.Stage))]
    public string? Stage { get; init; }

    /// <summary>The place in the order of progress.</summary>
    public required int Order { get; init; }

    public required string Label { get; init; }

    public string? Definition { get; init; }

    public Bilingual? Labels => Bilingual.Of(LabelFr, LabelEn);

    [JsonIgnore]
    public string? LabelFr { get; init; }

    [JsonIgnore]
    public string? LabelEn { get; init; }
}

/// <summary>GET /v1/statuses: the vocabulary, with labels and definitions.</summary>
internal static class ListStatuses
{
    private const string From = """
        (select code, 'status' as kind, stage, progress as position, label_fr, label_en, definition_fr, definition_en, progress as place from status
         union all
         select code, 'milestone', null, position, label_fr, label_en, null, null, 1000 + position from milestone) s
        """;

    private const string Columns = """
        s.code, s.kind, s.stage, s.position as "order", case @lang when 'fr' then s.label_fr else s.label_en end as label,
          case @lang when 'fr' then s.definition_fr else s.definition_en end as definition, s.label_fr, s.label_en
        """;

    private static readonly SortTable Sorts = new("order", new SortKey("order", "bigint", "s.place"), new SortKey("order", "bigint", "s.place"));

    public static Task<IResult> Handle([AsParameters] ListQuery query, Reading reading)
    {
        var axes = reading.Present;
        var sql = new SelectSql().With("lang", reading.Language(query.Lang)).From(From).OrderBy(Sorts.For(null, reading.Cursor));
        return reading.ListAsync(new ListSpec<StatusView> { Axes = axes, Query = query, Sql = sql, Page = sql.Page(Columns, query.PageSize) });
    }
}

/// <summary>The routes of the status vocabulary.</summary>
internal static class StatusEndpoints
{
    public static void MapStatuses(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/statuses", ListStatuses.Handle).InRoom("Construction status", "The vocabulary of status and milestones, and what moved, when, across all sites.")
            .ListsOf<StatusView>("ListStatuses", "The terms of status and of milestones, in order of progress, with definitions");
}
