namespace Chantier.Api.Imports;

/// <summary>
/// Statements that find out what a portion of staged rows changes. They write only to temporary tables, so they need no
/// lock, and run again where somebody else wrote in the meantime.
/// </summary>
internal static class CompareSql
{
    /// <summary>Finds the factories and phases of the rows, those that cannot be written, and their claims.</summary>
    public const string Rows = """
        drop table if exists imp_row, imp_factory, imp_phase, imp_known, imp_lost, imp_claim, imp_ended, imp_prefix, imp_slug,
          imp_name, imp_operator;

        create temp table imp_row on commit drop as
          select * from import_staged_row
          where import_id = @import and first_row between @first and @last and not is_rejected and repeats is null;
        create index on imp_row (owner);
        analyze imp_row;

        create temp table imp_factory on commit drop as
          select o.*, coalesce(o.found, nextval('factory_id_seq')) as id, o.found is null as is_new, false as is_revised,
            null::text collate "C" as slug
          from (
            select distinct on (s.owner) s.owner, s.row, s.name, s.sector, s.products, s.country, s.locality, s.website,
              s.lon, s.lat, s.precision, s.uncertainty_m, s.likely_id, s.score,
              g.resource_id as region_id, c.resource_id as country_region_id,
              coalesce(i.resource_id, own.resource_id, m.id) as found,
              i.resource_id is null and own.resource_id is null and m.id is not null as is_matched
            from imp_row s
            left join identifier i
              on i.kind = 'factory' and i.scheme = @scheme and i.value = s.owner and i.known_to = 'infinity'
            left join slug own on @scheme = 'slug' and own.kind = 'factory' and own.slug = s.owner
            left join slug g on g.kind = 'region' and g.slug = s.region
            left join identifier c
              on c.kind = 'region' and c.scheme = 'iso3166-1' and c.value = s.country and c.known_to = 'infinity'
            left join factory m on m.id = s.match_id and not exists (
              select from identifier x
              where x.kind = 'factory' and x.scheme = @scheme and x.resource_id = m.id and x.known_to = 'infinity')
            order by s.owner, s.row) o
          order by o.row;
        create index on imp_factory (owner);
        analyze imp_factory;

        create temp table imp_phase on commit drop as
          select o.*, coalesce(o.found, nextval('phase_id_seq')) as id, o.found is null as is_new
          from (
            select f.owner, '' collate "C" as phase, f.row, f.id as factory_id, null::text as name,
              null::text as product, x.first_phase_id as found, false as is_moved
            from imp_factory f left join factory x on x.id = f.id
            where not @hasPhases
            union all
            select distinct on (s.phase) f.owner, s.phase, s.row, f.id, s.phase_name, s.phase_product, p.id,
              p.factory_id <> f.id
            from imp_row s
            join imp_factory f on f.owner = s.owner
            left join identifier i
              on i.kind = 'phase' and i.scheme = @phaseScheme and i.value = s.phase and i.known_to = 'infinity'
            left join phase p on p.id = i.resource_id
            where @hasPhases) o
          order by o.row;

        -- What speaks against it that a row is about the factory that has its identifier.
        create temp table imp_known on commit drop as
          select f.owner, f.row, o.slug, v.name, v.country,
            case when v.factory_id is null then 'deleted'
              when f.is_matched then null
              when v.country <> f.country or d.km > @distantKm and not a.is_alike then 'identifier_conflict'
              when d.km is null and not a.is_alike then 'other_name' end as rule
          from imp_factory f
          join factory o on o.id = f.id
          left join factory_version v on v.factory_id = o.id and v.known_to = 'infinity'
          left join factory_merged m on m.loser_id = o.id and m.known_to = 'infinity'
          left join factory_current c on c.factory_id = coalesce(m.survivor_id, o.id)
          cross join lateral (
            select distance_km(sphere_point(c.lon, c.lat), sphere_point(f.lon, f.lat))
              - uncertain_km(c.location_precision, c.location_uncertainty_m)
              - uncertain_km(f.precision, f.uncertainty_m) as km) d
          cross join lateral (
            select bool_or(@alike <= name_likeness(y.new, name_numbering(y.new), y.known, name_numbering(y.known))) as is_alike
            from (
              select match_name(f.name) as new, match_name(n ->> 'text') as known from jsonb_array_elements(v.names) n
              where f.name <> v.name and coalesce(d.km > @distantKm, true)) y) a;
        create temp table imp_lost on commit drop as
          select s.row, coalesce(k.rule, 'moved') as rule, k.slug, k.name, k.country
          from imp_row s
          left join imp_known k on k.owner = s.owner
            and (k.rule = 'deleted' or k.rule = 'identifier_conflict' and @conflict <> 'update')
          left join imp_phase p on p.row = s.row and p.is_moved
          where k.owner is not null or p.row is not null;
        delete from imp_row s using imp_lost l where l.row = s.row;
        delete from imp_phase p using imp_lost l where l.row = p.row;
        delete from imp_factory f where not exists (select from imp_row s where s.owner = f.owner);
        create index on imp_phase (phase, owner);
        analyze imp_phase;

        -- A version of our own follows the file; what somebody edited stays. The region is at least the country.
        update imp_factory f set is_revised = true
        from factory_version v
        where not f.is_new and not @isBackfill and v.factory_id = f.id and v.known_to = 'infinity' and v.recorded_by = @actor
          and (v.name, v.sector, v.products, v.country, v.region_id, v.locality, v.website) is distinct from (
            f.name, f.sector, f.products, f.country,
            coalesce(f.region_id, case when v.country = f.country then v.region_id end, f.country_region_id),
            f.locality, f.website);

        create temp table imp_claim on commit drop as
          with live as (
            select c.*, s.owner, s.phase
            from imp_row s join import_staged_claim c on c.import_id = @import and c.row = s.row
          ), once as (
            select * from live where is_of_phase or not @hasPhases
            union all
            -- Of what several units say about their factory, the first counts.
            select * from (
              select distinct on (key) * from live where @hasPhases and not is_of_phase order by key, row) x
          )
          select c.*, f.id as factory_id, case when c.kind = 'status_event' or c.is_of_phase then p.id end as phase_id,
            null::bigint as operator_id, t.id as standing_id, t.fingerprint is distinct from c.fingerprint as is_new,
            null::bigint as id, null::text as end_cause, null::bigint as end_source_id
          from once c
          join imp_factory f on f.owner = c.owner
          left join imp_phase p on p.owner = c.owner and p.phase = c.phase
          left join claim t on t.key = c.key and t.known_to = 'infinity';
        """;

