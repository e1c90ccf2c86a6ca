namespace Chantier.Api.Tests.Axes;

/// <summary>Documents with dates of publication of every kind, recorded beside the service.</summary>
internal static class PublicationWorld
{
    public const string SourcesSql = """
        create temp table stamp on commit drop as select last_seq, recorded_at as at from begin_write();
        with made as (
          insert into source (slug) select unnest(@slugs) returning id, slug
        ), named as (
          insert into slug (kind, slug, resource_id) select 'source', slug, id from made
        ), first as (
          insert into source_version (source_id, version, kind, sort_name, published, published_earliest, published_latest, retrieved_at, recorded_by, known_from)
          select m.id, 1, 'other', m.slug, s.published, s.earliest, s.latest, s.retrieved, 'inventor', stamp.at
          from made m join unnest(@slugs, @published, @earliest, @latest, @retrieved) as s (slug, published, earliest, latest, retrieved) on s.slug = m.slug cross join stamp
        )
        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, version)
        select stamp.last_seq + row_number() over (order by m.id), stamp.at, 'inventor', 'created', 'source', m.id, 1 from made m cross join stamp;
        """;

    public static object Parameters(params (string Slug, string? Published, DateOnly? Earliest, DateOnly? Latest, DateTimeOffset? Retrieved)[] sources) => new
    {
        slugs = Array.ConvertAll(sources, s => s.Slug),
        published = Array.ConvertAll(sources, s => s.Published),
        earliest = Array.ConvertAll(sources, s => s.Earliest),
        latest = Array.ConvertAll(sources, s => s.Latest),
        retrieved = Array.ConvertAll(sources, s => s.Retrieved),
    };
}
