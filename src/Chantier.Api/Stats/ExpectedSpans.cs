using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Factories;
using Chantier.Api.Http;
using Chantier.Domain;
using Dapper;
using FluentValidation;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Chantier.Api.Stats;

/// <summary>Says whether a statistic includes what is expected of days to come.</summary>
internal sealed record StatBasis
{
    private static readonly DateOnly Horizon = new(2050, 12, 31);

    [Description("""
        With expected, asOf and the end of a series can be as late as 2050-12-31. The last known day is the current day,
        or the day of knownAt or publishedUntil. Rows of later days are projections (isProjected): they follow from what
        was known on that day and from the expected events of each phase. An imprecise date counts from its earliest
        day, but not before the day after the last known one. An expected event does not count if the phase has come as
        far already, if an expected event that was recorded later contradicts it, or if it is overdue: its last day has
        passed, and no source says when it will happen instead. Figures are those known on that day. The answer takes
        about 0.05 s longer for each 1,000 factories with expected events.
        """)]
    public Given<Codes>? Basis { get; init; }

    [FromServices]
    public IOptions<LimitOptions> Limits { get; init; } = Options.Create(new LimitOptions());

    private bool IsExpected => Basis is not null;

    /// <summary>The same axes, which accept days to come where these are asked for.</summary>
    public TimeAxes Extend(TimeAxes axes) => IsExpected ? axes.UpTo(Horizon) : axes;

    /// <summary>The last day that can be asked for.</summary>
    public DateOnly LastDay(TimeAxes axes) => IsExpected ? Horizon : axes.Day;

    /// <summary>
    /// Returns what is expected by a day of the factories that a filter chooses, or a refusal where these are too many.
    /// </summary>
    public async Task<(ExpectedSpans? Expected, IResult? Refusal)> ExpectAsync(
        FactoryFilter filter, TimeAxes axes, DateOnly last, IEnumerable<string> measures, Reading reading)
    {
        if (!IsExpected || last <= axes.KnownDay)
        {
            return (null, null);
        }

        var limit = Limits.Value.ExpectedFactories;
        var expected = await ExpectedSpans.OfAsync(filter, axes, last, measures.Contains("capacity"), limit, reading);
        return expected is not null
            ? (expected, null)
            : (null, Problem.InvalidParameters(ProblemError.In(
                "basis",
                "too_many",
                $"is expected, but more than {limit} factories have expected events by {last:yyyy-MM-dd}; it accepts"
                + " filters that choose fewer factories, such as country or sector, and an earlier day.")).ToResult());
    }

    /// <summary>Lets a statement read the expected spans, and binds the day after which rows are projections.</summary>
    public SelectSql Apply(SelectSql sql, TimeAxes axes, ExpectedSpans? expected) => (expected?.Apply(sql) ?? sql)
        .With("lastKnown", IsExpected ? expected?.LastKnown ?? axes.KnownDay : null);

    internal sealed class Validator : AbstractValidator<StatBasis>
    {
        public Validator() => RuleFor(basis => basis.Basis).IsOneOf(Vocabularies.StatBasis);
    }
}

/// <summary>
/// The spans of factories of which something is expected, derived by the rules of the domain with the expected events.
/// Within a statement they replace the stored spans, under the same names.
/// </summary>
/// <param name="LastKnown">The day after which everything is projected.</param>
/// <param name="Factories">The factories with their status and the parts of their capacity, as expected.</param>
internal sealed record ExpectedSpans(DateOnly LastKnown, List<(long Id, FactorySlice Slice)> Factories)
{
    private const int BatchSize = 10_000;

    // Within it, these are what the names of the stored spans mean.
    private const string Head = """
        (with expected as materialized (
          select unnest(@projected) as factory_id
        ), expected_span as materialized (
          select u.*
          from unnest(@spanOf, @spanFrom, @spanTo, @spanStatus) u (factory_id, valid_from, valid_to, status)
        ), expected_part as materialized (
          select u.*
          from unnest(
              @partOf, @partFrom, @partTo, @partStatus, @partCounted, @partAlone, @partProduct, @partUnit,
              @partValue::numeric[], @partMin::numeric[], @partMax::numeric[], @partQualifier)
            u (
              factory_id, valid_from, valid_to, status, is_counted, is_alone, product, unit, value, min, max, qualifier)
        ), status_span as not materialized (
          select s.is_published, s.known_from, s.known_to, s.since_claim_id,
            s.factory_id, s.valid_from, s.valid_to, s.status
          from status_span s
          where s.factory_id not in (select factory_id from expected)
          union all
          select @knownBy = 'published', '-infinity', 'infinity', null, e.* from expected_span e
        ), capacity_span as not materialized (
          select s.is_published, s.known_from, s.known_to, s.factory_id, s.valid_from, s.valid_to, s.status,
            s.is_counted, s.is_alone, s.product, s.unit, s.value, s.min, s.max, s.qualifier
          from capacity_span s
          where s.factory_id not in (select factory_id from expected)
          union all
          select @knownBy = 'published', '-infinity', 'infinity', e.* from expected_part e
        )
        select g.* from
        """ + " ";

