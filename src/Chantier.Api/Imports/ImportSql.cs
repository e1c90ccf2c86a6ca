namespace Chantier.Api.Imports;

/// <summary>
/// The merge of staged rows, set-wise. Packs are merged by slugs, in <c>Seeding</c>; rows of a file are known by an identifier and made by
/// the hundred thousand. Both know a claim by its key, and what it says by its fingerprint.
/// </summary>
internal static class ImportSql
{
    /// <summary>Rows that say the same under one identifier are one; of others the first counts.</summary>
    public const string Twins = """
        create temp table imp_twin on commit drop as
          select row, first, same
          from (
            select row, first_value(row) over w as first, fingerprint = first_value(fingerprint) over w as same
            from import_staged_row where import_id = @import and not is_rejected
            window w as (partition by case when phase = '' then owner end, phase order by row)) x
          where row <> first;
        update import_staged_row s set repeats = t.first, is_rejected = not t.same from imp_twin t where s.import_id = @import and s.row = t.row;
        insert into import_problem (import_id, row, kind, column_name, value, rule, detail)
        select @import, t.row, case when t.same then 'remark' else 'rejected' end, @column, case when s.phase = '' then s.owner else s.phase end, 'duplicate',
          case when t.same then 'repeats row ' || t.first || ', word for word.'
            else 'is the identifier of row ' || t.first || ' too, which says otherwise and stands; it accepts each identifier once.' end
        from imp_twin t join import_staged_row s on s.import_id = @import and s.row = t.row;
        drop table imp_twin;
        """;

    /// <summary>The rows whose identifier is not known, described for matching: only where a factory of the country is without one.</summary>
    public const string Unknown = """
        create temp table imp_open on commit drop as
          select t.factory_id, t.country from factory_current t
          where not exists (
            select from identifier i where i.kind = 'factory' and i.scheme = @scheme and i.resource_id = t.factory_id and i.known_to = 'infinity');
        create temp table imp_unknown on commit drop as
          select x.owner, row_number() over (order by x.row) as ordinal,
            row(array[x.name], x.sector, x.country, x.region_id, x.locality, x.lon, x.lat, x.precision, x.uncertainty_m, x.operators, array[@scheme || ':' || x.owner])::described_factory as described
          from (
            select distinct on (s.owner) s.*, g.resource_id as region_id
            from import_staged_row s left join slug g on g.kind = 'region' and g.slug = s.region
            where s.import_id = @import and not s.is_rejected and s.repeats is null
              and s.country in (select country from imp_open)
              and not exists (select from identifier i where i.kind = 'factory' and i.scheme = @scheme and i.value = s.owner and i.known_to = 'infinity')
            order by s.owner, s.row) x;
        create temp table imp_scored (owner text collate "C", factory_id bigint, score float8) on commit drop;
        select count(*) from imp_unknown;
        """;

    public const string Score = """
        insert into imp_scored (owner, factory_id, score)
        select u.owner, m.factory_id, m.score
        from match_factories(array(select described from imp_unknown where ordinal > @after and ordinal <= @after + 500 order by ordinal)) m
        join imp_unknown u on u.ordinal = @after + m.ordinal
        join imp_open o on o.factory_id = m.factory_id
        where m.score >= @likely;
        """;

    /// <summary>The likeliest pairs first: each factory is meant by one row at most, and each row means one factory.</summary>
    public const string Match = """
        with ranked as (
          select owner, factory_id, score, row_number() over (partition by owner order by score desc, factory_id) as mine,
            row_number() over (partition by factory_id order by score desc, owner) as theirs
          from imp_scored
        )
        update import_staged_row s set score = r.score,
          match_id = case when r.score >= @certain and r.theirs = 1 then r.factory_id end,
          likely_id = case when r.score < @certain or r.theirs > 1 then r.factory_id end
        from ranked r
        where r.mine = 1 and s.import_id = @import and s.owner = r.owner and not s.is_rejected;
        """;

