namespace Chantier.Api.Imports;

/// <summary>Statements that write what a portion changes, under the write lock and at its stamp.</summary>
internal static class WriteSql
{
    /// <summary>Inserts the resources and the claims, ends the claims that end, and logs all of it.</summary>
    public const string Merge = """
        insert into operator (id, slug) select id, slug from imp_operator where is_new;
        insert into slug (kind, slug, resource_id) select 'operator', slug, id from imp_operator where is_new;
        insert into operator_version (operator_id, version, name, recorded_by, known_from)
        select id, 1, name, @actor, @at from imp_operator where is_new;

        insert into factory (id, slug, first_phase_id)
        select f.id, f.slug, p.id
        from imp_factory f
        join (select distinct on (factory_id) factory_id, id from imp_phase order by factory_id, row) p
          on p.factory_id = f.id
        where f.is_new order by f.id;
        insert into slug (kind, slug, resource_id) select 'factory', slug, id from imp_factory where is_new;
        insert into phase (id, factory_id) select id, factory_id from imp_phase where is_new order by id;
        insert into phase_version (phase_id, version, name, product, position, recorded_by, known_from)
        select p.id, 1, p.name, p.product,
          row_number() over (partition by p.factory_id order by p.row) + coalesce((
            select max(v.position) from phase h join phase_version v on v.phase_id = h.id
            where h.factory_id = p.factory_id and not f.is_new), 0),
          @actor, @at
        from imp_phase p join imp_factory f on f.id = p.factory_id where p.is_new;
        insert into factory_version (factory_id, version, name, names, sector, products, country, region_id, locality,
          website, recorded_by, known_from)
        select id, 1, name, jsonb_build_array(jsonb_build_object('text', name, 'lang', @language::text, 'kind', 'official')),
          sector, products, country, coalesce(region_id, country_region_id), locality, website, @actor, @at
        from imp_factory where is_new;
        update factory_version v set known_to = @at
        from imp_factory f where f.is_revised and v.factory_id = f.id and v.known_to = 'infinity';
        insert into factory_version (factory_id, version, name, names, sector, products, description_fr, description_en,
          country, region_id, locality, website, recorded_by, known_from)
        select f.id, v.version + 1, f.name,
          jsonb_build_array(jsonb_build_object('text', f.name, 'lang', @language::text, 'kind', 'official')) || coalesce((
            select jsonb_agg(case when n ->> 'kind' = 'official' then n || '{"kind": "former"}' else n end order by i)
            from jsonb_array_elements(v.names) with ordinality as x (n, i) where n ->> 'text' <> f.name), '[]'),
          f.sector, f.products, v.description_fr, v.description_en, f.country,
          coalesce(f.region_id, case when v.country = f.country then v.region_id end, f.country_region_id),
          f.locality, f.website, @actor, @at
        from imp_factory f join factory_version v on v.factory_id = f.id and v.known_to = @at where f.is_revised;
        insert into identifier (kind, resource_id, scheme, value, recorded_by, known_from)
        select 'factory', id, @scheme, owner, @actor, @at from imp_factory where (is_new or is_matched) and @scheme <> 'slug'
        union all
        select 'phase', id, @phaseScheme, phase, @actor, @at from imp_phase where is_new and phase <> '';

        update claim c set known_to = @at, end_cause = e.cause, end_reason = case when e.is_news then 'news' else 'error' end,
          end_source_id = case when e.is_news then @source end, ended_by = @actor
        from imp_ended e where c.id = e.id;
        update imp_claim set id = nextval('claim_id_seq') where is_new;
        insert into claim (id, kind, factory_id, key, fingerprint, basis, confidence, note, supersedes_id, recorded_by,
          known_from, known_to, end_cause, end_reason, end_source_id, ended_by, published_from, published_basis)
        select id, kind, factory_id, key, fingerprint, basis, confidence, note, standing_id, @actor, @at,
          case when end_cause is null then 'infinity' else @at2 end, end_cause,
          case when end_cause is not null then 'news' end, case when end_cause is not null then end_source_id end,
          case when end_cause is not null then @actor end,
          coalesce(@published::date::timestamp at time zone 'UTC', @at),
          case when @published::date is null then 'recorded' else 'published' end
        from imp_claim where is_new order by id;
        insert into status_event (claim_id, phase_id, status, milestone, date, earliest, latest, date_meaning)
        select id, phase_id, status, milestone, date, earliest, latest, date_meaning
        from imp_claim where is_new and kind = 'status_event' order by id;
        insert into figure (claim_id, phase_id, property, value, min, max, word, unit, qualifier, product, scope,
          for_date, for_date_earliest, for_date_latest)
        select id, phase_id, property, value, min, max, word, unit, qualifier, product, scope, date, earliest, latest
        from imp_claim where is_new and kind = 'figure' order by id;
        insert into role (claim_id, operator_id, role)
        select id, operator_id, role from imp_claim where is_new and kind = 'role' order by id;
        insert into location (claim_id, lon, lat, precision, uncertainty_m, method)
        select id, lon, lat, precision, uncertainty_m, method
        from imp_claim where is_new and kind = 'location' order by id;
        insert into evidence (claim_id, source_id, locator_kind, locator_start, note, recorded_by, known_from)
        select id, case when row = 0 then coalesce(end_source_id, @source) else @source end,
          case when row > 0 then 'row' end, nullif(row, 0), columns, @actor, @at
        from imp_claim where is_new order by id;

        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        select @lastSeq + row_number() over (order by x.place, x.id), @at, @actor, x.cause, x.type, x.id, x.factory_id,
          x.version
        from (
          select 1 as place, 'imported' as cause, 'source' as type, @source as id, null::bigint as factory_id, 1 as version
          where @isNewSource
          union all
          select 2, 'imported', 'operator', id, null, 1 from imp_operator where is_new
          union all
          select 3, 'imported', 'factory', id, id, 1 from imp_factory where is_new
          union all
          select 3, 'revised', 'factory', f.id, f.id, v.version
          from imp_factory f join factory_version v on v.factory_id = f.id and v.known_to = 'infinity' where f.is_revised
          union all
          select 4, 'imported', 'phase', id, factory_id, 1 from imp_phase where is_new
          union all
          select 5, e.cause, c.kind, c.id, c.factory_id, 1 from imp_ended e join claim c on c.id = e.id
          union all
          select 6, 'imported', kind, id, factory_id, 1 from imp_claim where is_new) x;
        """;