    private const string Tail = ") g";

    // The events can be recorded under a factory that was merged into another since.
    private const string Expecting = """
        select distinct coalesce(m.survivor_id, c.factory_id)
        from claim c
        join status_event e on e.claim_id = c.id and e.status is not null
          and e.latest > @lastKnown and e.earliest <= @last
        left join factory_merged m on m.loser_id = c.factory_id
          and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        where c.kind = 'status_event' and c.basis = 'expected' and is_known(@knownBy, @knownAt, c)
        """;

    private const string Limit = "\nlimit @limit + 1";

    private const string AmongHead = Expecting + "\n  and coalesce(m.survivor_id, c.factory_id) in (";

    /// <summary>Returns null where there are more factories than a limit.</summary>
    public static Task<ExpectedSpans?> OfAsync(
        FactoryFilter filter, TimeAxes axes, DateOnly last, bool withFigures, int limit, Reading reading) =>
        reading.LookUpAsync(async connection =>
        {
            var lastKnown = axes.KnownDay;
            // The status is that of a day to come, and words are looked up elsewhere.
            var constant = filter with { Status = null, Stage = null, Q = null };
            var chosen = FactorySql.Over(axes, "").With("last", last).With("lastKnown", lastKnown).With("limit", limit);
            constant.Apply(chosen, axes.IsPresent);
            var sql = constant == new FactoryFilter()
                ? Expecting + Limit
                : chosen.Within(AmongHead, "f.factory_id", ")" + Limit);
            var ids = (await connection.QueryAsync<long>(
                new CommandDefinition(sql, chosen.Parameters, cancellationToken: reading.Cancellation))).AsList();
            if (ids.Count > limit)
            {
                return null;
            }

            var factories = new List<(long Id, FactorySlice Slice)>();
            foreach (var batch in ids.Chunk(BatchSize))
            {
                factories.AddRange(
                    await DeriveAsync(connection, batch, axes, lastKnown, withFigures, reading.Cancellation));
            }

            return new ExpectedSpans(lastKnown, factories);
        });

    /// <summary>The same statement over spans, named g, with these in the place of the stored ones.</summary>
    public SelectSql Apply(SelectSql sql)
    {
        var spans = Factories.SelectMany(f => f.Slice.Spans.Select(s => (f.Id, Span: s))).ToList();
        var parts = Factories.SelectMany(f => f.Slice.Parts.Select(p => (f.Id, Part: p, p.Figure))).ToList();
        return sql.With("projected", Factories.ConvertAll(f => f.Id).ToArray())
            .With("spanOf", spans.ConvertAll(s => s.Id).ToArray())
            .With("spanFrom", spans.ConvertAll(s => s.Span.From).ToArray())
            .With("spanTo", spans.ConvertAll(s => s.Span.To).ToArray())
            .With("spanStatus", spans.ConvertAll(s => s.Span.Status).ToArray())
            .With("partOf", parts.ConvertAll(p => p.Id).ToArray())
            .With("partFrom", parts.ConvertAll(p => p.Part.From).ToArray())
            .With("partTo", parts.ConvertAll(p => p.Part.To).ToArray())
            .With("partStatus", parts.ConvertAll(p => p.Part.Status).ToArray())
            .With("partCounted", parts.ConvertAll(p => p.Part.IsCounted).ToArray())
            .With("partAlone", parts.ConvertAll(p => p.Part.IsAlone).ToArray())
            .With("partProduct", parts.ConvertAll(p => p.Figure?.Product).ToArray())
            .With("partUnit", parts.ConvertAll(p => p.Figure?.Unit).ToArray())
            .With("partValue", parts.ConvertAll(p => p.Figure?.Value).ToArray())
            .With("partMin", parts.ConvertAll(p => p.Figure?.Min).ToArray())
            .With("partMax", parts.ConvertAll(p => p.Figure?.Max).ToArray())
            .With("partQualifier", parts.ConvertAll(p => p.Figure?.Qualifier).ToArray())
            .Within(Head, Tail);
    }

    private static async Task<IEnumerable<(long Id, FactorySlice Slice)>> DeriveAsync(
        NpgsqlConnection connection,
        long[] ids,
        TimeAxes axes,
        DateOnly lastKnown,
        bool withFigures,
        CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in FactoryFactsReader.WithExpected(axes.IsPublished, withFigures))
        {
            batch.BatchCommands.Add(Sql.Command(sql, new { ids }, axes.Known));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var factories = await FactoryFactsReader.ReadAsync(reader, ids, cancellation);
        return from factory in factories
               let facts = axes.IsPublished ? factory.Published : factory.Recorded
               let slice = FactoryHistory.Projected(facts, axes.Known.UtcDateTime, lastKnown)
               where slice is not null
               select (factory.Id, withFigures ? slice : slice with { Parts = [] });
    }
}