    /// <summary>Finds what the rows mean, and what of it is new.</summary>
    public const string Compare = """
        drop table if exists imp_factory, imp_phase, imp_claim, imp_ended, imp_operator, imp_slug, imp_lost, imp_prefix;

        create temp table imp_factory on commit drop as
          select o.*, coalesce(o.found, nextval(pg_get_serial_sequence('factory', 'id'))) as id, o.found is null as is_new, false as is_revised, null::text collate "C" as slug
          from (
            select distinct on (s.owner) s.owner, s.row, s.name, s.sector, s.products, s.country, g.resource_id as region_id, c.resource_id as country_region_id, s.locality, s.website,
              coalesce(i.resource_id, own.resource_id, s.match_id) as found, i.resource_id is null and own.resource_id is null and s.match_id is not null as is_matched, s.likely_id
            from import_staged_row s
            left join identifier i on i.kind = 'factory' and i.scheme = @scheme and i.value = s.owner and i.known_to = 'infinity'
            left join slug own on @scheme = 'slug' and own.kind = 'factory' and own.slug = s.owner
            left join slug g on g.kind = 'region' and g.slug = s.region
            left join identifier c on c.kind = 'region' and c.scheme = 'iso3166-1' and c.value = s.country and c.known_to = 'infinity'
            where s.import_id = @import and not s.is_rejected and s.repeats is null and s.row between @first and @last
            order by s.owner, s.row) o
          order by o.row;
        create index on imp_factory (owner);
        analyze imp_factory;

        create temp table imp_phase on commit drop as
          select o.*, coalesce(o.found, nextval(pg_get_serial_sequence('phase', 'id'))) as id, o.found is null as is_new
          from (
            select f.owner, '' collate "C" as phase, f.row, f.id as factory_id, null::text as name, null::text as product, x.first_phase_id as found, false as is_moved
            from imp_factory f left join factory x on x.id = f.id
            where not @hasPhases
            union all
            select distinct on (s.phase) f.owner, s.phase, s.row, f.id, s.phase_name, s.phase_product, p.id, p.factory_id <> f.id
            from import_staged_row s
            join imp_factory f on f.owner = s.owner
            left join identifier i on i.kind = 'phase' and i.scheme = @phaseScheme and i.value = s.phase and i.known_to = 'infinity'
            left join phase p on p.id = i.resource_id
            where @hasPhases and s.import_id = @import and not s.is_rejected and s.repeats is null and s.row between @first and @last) o
          order by o.row;

        -- What cannot be written to after all.
        create temp table imp_lost on commit drop as
          select s.row, case when v.factory_id is null then 'deleted' else 'moved' end as rule
          from imp_factory f
          join import_staged_row s on s.import_id = @import and s.owner = f.owner and not s.is_rejected and s.repeats is null and s.row between @first and @last
          left join factory_version v on v.factory_id = f.id and v.known_to = 'infinity'
          left join imp_phase p on p.is_moved and p.row = s.row
          where not f.is_new and (v.factory_id is null or p.row is not null);
        update import_staged_row s set is_rejected = true from imp_lost x where s.import_id = @import and s.row = x.row;
        insert into import_problem (import_id, row, kind, column_name, value, rule, detail)
        select @import, x.row, 'rejected', @column, case when s.phase = '' then s.owner else s.phase end, x.rule,
          case x.rule when 'deleted' then 'is a factory that a curator deleted; restore it first.' else 'is a unit of another factory here; a curator has to decide.' end
        from imp_lost x join import_staged_row s on s.import_id = @import and s.row = x.row;
        delete from imp_phase p using import_staged_row s where s.import_id = @import and s.row = p.row and s.is_rejected;
        delete from imp_factory f where not f.is_new and not exists (select from factory_version v where v.factory_id = f.id and v.known_to = 'infinity');
        create index on imp_phase (phase, owner);
        analyze imp_phase;

        -- A version of our own follows the file; what somebody edited stays as it is. Where nothing tells more, the region is the country.
        update imp_factory f set is_revised = true
        from factory_version v
        where not f.is_new and not @isBackfill and v.factory_id = f.id and v.known_to = 'infinity' and v.recorded_by = @actor
          and (v.name, v.sector, v.products, v.country, v.region_id, v.locality, v.website)
            is distinct from (f.name, f.sector, f.products, f.country, coalesce(f.region_id, case when v.country = f.country then v.region_id end, f.country_region_id), f.locality, f.website);

        create temp table imp_claim on commit drop as
          with live as (
            select c.*, s.owner, s.phase from import_staged_claim c
            join import_staged_row s on s.import_id = @import and s.row = c.row and not s.is_rejected and s.repeats is null
            where c.import_id = @import and c.row between @first and @last
          ), once as (
            select * from live where is_of_phase or not @hasPhases
            union all
            -- What units say of their factory, the first says.
            select * from (select distinct on (key) * from live where @hasPhases and not is_of_phase order by key, row) x
          )
          select c.row, c.key, c.is_per_release, c.kind, c.basis, c.confidence, c.note, c.columns, c.status, c.milestone, c.date_meaning, c.date, c.earliest, c.latest,
            c.property, c.value, c.min, c.max, c.word, c.unit, c.qualifier, c.product, c.scope,
            c.operator, c.operator_slug, c.role,
            c.lon, c.lat, c.precision, c.uncertainty_m, c.method, c.fingerprint,
            f.id as factory_id, case when c.kind = 'status_event' or c.is_of_phase then p.id end as phase_id, null::bigint as operator_id,
            t.id as standing_id, t.fingerprint is distinct from c.fingerprint as is_new, null::bigint as id,
            'infinity'::timestamptz as known_to, null::text as end_cause, null::bigint as end_source_id
          from once c
          join imp_factory f on f.owner = c.owner
          left join imp_phase p on p.owner = c.owner and p.phase = c.phase
          left join claim t on t.key = c.key and t.known_to = 'infinity';
        """;