    /// <summary>Reports rows that were lost, and the outcome of each.</summary>
    public const string Outcomes = """
        insert into import_problem (import_id, row, kind, column_name, value, rule, detail)
        select @import, x.row, case when x.is_lost and (x.rule <> 'identifier_conflict' or @conflict = 'reject')
            then 'rejected' else 'remark' end,
          @column, case when s.phase = '' then s.owner else s.phase end, x.rule,
          case x.rule
            when 'deleted' then 'is a factory that a curator deleted; restore it first.'
            when 'moved' then 'is a unit of another factory here; a curator has to decide.'
            when 'other_name' then 'belongs to ' || x.name || ' (the factory ' || x.slug || '), which this row calls '
              || s.name || '. Nothing says where both are, so the row was used; check that it is the same site.'
            else 'belongs to ' || x.name || ' in ' || x.country || ' (the factory ' || x.slug || '), but this row is about '
              || s.name || ' in ' || s.country || case @conflict when 'update' then ', and was used'
                when 'skip' then ', and was skipped' else '' end
              || '. Correct the identifier in the file, or the country, place or names of the factory.' end
        from (
          select true as is_lost, row, rule, slug, name, country from imp_lost
          union all
          select false, row, rule, slug, name, country from imp_known
          where rule = 'other_name' or rule = 'identifier_conflict' and @conflict = 'update') x
        join import_staged_row s on s.import_id = @import and s.row = x.row;
        update import_staged_row s set is_rejected = true
        from imp_lost l
        where s.import_id = @import and s.row = l.row and (l.rule <> 'identifier_conflict' or @conflict = 'reject');

        insert into import_row (import_id, row, outcome, owner, phase, factory_id, phase_id)
        select @import, s.row,
          case when s.is_rejected then 'rejected' when s.repeats is not null then 'unchanged'
            when f.is_matched and f.row = s.row then 'matched' when f.is_new or p.is_new then 'created'
            when t.row is not null then 'updated' else 'unchanged' end,
          s.owner, s.phase, f.id, p.id
        from import_staged_row s
        left join imp_factory f on f.owner = s.owner and not s.is_rejected
        left join imp_phase p on p.owner = s.owner and p.phase = s.phase and not s.is_rejected
        left join (
          select row from imp_claim where is_new and not is_per_release
          union select row from imp_ended
          union select row from imp_factory where is_revised) t on t.row = s.row
        where s.import_id = @import and s.first_row between @first and @last;
        """;

