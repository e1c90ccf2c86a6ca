using Chantier.Domain;
using Chantier.Testing;
using CsCheck;
using Dapper;
using Npgsql;

namespace Chantier.Api.Tests.Database;

/// <summary>The last confirmation of a status is derived twice: by <see cref="Timeline"/> and by SQL, for pages of the past. Both agree.</summary>
public sealed class TimelineTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const int BatchSize = 100;
    private const int Batches = 12;

    // Few days and many ties, so that every rule decides something.
    private static readonly string[] Dates =
    [
        "2020", "2020-01", "2020-01-01", "2020-01-02", "2020-06", "2020-06~", "2020-06?", "2020-06-30%", "2020-12-31", "2021", "2021-33", "2019-24",
        "2020-21", "2020-06/2021-03", "2020/2021", "2020~/2020-06", "2020/..", "../2020", "../2020-01-01", "9999", "9999-12-31", "0001",
    ];

    private static readonly DateTimeOffset Recorded = new(2024, 8, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Gen<Filed> Claims = Gen.Select(
        Gen.Int[0, 2], Gen.OneOf([.. Status.All.Select(t => t.Code), Status.Operating, Status.Closed, Status.Cancelled]), Gen.OneOf(Dates),
        Gen.OneOf(Basis.Actual, Basis.Actual, Basis.Inferred, Basis.Expected), Gen.OneOf(Confidence.High, Confidence.Medium, Confidence.Low),
        Gen.Select(Gen.OneOf(DateMeaning.Began, DateMeaning.Observed), Gen.Int[0, 2], Gen.OneOf(0, 0, 0, 1, 2)),
        (phase, status, date, basis, confidence, rest) => new Filed(phase, status, Edtf.Parse(date), basis, confidence, rest.Item1, rest.Item2, rest.Item3));

    // A factory with two phases, and one merged into it with a third; and the moment of knowledge to look from.
    private static readonly Gen<(Filed[] Claims, int At)[]> Factories = Gen.Select(Claims.Array[0, 12], Gen.Int[0, 5]).Array[BatchSize];

    private NpgsqlDataSource _source = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _source = TestDatabases.Source(await postgres.Databases.CreateAsync(Token));

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    [Fact]
    public async Task The_last_confirmation_is_the_same() => await SampleAsync(async (connection, world) =>
    {
        var probes = world.Known.SelectMany((known, i) => from day in Probes(known) select (I: i, Day: day)).ToList();
        var confirmed = await connection.QueryAsync<long?>(
            """
            select l.claim_id
            from unnest(@factories, @ats, @days, @statuses) with ordinality as p (factory_id, at, day, status, ordinal)
            left join lateral last_confirmed('recorded', array[p.factory_id], array[p.at], p.day) l on l.status = p.status
            order by p.ordinal
            """,
            new { factories = probes.ConvertAll(p => world.FactoryIds[p.I]).ToArray(), ats = probes.ConvertAll(p => world.Ats[p.I]).ToArray(), days = probes.ConvertAll(p => p.Day).ToArray(), statuses = probes.ConvertAll(p => Timeline.FactoryStatus(world.Known[p.I], p.Day)).ToArray() });
        Assert.Equal(
            probes.Select(p => Timeline.LastConfirmed(world.Known[p.I], p.Day)?.ClaimId),
            confirmed);
    });

    // The status can change on the days that claims name and on no other, so these and their neighbours are all days that matter.
    private static IEnumerable<DateOnly> Probes(IEnumerable<StatusClaim> claims) =>
        claims.SelectMany(c => new[] { c.Date.Earliest, c.Date.Latest })
            .Append(DateOnly.MinValue).Append(DateOnly.MaxValue)
            .SelectMany(d => new[] { d.DayNumber - 1, d.DayNumber, d.DayNumber + 1 })
            .Where(n => n >= 0 && n <= DateOnly.MaxValue.DayNumber)
            .Distinct()
            .Select(DateOnly.FromDayNumber);

    private Task SampleAsync(Func<NpgsqlConnection, World, Task> assert) => Factories.SampleAsync(
        async factories =>
        {
            var world = new World(factories);
            await using var connection = await _source.OpenConnectionAsync(Token);
            await using var transaction = await connection.BeginTransactionAsync(Token);
            await world.WriteAsync(connection);
            await assert(connection, world);
            await transaction.RollbackAsync(Token);
        },
        iter: Batches,
        threads: 1);

    /// <summary>A claim as it is filed: recorded at an hour, and ended some hours later, or never.</summary>
    private sealed record Filed(int Phase, string Status, Edtf Date, string Basis, string Confidence, string DateMeaning, int Hour, int Hours);

    private sealed class World
    {
        private readonly List<(long Id, Filed Filed, int Factory)> _claims = [];

        public World((Filed[] Claims, int At)[] factories)
        {
            FactoryIds = [.. factories.Select((_, i) => SurvivorId(i))];
            Ats = [.. factories.Select(f => Recorded.AddMinutes((f.At * 60) + 30))];
            foreach (var (factory, i) in factories.Select((factory, i) => (factory, i)))
            {
                // Ids in another order than the claims, so that the last tie is not decided by chance.
                foreach (var (filed, j) in factory.Claims.Select((filed, j) => (filed, j))) _claims.Add(((i * 100) + 1 + (j * 7 % 13), filed, i));
                Known.Add(_claims.Where(c => c.Factory == i && Recorded.AddHours(c.Filed.Hour) <= Ats[i] && End(c.Filed) > Ats[i]).Select(c => new StatusClaim
                {
                    ClaimId = c.Id,
                    PhaseId = PhaseId(i, c.Filed.Phase),
                    Status = c.Filed.Status,
                    Date = c.Filed.Date,
                    Basis = c.Filed.Basis,
                    Confidence = c.Filed.Confidence,
                    DateMeaning = c.Filed.DateMeaning,
                    RecordedAt = Recorded.AddHours(c.Filed.Hour),
                }).ToList());
            }
        }

        public long[] FactoryIds { get; }

        public DateTimeOffset[] Ats { get; }

        public List<List<StatusClaim>> Known { get; } = [];

        public static long PhaseId(int factory, int phase) => (factory * 10) + phase + 1;

        public async Task WriteAsync(NpgsqlConnection connection) => await connection.ExecuteAsync(
            """
            insert into factory (id, slug, first_phase_id) select f.id, 'f' || f.id, 1 from unnest(@factories || @losers) as f (id);
            insert into factory_merged (loser_id, survivor_id, known_from, known_to)
            select l.id, s.id, '-infinity', 'infinity' from unnest(@losers, @factories) as m (l, s) join factory l on l.id = m.l join factory s on s.id = m.s;
            insert into phase (id, factory_id) select p.id, p.factory_id from unnest(@phases, @phaseFactories) as p (id, factory_id);
            insert into claim (id, kind, factory_id, basis, confidence, recorded_by, known_from, known_to, end_cause, end_reason, ended_by)
            select c.id, 'status_event', p.factory_id, c.basis, c.confidence, 't', c.known_from, coalesce(c.known_to, 'infinity'),
              case when c.known_to is not null then 'retracted' end, case when c.known_to is not null then 'error' end, case when c.known_to is not null then 't' end
            from unnest(@ids, @claimPhases, @bases, @confidences, @froms, @tos) as c (id, phase_id, basis, confidence, known_from, known_to)
            join phase p on p.id = c.phase_id;
            insert into status_event (claim_id, phase_id, status, date, earliest, latest, date_meaning)
            select e.id, e.phase_id, e.status, e.date, e.earliest, e.latest, e.meaning
            from unnest(@ids, @claimPhases, @statuses, @dates, @earliest, @latest, @meanings) as e (id, phase_id, status, date, earliest, latest, meaning);
            """,
            new
            {
                factories = FactoryIds,
                losers = Array.ConvertAll(FactoryIds, id => id + 1),
                phases = FactoryIds.SelectMany((_, i) => Enumerable.Range(0, 3).Select(p => PhaseId(i, p))).ToArray(),
                phaseFactories = FactoryIds.SelectMany(id => new[] { id, id, id + 1 }).ToArray(),
                ids = _claims.ConvertAll(c => c.Id).ToArray(),
                claimPhases = _claims.ConvertAll(c => PhaseId(c.Factory, c.Filed.Phase)).ToArray(),
                bases = _claims.ConvertAll(c => c.Filed.Basis).ToArray(),
                confidences = _claims.ConvertAll(c => c.Filed.Confidence).ToArray(),
                froms = _claims.ConvertAll(c => Recorded.AddHours(c.Filed.Hour)).ToArray(),
                tos = _claims.ConvertAll(c => c.Filed.Hours > 0 ? End(c.Filed) : (DateTimeOffset?)null).ToArray(),
                statuses = _claims.ConvertAll(c => c.Filed.Status).ToArray(),
                dates = _claims.ConvertAll(c => c.Filed.Date.Text).ToArray(),
                earliest = _claims.ConvertAll(c => c.Filed.Date.Earliest).ToArray(),
                latest = _claims.ConvertAll(c => c.Filed.Date.Latest).ToArray(),
                meanings = _claims.ConvertAll(c => c.Filed.DateMeaning).ToArray(),
            });

        private static DateTimeOffset End(Filed filed) => filed.Hours > 0 ? Recorded.AddHours(filed.Hour + filed.Hours) : DateTimeOffset.MaxValue;

        private static long SurvivorId(int factory) => (factory * 10) + 1;
    }
}