    /// <summary>The rows of the release before that this one lists no longer: it says so of each.</summary>
    public const string Delist = """
        insert into imp_claim (row, key, is_per_release, kind, basis, confidence, note, milestone, date_meaning, date, earliest, latest, fingerprint, factory_id, phase_id, standing_id, is_new, known_to)
        select 0, x.key, true, 'status_event', 'actual', 'high', 'No longer listed in the release ' || @release || '.', 'other', 'observed', @day::date::text, @day::date, @day::date,
          md5('not listed ' || x.key)::uuid, x.factory_id, x.phase_id, t.id, t.id is null, 'infinity'
        from (
          select distinct on (r.owner, r.phase) @releasePrefix || r.owner || case when r.phase = '' then '' else '/' || r.phase end || '/not-listed' as key, r.factory_id, r.phase_id
          from import_row r
          join factory_version v on v.factory_id = r.factory_id and v.known_to = 'infinity'
          where r.import_id = (select max(i.id) from import i where i.source_id = @previous and i.state = 'finished') and r.phase_id is not null
            and not exists (select from import_staged_row s where s.import_id = @import and s.owner = r.owner and (s.phase = r.phase or s.is_rejected))
          order by r.owner, r.phase) x
        left join claim t on t.key = x.key and t.known_to = 'infinity';
        """;

    /// <summary>The same in the report, where no row tells it.</summary>
    public const string TellDelisted = """
        insert into import_problem (import_id, row, kind, column_name, value, rule, detail)
        select @import, 0, 'remark', @column, substring(s.key from length(@releasePrefix) + 1 for length(s.key) - length(@releasePrefix || '/not-listed')), 'not_listed',
          'is ' || f.slug || ' in the release before, and in no row of this one.'
        from imp_claim s join factory f on f.id = s.factory_id where s.row = 0 order by s.key;
        """;

    /// <summary>How many the release before lists.</summary>
    public const string ListedBefore = """
        select count(*)::int from (
          select distinct r.owner, r.phase from import_row r
          where r.import_id = (select max(i.id) from import i where i.source_id = @previous and i.state = 'finished') and r.phase_id is not null) x
        """;

    /// <summary>What it states otherwise, and what it states no more.</summary>
    public const string Ends = """
        create index on imp_claim (key);
        analyze imp_claim;
        -- What a curator ended has had its say, until the file says something else.
        update imp_claim s set is_new = false
        from (
          select distinct on (c.key) c.key, c.ended_by, c.fingerprint
          from imp_claim x join claim c on c.key = x.key and c.known_to < 'infinity'
          where x.standing_id is null
          order by c.key, c.known_to desc, c.id desc) e
        where s.standing_id is null and s.key = e.key and e.ended_by <> @actor and e.fingerprint = s.fingerprint;

        create temp table imp_prefix (prefix text collate "C", row int) on commit drop;
        insert into imp_prefix (prefix, row)
        select l.lead || x.owner, x.row
        from (select owner || '/' as owner, row from imp_factory where not is_new
          union all select p.owner || '/' || p.phase || '/', p.row from imp_phase p where p.phase <> '' and not p.is_new) x
        cross join (select @prefix::text as lead union all select @releasePrefix::text where @releasePrefix::text is not null) l;
        analyze imp_prefix;

        create temp table imp_ended on commit drop as
          select c.id, min(x.row) as row, bool_or(not exists (select from evidence e where e.claim_id = c.id and e.source_id = @source)) and @isNews as is_news, 'retracted' as cause
          from imp_factory f
          join claim c on c.factory_id = f.id and c.known_to = 'infinity' and c.key is not null and c.recorded_by = @actor
          join imp_prefix x on x.prefix = regexp_replace(c.key, '[^/]*$', '')
          where not f.is_new
            and (substring(c.key from '[^/]*$') = any (@spoken) or regexp_replace(substring(c.key from '[^/]*$'), '-[0-9]+$', '') = any (@spoken))
            and not exists (select from imp_claim s where s.key = c.key)
          group by c.id
          union all
          select s.standing_id, s.row, not exists (select from evidence e where e.claim_id = s.standing_id and e.source_id = @source) and @isNews, 'superseded'
          from imp_claim s where s.is_new and s.standing_id is not null;
        """;