    /// <summary>Adds the observation that a row of the previous release is no longer listed.</summary>
    public const string Delisted = """
        insert into imp_claim (row, key, is_per_release, kind, basis, confidence, note, milestone, date_meaning,
          date, earliest, latest, fingerprint, factory_id, phase_id, standing_id, is_new)
        select 0, x.key, true, 'status_event', 'actual', 'high', 'No longer listed in the release ' || @release || '.',
          'other', 'observed', @day::date::text, @day::date, @day::date, md5('not listed ' || x.key)::uuid,
          x.factory_id, x.phase_id, t.id, t.id is null
        from (
          select distinct on (r.owner, r.phase) r.factory_id, r.phase_id,
            @releasePrefix || r.owner || case when r.phase = '' then '' else '/' || r.phase end || '/not-listed' as key
          from import_row r
          join factory_version v on v.factory_id = r.factory_id and v.known_to = 'infinity'
          where r.import_id = (
              select max(i.id) from import i where i.source_id = @previous and i.state = 'finished')
            and r.phase_id is not null
            and not exists (
              select from import_staged_row s
              where s.import_id = @import and s.owner = r.owner and (s.phase = r.phase or s.is_rejected))
          order by r.owner, r.phase) x
        left join claim t on t.key = x.key and t.known_to = 'infinity';
        """;

    /// <summary>Finds the claims that end: those that the rows state otherwise, and those that they no longer state.</summary>
    public const string Ends = """
        create index on imp_claim (key);
        analyze imp_claim;
        -- What a curator ended stays ended, until the file says something else.
        update imp_claim s set is_new = false
        from (
          select distinct on (c.key) c.key, c.ended_by, c.fingerprint
          from imp_claim x join claim c on c.key = x.key and c.known_to < 'infinity'
          where x.standing_id is null
          order by c.key, c.known_to desc, c.id desc) e
        where s.standing_id is null and s.key = e.key and e.ended_by <> @actor and e.fingerprint = s.fingerprint;

        create temp table imp_prefix on commit drop as
          select (l.lead || x.owner) collate "C" as prefix, x.row
          from (select owner || '/' as owner, row from imp_factory where not is_new
            union all
            select p.owner || '/' || p.phase || '/', p.row from imp_phase p where p.phase <> '' and not p.is_new) x
          cross join (
            select @prefix::text as lead union all select @releasePrefix::text where @releasePrefix::text is not null) l;
        analyze imp_prefix;
        create temp table imp_ended on commit drop as
          select c.id, min(x.row) as row, 'retracted' as cause, @isNews and bool_or(not exists (
            select from evidence e where e.claim_id = c.id and e.source_id = @source)) as is_news
          from (select id from imp_factory where not is_new) f
          cross join lateral (
            select k.id, k.key from claim k
            where k.factory_id = f.id and k.known_to = 'infinity' and k.key is not null and k.recorded_by = @actor
            offset 0) c
          join imp_prefix x on x.prefix = regexp_replace(c.key, '[^/]*$', '')
          where (substring(c.key from '[^/]*$') = any (@spoken)
              or regexp_replace(substring(c.key from '[^/]*$'), '-[0-9]+$', '') = any (@spoken))
            and not exists (select from imp_claim s where s.key = c.key)
          group by c.id
          union all
          select s.standing_id, s.row, 'superseded', @isNews and not exists (
            select from evidence e where e.claim_id = s.standing_id and e.source_id = @source)
          from imp_claim s where s.is_new and s.standing_id is not null;
        """;

