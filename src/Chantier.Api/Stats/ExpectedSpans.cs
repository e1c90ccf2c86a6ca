using System.ComponentModel;
using Chantier.Api.Database;
using Chantier.Api.Http;
using Chantier.Domain;
using Dapper;
using FluentValidation;
using Npgsql;

namespace Chantier.Api.Stats;

/// <summary>Whether a statistic says what is expected of days to come.</summary>
internal sealed record StatBasis
{
    [Description("""
        With expected, asOf and the end of a series can be as late as 2050-12-31. The current day, or the day of knownAt
        or publishedUntil, is the last day of which something is known: rows of later days are projections (isProjected).
        They follow from what was known on that day and from the expected events of each phase, of which the one that
        was recorded last counts for each status. An imprecise date counts from its earliest day, but not before the day
        after the last known one. An expected event does not count if the phase has come as far already, if one that was
        recorded later contradicts it, or if it is overdue: then no source says when it will happen. Figures are the ones
        known now. The answer takes the longer the more factories have expected events: some 50 ms for each 1,000.
        """)]
    public Given<Codes>? Basis { get; init; }

    public bool IsExpected => Basis is not null;

    /// <summary>The same axes, with days to come where they are asked for.</summary>
    public TimeAxes Extend(TimeAxes axes) => IsExpected ? axes.UpTo(ExpectedSpans.Horizon) : axes;

    /// <summary>What is expected by a day; null where nothing of it is asked for, or the day is known.</summary>
    public async Task<ExpectedSpans?> ExpectAsync(TimeAxes axes, DateOnly last, Reading reading) =>
        IsExpected && last > axes.KnownDay ? await ExpectedSpans.OfAsync(axes, last, reading) : null;

    /// <summary>Lets a statement about spans read those, and binds the day after which its rows are projections.</summary>
    public SelectSql Apply(SelectSql sql, TimeAxes axes, ExpectedSpans? expected) => (expected?.Apply(sql) ?? sql)
        .With("lastKnown", IsExpected ? expected?.LastKnown ?? axes.KnownDay : null);

    internal sealed class Validator : AbstractValidator<StatBasis>
    {
        public Validator() => RuleFor(basis => basis.Basis).IsOneOf(Vocabularies.StatBasis);
    }
}

/// <summary>
/// The spans of factories of which something is expected, derived by the rules of the domain with the expected events.
/// They take the place of the stored ones within a statement, under the same names.
/// </summary>
/// <param name="LastKnown">The day after which everything is projected.</param>
/// <param name="Factories">The factories with their status and the parts of their capacity, as expected.</param>
internal sealed record ExpectedSpans(DateOnly LastKnown, List<(long Id, FactorySlice Slice)> Factories)
{
    public static readonly DateOnly Horizon = new(2050, 12, 31);

    // Within it, these are what the names of the stored spans mean.
    private const string Head = """
        (with status_span as not materialized (
          select s.factory_id, s.is_published, s.known_from, s.known_to, s.valid_from, s.valid_to, s.status,
            s.since_claim_id
          from status_span s
          where s.factory_id <> all (@projected)
          union all
          select u.factory_id, @knownBy = 'published', '-infinity', 'infinity', u.valid_from, u.valid_to, u.status,
            null::bigint
          from unnest(@spanOf, @spanFrom, @spanTo, @spanStatus) u (factory_id, valid_from, valid_to, status)
        ), capacity_span as not materialized (
          select s.factory_id, s.is_published, s.known_from, s.known_to, s.valid_from, s.valid_to, s.phase_id, s.status,
            s.is_counted, s.is_alone, s.product, s.unit, s.value, s.min, s.max, s.qualifier
          from capacity_span s
          where s.factory_id <> all (@projected)
          union all
          select u.factory_id, @knownBy = 'published', '-infinity', 'infinity', u.valid_from, u.valid_to, u.phase_id,
            u.status, u.is_counted, u.is_alone, u.product, u.unit, u.value, u.min, u.max, u.qualifier
          from unnest(@partOf, @partFrom, @partTo, @partPhase::bigint[], @partStatus, @partCounted, @partAlone, @partProduct,
              @partUnit, @partValue::numeric[], @partMin::numeric[], @partMax::numeric[], @partQualifier)
            u (factory_id, valid_from, valid_to, phase_id, status, is_counted, is_alone, product, unit, value, min, max,
              qualifier)
        )
        select g.* from
        """ + " ";