    /// <summary>
    /// The same for a release behind a newer one. What it says holds from its day until the next release that lists the row; what was held
    /// to be so on its day, and is not by it, ends there, and is said again by that next release.
    /// </summary>
    public const string EndsOfBackfill = """
        drop table if exists imp_next, imp_said, imp_held, imp_again, imp_proof, imp_cut, imp_void;
        create index on imp_claim (key);
        analyze imp_claim;
        create temp table imp_prefix (prefix text collate "C", row int) on commit drop;
        insert into imp_prefix (prefix, row)
        select @prefix || x.owner, x.row
        from (select owner || '/' as owner, row from imp_factory where not is_new
          union all select p.owner || '/' || p.phase || '/', p.row from imp_phase p where p.phase <> '' and not p.is_new) x;
        create index on imp_prefix (prefix);
        analyze imp_prefix;

        -- The next release that lists each row.
        create temp table imp_next on commit drop as
          select distinct on (s.row) s.row, v.source_id, v.published_latest::timestamp at time zone 'UTC' as at
          from import_staged_row s
          join import_row r on r.owner = s.owner and r.phase = s.phase and r.outcome <> 'rejected'
          join import i on i.id = r.import_id and i.state = 'finished'
          join source_version v on v.source_id = i.source_id and v.known_to = 'infinity'
          where s.import_id = @import and not s.is_rejected and s.row between @first and @last and v.series = @series and v.published_latest > @day::date
          order by s.row, v.published_latest;
        create index on imp_next (row);
        analyze imp_next;

        -- All that the register ever said under these keys.
        create temp table imp_said on commit drop as
          select c.id, c.key, x.row, c.fingerprint, c.known_to, c.end_cause, c.end_source_id, c.published_from, c.published_to
          from imp_factory f
          join claim c on c.factory_id = f.id and c.key is not null and c.recorded_by = @actor and c.published_from < c.published_to
          join imp_prefix x on x.prefix = regexp_replace(c.key, '[^/]*$', '')
          where not f.is_new;
        create index on imp_said (key);
        analyze imp_said;

        create temp table imp_held on commit drop as
          select s.key, s.row, h.id as holder_id, h.known_to = 'infinity' as stands, h.published_to as holder_to, h.end_cause, h.end_source_id,
            coalesce(h.fingerprint = s.fingerprint, false) as says_so, n.id as next_id, n.published_from as next_from, coalesce(n.fingerprint = s.fingerprint, false) as next_says_so,
            x.at as later_at, coalesce(x.source_id, h.end_source_id, (select min(e.source_id) from evidence e where e.claim_id = n.id)) as later_id
          from imp_claim s
          left join lateral (
            select * from imp_said c where c.key = s.key and c.published_from <= @day::date::timestamp at time zone 'UTC' and c.published_to > @day::date::timestamp at time zone 'UTC'
            order by c.id desc limit 1) h on true
          left join lateral (
            select * from imp_said c where c.key = s.key and c.published_from > @day::date::timestamp at time zone 'UTC' order by c.published_from, c.id limit 1) n on true
          left join imp_next x on x.row = s.row
          where not s.is_per_release
          union all
          -- What it leaves out.
          select c.key, c.row, c.id, c.known_to = 'infinity', c.published_to, c.end_cause, c.end_source_id, false, null, null, false, x.at, x.source_id
          from imp_said c left join imp_next x on x.row = c.row
          where c.published_from <= @day::date::timestamp at time zone 'UTC' and c.published_to > @day::date::timestamp at time zone 'UTC'
            and (substring(c.key from '[^/]*$') = any (@spoken) or regexp_replace(substring(c.key from '[^/]*$'), '-[0-9]+$', '') = any (@spoken))
            and not exists (select from imp_claim s where s.key = c.key);

        create temp table imp_proof on commit drop as
          select next_id as claim_id, row, nextval(pg_get_serial_sequence('evidence', 'id')) as id from imp_held where holder_id is null and next_says_so and next_from = later_at;
        update imp_claim s set is_new = not h.says_so and not exists (select from imp_proof p where p.claim_id = h.next_id), standing_id = h.holder_id,
          known_to = case when h.later_id is null then 'infinity' else @at2 end,
          end_cause = case when h.later_id is null then null when h.holder_id is null and h.next_id is null then 'retracted' else 'superseded' end,
          end_source_id = h.later_id
        from imp_held h where h.key = s.key and not s.is_per_release;

        create temp table imp_ended on commit drop as
          select h.holder_id as id, h.row, true as is_news, case when exists (select from imp_claim s where s.key = h.key) then 'superseded' else 'retracted' end as cause
          from imp_held h where h.holder_id is not null and h.stands and not h.says_so;
        -- One that had ended later ends here, where nothing that follows it says so.
        create temp table imp_cut on commit drop as
          select h.holder_id as id from imp_held h
          where h.holder_id is not null and not h.stands and not exists (select from imp_claim s where s.key = h.key) and not exists (select from claim c where c.supersedes_id = h.holder_id);
        -- One that was superseded later is ended by a successor of no duration.
        create temp table imp_void on commit drop as
          select nextval(pg_get_serial_sequence('claim', 'id')) as id, h.holder_id, h.row from imp_held h
          where h.holder_id is not null and not h.stands and not exists (select from imp_claim s where s.key = h.key) and exists (select from claim c where c.supersedes_id = h.holder_id);
        create temp table imp_again on commit drop as
          select nextval(pg_get_serial_sequence('claim', 'id')) as id, h.holder_id, h.row, h.key, h.later_id as source_id, h.stands, h.end_cause, h.end_source_id
          from imp_held h
          where h.holder_id is not null and not h.says_so and h.later_at is not null and h.holder_to > h.later_at
            and (h.stands or exists (select from imp_claim s where s.key = h.key) or exists (select from imp_cut x where x.id = h.holder_id) or exists (select from imp_void x where x.holder_id = h.holder_id));
        """;

