namespace Chantier.Api.Imports;

/// <summary>Statements about all staged rows of an import, before any of them is merged.</summary>
internal static class PrepareSql
{
    /// <summary>Rows about one factory are merged together, so each is marked with the first of them.</summary>
    public const string Group = """
        update import_staged_row s set first_row = t.first
        from (
          select owner, min(row) as first from import_staged_row
          where import_id = @import and owner is not null group by owner having count(*) > 1) t
        where s.import_id = @import and s.owner = t.owner and s.row > t.first
        """;

    /// <summary>Rows that say the same under one identifier count once; of rows that differ, the first counts.</summary>
    public const string Duplicates = """
        create temp table imp_twin on commit drop as
          select row, first, same
          from (
            select row, first_value(row) over w as first, fingerprint = first_value(fingerprint) over w as same
            from import_staged_row where import_id = @import and not is_rejected
            window w as (partition by case when phase = '' then owner end, phase order by row)) x
          where row <> first;
        update import_staged_row s set repeats = t.first, is_rejected = not t.same
        from imp_twin t where s.import_id = @import and s.row = t.row;
        insert into import_problem (import_id, row, kind, column_name, value, rule, detail)
        select @import, t.row, case when t.same then 'remark' else 'rejected' end, @column,
          case when s.phase = '' then s.owner else s.phase end, 'duplicate',
          case when t.same then 'repeats row ' || t.first || ', word for word.'
            else 'is the identifier of row ' || t.first
              || ' too, which says otherwise and is used; each identifier is accepted once.' end
        from imp_twin t join import_staged_row s on s.import_id = @import and s.row = t.row;
        drop table imp_twin;
        """;

    /// <summary>Describes for matching the rows with an unknown identifier whose country has factories without any.</summary>
    public const string Unknown = """
        create temp table imp_open on commit drop as
          select t.factory_id, t.country from factory_current t
          where not exists (
            select from identifier i
            where i.kind = 'factory' and i.scheme = @scheme and i.resource_id = t.factory_id and i.known_to = 'infinity');
        create temp table imp_unknown on commit drop as
          select x.owner, row_number() over (order by x.row) as ordinal,
            row(array[x.name], x.sector, x.country, x.region_id, x.locality, x.lon, x.lat, x.precision, x.uncertainty_m,
              x.operators, array[@scheme || ':' || x.owner])::described_factory as described
          from (
            select distinct on (s.owner) s.*, g.resource_id as region_id
            from import_staged_row s left join slug g on g.kind = 'region' and g.slug = s.region
            where s.import_id = @import and not s.is_rejected and s.repeats is null
              and s.country in (select country from imp_open)
              and not exists (
                select from identifier i
                where i.kind = 'factory' and i.scheme = @scheme and i.value = s.owner and i.known_to = 'infinity')
              and not exists (
                select from slug f where @scheme = 'slug' and f.kind = 'factory' and f.slug = s.owner)
            order by s.owner, s.row) x;
        create unique index on imp_open (factory_id);
        create unique index on imp_unknown (ordinal);
        analyze imp_open, imp_unknown;
        create temp table imp_scored (owner text collate "C", factory_id bigint, score float8) on commit drop;
        select count(*) from imp_unknown;
        """;

    /// <summary>Scores the next 500 of them.</summary>
    public const string Score = """
        insert into imp_scored (owner, factory_id, score)
        select u.owner, m.factory_id, m.score
        from match_factories(array(
          select described from imp_unknown where ordinal > @after and ordinal <= @after + 500 order by ordinal)) m
        join imp_unknown u on u.ordinal = @after + m.ordinal
        join imp_open o on o.factory_id = m.factory_id
        where m.score >= @likely;
        """;

    /// <summary>The likeliest pairs first: a factory matches one row at most, and a row one factory.</summary>
    public const string Match = """
        with ranked as (
          select owner, factory_id, score,
            row_number() over (partition by owner order by score desc, factory_id) as mine,
            row_number() over (partition by factory_id order by score desc, owner) as theirs
          from imp_scored
        )
        update import_staged_row s set score = r.score,
          match_id = case when r.score >= @certain and r.theirs = 1 then r.factory_id end,
          likely_id = case when r.score < @certain or r.theirs > 1 then r.factory_id end
        from ranked r
        where r.mine = 1 and s.import_id = @import and s.owner = r.owner and not s.is_rejected;
        """;
}
