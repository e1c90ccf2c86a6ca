using Chantier.Api.Http;

namespace Chantier.Api.Views;

/// <summary>Slugs that a filter names, looked up when a list turns out empty: one that nothing has is said, rather than answered with nothing for ever.</summary>
internal static class SlugCheck
{
    private const string Sql = """
        select g.parameter, g.kind, g.slug
        from unnest(@parameters, @kinds, @slugs) g (parameter, kind, slug)
        where not exists (select from slug s where s.kind = g.kind and s.slug = g.slug)
        order by g.parameter, g.slug;
        """;

    /// <summary>Null where no filter is given, so that nothing is looked up.</summary>
    public static Func<Snapshot, Task<IResult?>>? Of(params IEnumerable<(string Parameter, string Kind, Given<Codes>? Slugs)> filters)
    {
        var all = filters.SelectMany(f => (f.Slugs?.Value.Values ?? []).Select(slug => (f.Parameter, f.Kind, Slug: slug))).ToList();
        return all.Count == 0 ? null : async snapshot =>
        {
            var unknown = await snapshot.QueryAsync<Row>(
                Sql, new { parameters = all.Select(g => g.Parameter).ToArray(), kinds = all.Select(g => g.Kind).ToArray(), slugs = all.Select(g => g.Slug).ToArray() });
            return unknown.Count == 0
                ? null
                : Problem.InvalidParameters([.. unknown.Select(u => ProblemError.In(
                    u.Parameter, "unknown_slug", $"has the slug '{Shown.Of(u.Slug)}', which no {u.Kind} has; /v1/{(u.Kind == "factory" ? "factories" : u.Kind + "s")} lists them."))]).ToResult();
        };
    }

    private sealed record Row
    {
        public required string Parameter { get; init; }

        public required string Kind { get; init; }

        public required string Slug { get; init; }
    }
}