    /// <summary>What the next release says again, after the merge. Returns the claims that had ended later and now end with this release.</summary>
    public const string MergeBackfill = """
        update claim c set end_source_id = @source from imp_cut x where c.id = x.id;
        insert into evidence (id, claim_id, source_id, locator_kind, locator_start, recorded_by, known_from)
        select p.id, p.claim_id, @source, 'row', p.row, @actor, @at from imp_proof p;
        insert into claim (id, kind, factory_id, key, fingerprint, basis, confidence, note, supersedes_id, recorded_by, known_from, known_to, end_cause, end_reason, ended_by, end_note)
        select x.id, c.kind, c.factory_id, c.key, c.fingerprint, c.basis, c.confidence, c.note, c.id, @actor, @at, @at2, 'retracted', 'error', @actor, 'The release leaves it out.'
        from imp_void x join claim c on c.id = x.holder_id;
        insert into claim (id, kind, factory_id, key, fingerprint, basis, confidence, note, supersedes_id, recorded_by, known_from, known_to, end_cause, end_reason, end_source_id, ended_by)
        select a.id, c.kind, c.factory_id, c.key, c.fingerprint, c.basis, c.confidence, c.note, (select s.id from imp_claim s where s.key = a.key and s.is_new), @actor, @at2,
          case when a.stands then 'infinity' else @at3 end, case when not a.stands then a.end_cause end, case when not a.stands then 'news' end,
          case when not a.stands then a.end_source_id end, case when not a.stands then @actor end
        from imp_again a join claim c on c.id = a.holder_id;
        insert into status_event (claim_id, phase_id, status, milestone, date, earliest, latest, date_meaning)
        select a.id, e.phase_id, e.status, e.milestone, e.date, e.earliest, e.latest, e.date_meaning from (select id, holder_id from imp_again union all select id, holder_id from imp_void) a join status_event e on e.claim_id = a.holder_id;
        insert into figure (claim_id, phase_id, property, value, min, max, word, unit, qualifier, product, scope,
          for_date, for_date_earliest, for_date_latest)
        select a.id, e.phase_id, e.property, e.value, e.min, e.max, e.word, e.unit, e.qualifier, e.product, e.scope,
          e.for_date, e.for_date_earliest, e.for_date_latest
        from (select id, holder_id from imp_again union all select id, holder_id from imp_void) a
        join figure e on e.claim_id = a.holder_id;
        insert into role (claim_id, operator_id, role) select a.id, e.operator_id, e.role from (select id, holder_id from imp_again union all select id, holder_id from imp_void) a join role e on e.claim_id = a.holder_id;
        insert into location (claim_id, lon, lat, precision, uncertainty_m, method)
        select a.id, e.lon, e.lat, e.precision, e.uncertainty_m, e.method from (select id, holder_id from imp_again union all select id, holder_id from imp_void) a join location e on e.claim_id = a.holder_id;
        insert into evidence (claim_id, source_id, note, recorded_by, known_from)
        select a.id, a.source_id, (select min(e.note) from evidence e where e.claim_id = a.holder_id), @actor, @at2 from imp_again a
        union all
        select x.id, @source, null, @actor, @at from imp_void x;

        create temp table imp_change on commit drop as
          select @at::timestamptz as at, 'imported' as cause, 'evidence' as type, p.id, c.factory_id from imp_proof p join claim c on c.id = p.claim_id
          union all select @at, 'imported', c.kind, c.id, c.factory_id from imp_void x join claim c on c.id = x.id
          union all select @at2, 'retracted', c.kind, c.id, c.factory_id from imp_void x join claim c on c.id = x.id
          union all select @at2, s.end_cause, s.kind, s.id, s.factory_id from imp_claim s where s.is_new and s.end_cause is not null
          union all select @at2, 'imported', c.kind, c.id, c.factory_id from imp_again a join claim c on c.id = a.id
          union all select @at3, c.end_cause, c.kind, c.id, c.factory_id from imp_again a join claim c on c.id = a.id where not a.stands;
        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        select (select max(seq) from change) + row_number() over (order by x.at, x.id), x.at, @actor, x.cause, x.type, x.id, x.factory_id, 1 from imp_change x;
        drop table imp_change;
        select id from imp_cut;
        """;