    private const string Tail = ") g";

    // Of a factory, what is expected may have been recorded under one that was merged into it.
    private const string ExpectingSql = """
        select distinct coalesce(m.survivor_id, c.factory_id)
        from claim c
        join status_event e on e.claim_id = c.id and e.status is not null and e.latest > @lastKnown and e.earliest <= @last
        left join factory_merged m on m.loser_id = c.factory_id and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)
        where c.kind = 'status_event' and c.basis = 'expected' and is_known(@knownBy, @knownAt, c)
        """;

    public static Task<ExpectedSpans> OfAsync(TimeAxes axes, DateOnly last, Reading reading) => reading.LookUpAsync(async connection =>
    {
        var lastKnown = axes.KnownDay;
        var parameters = new { last, lastKnown, knownBy = axes.Sense, knownAt = axes.Known };
        var ids = await connection.QueryAsync<long>(new CommandDefinition(ExpectingSql, parameters, cancellationToken: reading.Cancellation));
        return new ExpectedSpans(lastKnown, await DeriveAsync(connection, [.. ids], axes, lastKnown, reading.Cancellation));
    });

    /// <summary>The same statement over spans, named g, with these in the place of the stored ones.</summary>
    public SelectSql Apply(SelectSql sql)
    {
        var spans = Factories.SelectMany(f => f.Slice.Statuses(DateOnly.MinValue).Select(s => (f.Id, Span: s))).ToList();
        var parts = Factories.SelectMany(f => f.Slice.Capacities(DateOnly.MinValue).Select(c => (f.Id, Part: c))).ToList();
        return sql.With("projected", Factories.ConvertAll(f => f.Id).ToArray())
            .With("spanOf", spans.ConvertAll(s => s.Id).ToArray())
            .With("spanFrom", spans.ConvertAll(s => s.Span.From).ToArray())
            .With("spanTo", spans.ConvertAll(s => s.Span.To).ToArray())
            .With("spanStatus", spans.ConvertAll(s => s.Span.Status).ToArray())
            .With("partOf", parts.ConvertAll(p => p.Id).ToArray())
            .With("partFrom", parts.ConvertAll(p => p.Part.From).ToArray())
            .With("partTo", parts.ConvertAll(p => p.Part.To).ToArray())
            .With("partPhase", parts.ConvertAll(p => p.Part.PhaseId).ToArray())
            .With("partStatus", parts.ConvertAll(p => p.Part.Status).ToArray())
            .With("partCounted", parts.ConvertAll(p => p.Part.IsCounted).ToArray())
            .With("partAlone", parts.ConvertAll(p => p.Part.IsAlone).ToArray())
            .With("partProduct", parts.ConvertAll(p => p.Part.Product).ToArray())
            .With("partUnit", parts.ConvertAll(p => p.Part.Unit).ToArray())
            .With("partValue", parts.ConvertAll(p => p.Part.Value).ToArray())
            .With("partMin", parts.ConvertAll(p => p.Part.Min).ToArray())
            .With("partMax", parts.ConvertAll(p => p.Part.Max).ToArray())
            .With("partQualifier", parts.ConvertAll(p => p.Part.Qualifier).ToArray())
            .Within(Head, Tail);
    }

    private static async Task<List<(long Id, FactorySlice Slice)>> DeriveAsync(
        NpgsqlConnection connection, long[] ids, TimeAxes axes, DateOnly lastKnown, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var sql in FactoryFactsReader.Statements(withExpected: true))
        {
            batch.BatchCommands.Add(Sql.Command(sql, new { ids }, axes.Known));
        }

        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var factories = await FactoryFactsReader.ReadAsync(reader, ids, cancellation);
        return [.. from factory in factories
                   let facts = axes.IsPublished ? factory.Published : factory.Recorded
                   let slice = FactoryHistory.Projected(facts, axes.Known.UtcDateTime, lastKnown)
                   where slice is not null
                   select (factory.Id, slice)];
    }
}
