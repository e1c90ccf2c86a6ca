using Chantier.Domain;
using Dapper;
using Npgsql;

namespace Chantier.Api.Imports;

/// <summary>What a file is said to be: the slug of a source, or a release of a series.</summary>
internal sealed record SourceAsked
{
    /// <summary>The slug of the source; it is made where it is not there. Of a release, made of series and release.</summary>
    public string? Source { get; init; }

    /// <summary>A register that appears again and again.</summary>
    public string? Series { get; init; }

    public string? Release { get; init; }

    /// <summary>EDTF; counts from its latest day.</summary>
    public string? Published { get; init; }

    /// <summary>Takes a release that is older than one that is there.</summary>
    public bool IsBackfill { get; init; }
}

/// <summary>The source of an import, as the tracker has it or will have it.</summary>
/// <param name="Id">Null where it is yet to be made.</param>
/// <param name="Slug">Its slug.</param>
/// <param name="Series">The first part of the keys of its claims.</param>
/// <param name="Release">Which release it is; null where it is none.</param>
/// <param name="Day">The day from which on it counts.</param>
/// <param name="Published">When it was published; null where the tracker has that already.</param>
/// <param name="PublishedLatest">The latest day of that.</param>
/// <param name="Previous">The release before.</param>
/// <param name="Next">The release that follows, where it is entered behind it.</param>
internal sealed record ImportSource(long? Id, string Slug, string Series, string? Release, DateOnly Day, Edtf? Published, DateOnly? PublishedLatest, long? Previous, ImportSource.There? Next)
{
    private const string BySlugSql = """
        select v.source_id as id, s.slug, v.published_latest, v.release from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity' where s.slug = @slug
        """;

    private const string ByReleaseSql = """
        select v.source_id as id, s.slug, v.published_latest, v.release
        from source s join source_version v on v.source_id = s.id and v.known_to = 'infinity' where v.series = @series and v.release = @release
        """;

    private const string OthersSql = """
        select v.source_id as id, s.slug, v.published_latest, v.release
        from source_version v join source s on s.id = v.source_id
        where v.series = @series and v.release <> @release and v.known_to = 'infinity' and v.published_latest is not null
          and exists (select from import i where i.source_id = v.source_id and i.state = 'finished')
        order by v.published_latest, v.source_id
        """;

    private const string TodaySql = "select (clock_timestamp() at time zone 'UTC')::date";

    private const string MakeSql = """
        with made as (
          insert into source (slug) values (case when exists (select from slug g where g.kind = 'source' and g.slug = @slug) then free_slug('source', @slug) else @slug end) returning id, slug
        ), named as (
          insert into slug (kind, slug, resource_id) select 'source', slug, id from made
        ), told as (
          insert into source_version (source_id, version, kind, title, publisher, sort_name, url, published, published_earliest, published_latest, retrieved_at,
            language, licence, series, release, recorded_by, known_from)
          select id, 1, @kind, @title, @publisher, fold(coalesce(@title, @publisher, slug)), @url, @published, @earliest, @latest, @at,
            @language, @licence, @series, @release, @actor, @at
          from made
        )
        select id from made
        """;

    /// <summary>Under which name everything that it says is recorded.</summary>
    public string Actor => $"import:{Series}";