    /// <summary>The next release lists no longer what only the one behind it lists.</summary>
    public const string DelistNext = """
        insert into imp_claim (row, key, is_per_release, kind, basis, confidence, note, milestone, date_meaning, date, earliest, latest, fingerprint, factory_id, phase_id, is_new, known_to, end_source_id)
        select 0, x.key, true, 'status_event', 'actual', 'high', 'No longer listed in the release ' || @nextRelease || '.', 'other', 'observed', @nextDay::date::text, @nextDay::date, @nextDay::date,
          md5('not listed ' || x.key)::uuid, x.factory_id, x.phase_id, true, 'infinity', @next
        from (
          select distinct on (s.owner, s.phase) @series || '@' || @nextRelease || '/' || s.owner || case when s.phase = '' then '' else '/' || s.phase end || '/not-listed' as key, f.id as factory_id, p.id as phase_id
          from import_staged_row s
          join imp_factory f on f.owner = s.owner
          join imp_phase p on p.owner = s.owner and p.phase = s.phase
          where s.import_id = @import and not s.is_rejected and s.repeats is null and s.row between @first and @last
            and not exists (
              select from import_row r join import i on i.id = r.import_id and i.source_id = @next and i.state = 'finished' where r.owner = s.owner and (r.phase = s.phase or r.outcome = 'rejected'))) x
        where not exists (select from claim t where t.key = x.key and t.known_to = 'infinity');
        """;

    /// <summary>Who runs them: companies by their slug, or else by their name as matching reads it.</summary>
    public const string Operators = """
        create temp table imp_operator on commit drop as
          select o.*, coalesce(o.found, nextval(pg_get_serial_sequence('operator', 'id'))) as id, o.found is null as is_new, null::text collate "C" as slug
          from (
            select x.mark, min(x.name) as name,
              (select v.operator_id from operator_version v where v.known_to = 'infinity' and match_name(v.name) = x.mark order by v.operator_id limit 1) as found
            from (select distinct match_name(n.operator) as mark, n.operator as name from (select distinct operator from imp_claim where operator is not null and operator_slug is null) n) x
            group by x.mark) o
          order by o.name;
        create temp table imp_slug on commit drop as select id as ordinal, name, null::text collate "C" as base, 0 as k, false as is_shared, null::text collate "C" as slug from imp_operator where is_new;
        select free_slugs('operator');
        update imp_operator o set slug = s.slug from imp_slug s where s.ordinal = o.id;
        drop table imp_slug;
        insert into imp_operator (mark, name, found, id, is_new, slug)
        select 'slug:' || s.operator_slug, coalesce(s.name, s.operator_slug), g.resource_id, coalesce(g.resource_id, nextval(pg_get_serial_sequence('operator', 'id'))), g.resource_id is null, s.operator_slug
        from (select operator_slug, min(operator) as name from imp_claim where operator_slug is not null group by operator_slug order by operator_slug) s
        left join slug g on g.kind = 'operator' and g.slug = s.operator_slug;
        create index on imp_operator (mark);
        analyze imp_operator;
        update imp_claim s set operator_id = o.id
        from (select n.operator, match_name(n.operator) as mark from (select distinct operator from imp_claim where operator is not null and operator_slug is null) n) m
        join imp_operator o on o.mark = m.mark
        where s.operator = m.operator and s.operator_slug is null;
        update imp_claim s set operator_id = o.id from imp_operator o where s.operator_slug is not null and o.mark = 'slug:' || s.operator_slug;
        """;

