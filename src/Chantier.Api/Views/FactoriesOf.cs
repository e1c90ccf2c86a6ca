namespace Chantier.Api.Views;

/// <summary>
/// Where statements about a few factories start: b, each factory with itself and all that are merged into it, whose claims are
/// its claims. An index leads from there; from the claims to their factory there is none.
/// </summary>
internal static class FactoriesOf
{
    /// <summary>The factories whose ids are @factories.</summary>
    public const string Ids = "with_merged_factories_at(@knownBy, @knownAt, @factories) b";

    /// <summary>The one whose own slug is @slug; not one that was merged into another.</summary>
    public const string Slug = """
        (select y.factory_id, y.member_id
         from factory x
         cross join lateral with_merged_factories_at(@knownBy, @knownAt, array[x.id]) y
         where x.slug = @slug and not exists (
           select from factory_merged m
           where m.loser_id = x.id and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to))) b
        """;

    /// <summary>Those that the slugs @factory lead to, old ones included.</summary>
    public const string Slugs = """
        (select distinct k.factory_id, l.member_id
         from (
           select coalesce(x.survivor_id, g.resource_id) as factory_id from slug g
           left join factory_merged x on x.loser_id = g.resource_id and is_recorded(@knownBy, @knownAt, x.known_from, x.known_to)
           where g.kind = 'factory' and g.slug = any (@factory)) k
         cross join lateral (
           select k.factory_id as member_id
           union all
           select m.loser_id from factory_merged m
           where m.survivor_id = k.factory_id and is_recorded(@knownBy, @knownAt, m.known_from, m.known_to)) l) b
        """;
}