    /// <exception cref="ImportException">It is not said what it is, or it cannot be that.</exception>
    public static async Task<ImportSource> FindAsync(NpgsqlConnection connection, NpgsqlTransaction? transaction, SourceAsked asked, Mapping mapping, CancellationToken cancellation)
    {
        var series = asked.Series ?? (asked.Release is null ? null : mapping.Source.Series);
        if (series is not null && asked.Release is null)
        {
            throw new ImportException("A series has releases: say which one this is by its release, such as 2022-04.") { Option = "release" };
        }

        if (series is null && asked.Release is not null)
        {
            throw new ImportException("A release is one of a series: say of which by its series, such as repd.") { Option = "series" };
        }

        if (series is null && asked.Source is null)
        {
            throw new ImportException("Say what the file is: the slug of its source, or else its series, its release and when that was published.") { Option = "source" };
        }

        // Names go into keys and slugs.
        foreach (var (option, name) in new[] { ("series", series), ("source", asked.Source), ("release", asked.Release) })
        {
            if (name is not null && !IsName(name))
            {
                throw new ImportException($"The {option} is '{name}'; it accepts up to 80 lower-case letters, digits, hyphens and points.") { Option = option };
            }
        }

        Edtf? date = null;
        if ((asked.Published ?? mapping.Source.Published) is { } published)
        {
            date = Edtf.TryParse(published, out var read, out var wrong) ? read : throw new ImportException($"The day of publication: {wrong}") { Option = "published" };
        }

        var today = await connection.QuerySingleAsync<DateOnly>(new CommandDefinition(TodaySql, transaction: transaction, cancellationToken: cancellation));
        // Somewhere it is a day later than in UTC.
        if (date?.Earliest > today.AddDays(1))
        {
            throw new ImportException($"The day of publication, {date.Value.Text}, lies ahead of today, {today:yyyy-MM-dd}; it accepts a day on which the file was there.") { Option = "published" };
        }

        var slug = asked.Source ?? $"{series}-{asked.Release}".Replace('.', '-');
        async Task<List<There>> ThereAsync(string sql) =>
            (await connection.QueryAsync<There>(new CommandDefinition(sql, new { slug, series, release = asked.Release }, transaction, cancellationToken: cancellation))).AsList();

        var there = (await ThereAsync(series is null ? BySlugSql : ByReleaseSql)).SingleOrDefault();
        if (date is not null && asked.Published is not null && there?.PublishedLatest is { } day && day != date.Value.Latest)
        {
            throw new ImportException($"The source {there.Slug} was published on {day:yyyy-MM-dd}, as the tracker has it, not on {asked.Published}; leave that out, or correct the source.") { Option = "published" };
        }

        var latest = there?.PublishedLatest ?? date?.Latest;
        if (series is not null && latest is null)
        {
            throw new ImportException("A release counts from the day when it was published: say it, such as 2022-04-30.") { Option = "published" };
        }

        long? previous = null;
        There? next = null;
        if (series is not null)
        {
            var others = await ThereAsync(OthersSql);
            if (others.LastOrDefault(o => o.PublishedLatest >= latest) is { } newer && !asked.IsBackfill)
            {
                throw newer.PublishedLatest == latest
                    ? new ImportException($"The release {newer.Release} of {series} was published on the same day, {latest:yyyy-MM-dd}; each release has a day of its own.") { Option = "published" }
                    : new ImportException($"The release {newer.Release} of {series}, published on {newer.PublishedLatest:yyyy-MM-dd}, is there already, and this one is of {latest:yyyy-MM-dd}. Ask for backfill to enter an older release behind a newer one.") { Option = "backfill" };
            }

            previous = others.LastOrDefault(o => o.PublishedLatest < latest)?.Id;
            next = others.Find(o => o.PublishedLatest > latest);
        }

        return new(there?.Id, there?.Slug ?? slug, series ?? slug, asked.Release, latest ?? today, there is null ? date : null, latest, previous, next);
    }

    /// <summary>Makes it, at the stamp of what it says.</summary>
    public Task<long> MakeAsync(ImportSession session, MappedSource mapped, DateTimeOffset at) => session.ScalarAsync<long>(
        MakeSql,
        new
        {
            slug = Slug,
            kind = mapped.Kind,
            title = mapped.Title is { } title ? Release is null ? title : $"{title}, {Release}" : null,
            publisher = mapped.Publisher,
            url = mapped.Url,
            published = Published?.Text,
            earliest = Published?.Earliest,
            latest = Published?.Latest,
            at,
            language = mapped.Language,
            licence = mapped.Licence,
            series = Release is null ? null : Series,
            release = Release,
            actor = Actor,
        });

    private static bool IsName(string name) => name.Length is > 0 and <= 80 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');

    internal sealed record There
    {
        public required long Id { get; init; }

        public required string Slug { get; init; }

        public DateOnly? PublishedLatest { get; init; }

        public string? Release { get; init; }
    }
}