    /// <summary>Writes what is new, under the stamp.</summary>
    public const string Merge = """
        insert into operator (id, slug) select id, slug from imp_operator where is_new;
        insert into slug (kind, slug, resource_id) select 'operator', slug, id from imp_operator where is_new;
        insert into operator_version (operator_id, version, name, recorded_by, known_from) select id, 1, name, @actor, @at from imp_operator where is_new;

        create temp table imp_slug on commit drop as
          select id as ordinal, case when @scheme = 'slug' then owner else name end as name, null::text collate "C" as base, 0 as k, false as is_shared, null::text collate "C" as slug
          from imp_factory where is_new;
        select free_slugs('factory');
        insert into factory (id, slug, first_phase_id)
        select f.id, s.slug, p.id
        from imp_factory f join imp_slug s on s.ordinal = f.id
        join (select distinct on (factory_id) factory_id, id from imp_phase order by factory_id, row) p on p.factory_id = f.id
        where f.is_new order by f.id;
        insert into slug (kind, slug, resource_id) select 'factory', s.slug, s.ordinal from imp_slug s where exists (select from factory f where f.id = s.ordinal);
        insert into phase (id, factory_id) select id, factory_id from imp_phase where is_new order by id;
        insert into phase_version (phase_id, version, name, product, position, recorded_by, known_from)
        select p.id, 1, p.name, p.product,
          coalesce((select max(v.position) from phase h join phase_version v on v.phase_id = h.id where h.factory_id = p.factory_id and not f.is_new), 0)
            + row_number() over (partition by p.factory_id order by p.row), @actor, @at
        from imp_phase p join imp_factory f on f.id = p.factory_id where p.is_new;
        insert into factory_version (factory_id, version, name, names, sector, products, country, region_id, locality, website, recorded_by, known_from)
        select f.id, 1, f.name, jsonb_build_array(jsonb_build_object('text', f.name, 'lang', @language::text, 'kind', 'official')), f.sector, f.products, f.country, coalesce(f.region_id, f.country_region_id), f.locality, f.website, @actor, @at
        from imp_factory f where f.is_new;
        update factory_version v set known_to = @at from imp_factory f where f.is_revised and v.factory_id = f.id and v.known_to = 'infinity';
        insert into factory_version (factory_id, version, name, names, sector, products, description_fr, description_en, country, region_id, locality, website, recorded_by, known_from)
        select f.id, v.version + 1, f.name,
          jsonb_build_array(jsonb_build_object('text', f.name, 'lang', @language::text, 'kind', 'official'))
            || coalesce((select jsonb_agg(case when n ->> 'kind' = 'official' then n || '{"kind": "former"}' else n end order by i)
              from jsonb_array_elements(v.names) with ordinality as x (n, i) where n ->> 'text' <> f.name), '[]'),
          f.sector, f.products, v.description_fr, v.description_en, f.country, coalesce(f.region_id, case when v.country = f.country then v.region_id end, f.country_region_id), f.locality, f.website, @actor, @at
        from imp_factory f join factory_version v on v.factory_id = f.id and v.known_to = @at where f.is_revised;
        insert into identifier (kind, resource_id, scheme, value, recorded_by, known_from)
        select 'factory', f.id, @scheme, f.owner, @actor, @at from imp_factory f where (f.is_new or f.is_matched) and @scheme <> 'slug' and exists (select from factory x where x.id = f.id)
        union all
        select 'phase', p.id, @phaseScheme, p.phase, @actor, @at from imp_phase p where p.is_new and p.phase <> '';

        update claim c set known_to = @at, end_cause = e.cause, end_reason = case when e.is_news then 'news' else 'error' end,
          end_source_id = case when e.is_news then @source end, ended_by = @actor
        from imp_ended e where c.id = e.id;
        update imp_claim set id = nextval(pg_get_serial_sequence('claim', 'id')) where is_new;
        insert into claim (id, kind, factory_id, key, fingerprint, basis, confidence, note, supersedes_id, recorded_by, known_from, known_to, end_cause, end_reason, end_source_id, ended_by, published_from, published_basis)
        select s.id, s.kind, s.factory_id, s.key, s.fingerprint, s.basis, s.confidence, s.note, s.standing_id, @actor, @at, s.known_to, s.end_cause, case when s.end_cause is not null then 'news' end, case when s.end_cause is not null then s.end_source_id end, case when s.end_cause is not null then @actor end, coalesce(@published::date::timestamp at time zone 'UTC', @at), case when @published::date is null then 'recorded' else 'published' end
        from imp_claim s where s.is_new order by s.id;
        insert into status_event (claim_id, phase_id, status, milestone, date, earliest, latest, date_meaning)
        select id, phase_id, status, milestone, date, earliest, latest, date_meaning from imp_claim where is_new and kind = 'status_event' order by id;
        insert into figure (claim_id, phase_id, property, value, min, max, word, unit, qualifier, product, scope,
          for_date, for_date_earliest, for_date_latest)
        select id, phase_id, property, value, min, max, word, unit, qualifier, product, scope, date, earliest, latest
        from imp_claim where is_new and kind = 'figure' order by id;
        insert into role (claim_id, operator_id, role) select id, operator_id, role from imp_claim where is_new and kind = 'role' order by id;
        insert into location (claim_id, lon, lat, precision, uncertainty_m, method)
        select id, lon, lat, precision, uncertainty_m, method from imp_claim where is_new and kind = 'location' order by id;
        insert into evidence (claim_id, source_id, locator_kind, locator_start, note, recorded_by, known_from)
        select id, case when row = 0 then coalesce(end_source_id, @source) else @source end, case when row > 0 then 'row' end, nullif(row, 0), columns, @actor, @at from imp_claim where is_new order by id;

        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        select @lastSeq + row_number() over (order by x.place, x.id), @at, @actor, x.cause, x.type, x.id, x.factory_id, x.version
        from (
          select 1 as place, 'imported' as cause, 'source' as type, @source as id, null::bigint as factory_id, 1 as version where @isNewSource
          union all select 2, 'imported', 'operator', id, null, 1 from imp_operator where is_new
          union all select 3, 'imported', 'factory', id, id, 1 from imp_factory where is_new
          union all select 3, 'revised', 'factory', f.id, f.id, v.version from imp_factory f join factory_version v on v.factory_id = f.id and v.known_to = 'infinity' where f.is_revised
          union all select 4, 'imported', 'phase', id, factory_id, 1 from imp_phase where is_new
          union all select 5, e.cause, c.kind, c.id, c.factory_id, 1 from imp_ended e join claim c on c.id = e.id
          union all select 6, 'imported', kind, id, factory_id, 1 from imp_claim where is_new) x;
        """;