    /// <summary>Reports what is no longer listed, which has no row.</summary>
    public const string Delisted = """
        insert into import_problem (import_id, row, kind, column_name, value, rule, detail)
        select @import, 0, 'remark', @column,
          substring(s.key from length(@releasePrefix) + 1 for length(s.key) - length(@releasePrefix || '/not-listed')),
          'not_listed', 'is ' || f.slug || ' in the release before, and in no row of this one.'
        from imp_claim s join factory f on f.id = s.factory_id
        where s.row = 0 and starts_with(s.key, @releasePrefix) order by s.key;
        """;

    /// <summary>Reports rows that may be about another factory.</summary>
    public const string Likely = """
        insert into import_problem (import_id, row, kind, value, rule, detail)
        select @import, f.row, 'remark', f.slug, 'likely_match',
          'may be ' || l.slug || ' (score ' || f.score || '); a proposal to merge them waits for a decision.'
        from imp_factory f join factory l on l.id = f.likely_id where f.is_new;
        """;

    /// <summary>Proposes to merge them.</summary>
    public const string Propose = """
        with likely as (
          select f.row, f.slug, l.slug as into_slug, f.score
          from imp_factory f join factory l on l.id = f.likely_id where f.is_new
        ), key as (
          insert into api_key (name, scope, hash, revoked_at)
          -- It opens nothing: what an import proposes stands under a name.
          select @handle, 'contribute', sha256(gen_random_uuid()::text::bytea), clock_timestamp()
          where exists (select from likely) and not exists (select from api_key k where k.name = @handle)
          returning id
        ), owner as (
          select id from key union all select min(id) from api_key k where k.name = @handle having min(id) is not null
        ), filed as (
          insert into proposal (api_key_id, proposed_by, operation, method, path, route, body)
          select (select max(id) from owner), @handle, 'MergeFactory', 'POST', '/v1/factories/' || l.slug || '/merge',
            jsonb_build_object('slug', l.slug),
            jsonb_build_object(
              'into', l.into_slug, 'note', 'An import found them alike, with a score of ' || l.score || '.')
          from likely l order by l.row
          returning id, route ->> 'slug' as slug
        )
        update import_row r set proposal = d.id
        from likely l join filed d on d.slug = l.slug where r.import_id = @import and r.row = l.row;
        """;

    /// <summary>Notes how far the import is, so that it can be continued from there.</summary>
    public const string Progress =
        "update import set merged_row = @last, changes = @changes, no_longer_listed = @delisted where id = @import";

    /// <summary>Rejects a portion that the database does not accept.</summary>
    public const string Reject = """
        insert into import_problem (import_id, row, kind, rule, detail)
        select @import, row, 'rejected', 'database', @why
        from import_staged_row where import_id = @import and first_row between @first and @last and not is_rejected;
        insert into import_row (import_id, row, outcome, owner, phase)
        select @import, row, 'rejected', owner, phase
        from import_staged_row where import_id = @import and first_row between @first and @last;
        """;
}