    /// <summary>Finds the companies, by their slug or else by their name as matching reads it, and chooses new slugs.</summary>
    public const string Slugs = """
        create temp table imp_slug on commit drop as
          select row::bigint as ordinal, case when @scheme = 'slug' then owner else name end as name,
            null::text collate "C" as base, 0 as k, false as is_shared, null::text collate "C" as slug
          from imp_factory where is_new;
        select free_slugs('factory');
        update imp_factory f set slug = s.slug from imp_slug s where f.is_new and s.ordinal = f.row;
        drop table imp_slug;

        create temp table imp_name on commit drop as
          select operator as name, match_name(operator) as mark
          from (select distinct operator from imp_claim where operator is not null and operator_slug is null) x;
        analyze imp_name;
        create temp table imp_operator on commit drop as
          select o.*, coalesce(o.found, nextval('operator_id_seq')) as id, o.found is null as is_new,
            row_number() over (order by o.name) as ordinal, null::text collate "C" as slug
          from (
            select n.mark, n.name, v.found
            from (select mark, min(name) as name from imp_name group by mark) n
            -- For each name by the index: a join would reduce the names of all companies.
            cross join lateral (
              select min(x.operator_id) as found
              from (
                select v.operator_id from operator_version v
                where v.known_to = 'infinity' and match_name(v.name) = n.mark offset 0) x) v
            order by n.name) o;
        create temp table imp_slug on commit drop as
          select ordinal, name, null::text collate "C" as base, 0 as k, false as is_shared,
            null::text collate "C" as slug
          from imp_operator where is_new;
        select free_slugs('operator');
        update imp_operator o set slug = s.slug from imp_slug s where o.is_new and s.ordinal = o.ordinal;
        insert into imp_operator (mark, name, found, id, is_new, slug)
        select 'slug:' || s.slug, coalesce(s.name, s.slug), g.resource_id,
          coalesce(g.resource_id, nextval('operator_id_seq')), g.resource_id is null, s.slug
        from (
          select operator_slug as slug, min(operator) as name
          from imp_claim where operator_slug is not null group by operator_slug order by operator_slug) s
        left join slug g on g.kind = 'operator' and g.slug = s.slug;
        create index on imp_operator (mark);
        analyze imp_operator;
        update imp_claim s set operator_id = o.id from imp_name n join imp_operator o on o.mark = n.mark
        where s.operator = n.name and s.operator_slug is null;
        update imp_claim s set operator_id = o.id from imp_operator o
        where s.operator_slug is not null and o.mark = 'slug:' || s.operator_slug;
        """;

    /// <summary>Counts the entries that all of it adds to the log.</summary>
    public const string Count = """
        select ((select count(*) from imp_operator where is_new) + (select count(*) from imp_phase where is_new)
          + (select count(*) from imp_factory where is_new or is_revised) + (select count(*) from imp_ended)
          + (select count(*) from imp_claim where is_new))::int
        """;

    /// <summary>Whether anything that the statements above found was written since a moment of the log.</summary>
    public const string IsOutdated = """
        select exists (
          select from change c
          left join factory f on c.resource_type = 'factory' and f.id = c.resource_id
          left join operator o on c.resource_type = 'operator' and o.id = c.resource_id
          left join operator_version v on v.operator_id = o.id and v.known_to = 'infinity'
          where c.seq > @seq and (c.resource_type in ('region', 'identifier', 'source')
            or c.factory_id in (select id from imp_factory) or f.slug in (select coalesce(slug, owner) from imp_factory)
            or o.id in (select id from imp_operator) or o.slug in (select slug from imp_operator)
            or match_name(v.name) in (select mark from imp_operator)))
        """;
}