    /// <summary>What came of each row.</summary>
    public const string Outcomes = """
        insert into import_row (import_id, row, outcome, owner, phase, factory_id, phase_id)
        select @import, s.row,
          case when s.is_rejected then 'rejected' when s.repeats is not null then 'unchanged'
            when f.is_matched and f.row = s.row then 'matched' when f.is_new or p.is_new then 'created' when t.row is not null then 'updated' else 'unchanged' end,
          s.owner, s.phase, f.id, p.id
        from import_staged_row s
        left join imp_factory f on f.owner = s.owner and not s.is_rejected
        left join imp_phase p on p.owner = s.owner and p.phase = s.phase and not s.is_rejected
        left join (
          select row from imp_claim where is_new and not is_per_release
          union select row from imp_ended
          union select row from imp_factory where is_revised) t on t.row = s.row
        where s.import_id = @import and s.row between @first and @last;
        """;

    /// <summary>Where a row may mean a factory that was there, somebody decides: the new one is the same site, or it is not.</summary>
    public const string Propose = """
        with likely as (
          select f.id, f.row, x.slug, l.slug as into_slug, s.score
          from imp_factory f join factory x on x.id = f.id join factory l on l.id = f.likely_id
          join import_staged_row s on s.import_id = @import and s.row = f.row
          where f.is_new and f.likely_id is not null
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
          select (select max(id) from owner), @handle, 'MergeFactory', 'POST', '/v1/factories/' || l.slug || '/merge', jsonb_build_object('slug', l.slug),
            jsonb_build_object('into', l.into_slug, 'note', 'An import found them alike, with a score of ' || l.score || '.')
          from likely l order by l.row
          returning id, route ->> 'slug' as slug
        ), told as (
          insert into import_problem (import_id, row, kind, column_name, value, rule, detail)
          select @import, l.row, 'remark', null, l.slug, 'likely_match', 'may be ' || l.into_slug || ' (score ' || l.score || '): the proposal ' || d.id || ' is to merge them.'
          from likely l join filed d on d.slug = l.slug
        )
        update import_row r set proposal = d.id from likely l join filed d on d.slug = l.slug where r.import_id = @import and r.row = l.row;
        """;
}
