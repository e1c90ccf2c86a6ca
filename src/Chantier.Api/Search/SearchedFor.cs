using Chantier.Api.Http;

namespace Chantier.Api.Search;

/// <summary>
/// The words of a list's q as the entries of search have them, with corrections of mistyped ones. The entries are
/// today's: a list of a recorded past compares the texts of that time, and only whether it looks at one factory after
/// the other follows from them.
/// </summary>
internal sealed record SearchedFor
{
    private const string Sql = "select query::text as query, is_frequent from search_query(@kind, @text);";

    private const string PastSql = "select null as query, coalesce((select is_frequent from search_query(@kind, @text)), false) as is_frequent;";

    /// <summary>A tsquery, which is empty where nothing matches; null for a list of a recorded past.</summary>
    public string? Query { get; init; }

    /// <summary>
    /// True where so many match that a page is full sooner by looking at one factory after the other.
    /// </summary>
    public required bool IsFrequent { get; init; }

    /// <summary>Null where there is no q.</summary>
    public static async Task<SearchedFor?> OfAsync(string kind, Given<Words>? q, TimeAxes axes, Reading reading) =>
        q is null
            ? null
            : await reading.FirstAsync<SearchedFor>(axes.IsToldToday ? Sql : PastSql, new { kind, text = q.Value.Text })
                ?? new() { Query = "", IsFrequent = false };
}
