namespace Chantier.Api.Imports;

/// <summary>
/// Statements for a release that is entered after a newer one. What it says holds from its day until the next release that
/// lists the row. What was held to be so on its day, and is not by it, ends there, and the next release says it again.
/// </summary>
internal static class BackfillSql
{
    /// <summary>Adds the observation that the next release no longer lists what only the one before it lists.</summary>
    public const string Delisted = """
        insert into imp_claim (row, key, is_per_release, kind, basis, confidence, note, milestone, date_meaning,
          date, earliest, latest, fingerprint, factory_id, phase_id, is_new, end_source_id)
        select 0, x.key, true, 'status_event', 'actual', 'high', 'No longer listed in the release ' || @nextRelease || '.',
          'other', 'observed', @nextDay::date::text, @nextDay::date, @nextDay::date, md5('not listed ' || x.key)::uuid,
          x.factory_id, x.phase_id, true, @next
        from (
          select distinct on (s.owner, s.phase) f.id as factory_id, p.id as phase_id,
            @series || '@' || @nextRelease || '/' || s.owner
              || case when s.phase = '' then '' else '/' || s.phase end || '/not-listed' as key
          from imp_row s
          join imp_factory f on f.owner = s.owner
          join imp_phase p on p.owner = s.owner and p.phase = s.phase
          where not exists (
            select from import_row r join import i on i.id = r.import_id and i.source_id = @next and i.state = 'finished'
            where r.owner = s.owner and (r.phase = s.phase or r.outcome = 'rejected'))) x
        where not exists (select from claim t where t.key = x.key and t.known_to = 'infinity');
        """;

    /// <summary>Finds the claims that end with this release, and those that the next one says again.</summary>
    public const string Ends = """
        drop table if exists imp_next, imp_said, imp_held, imp_again, imp_proof, imp_cut, imp_void;
        create index on imp_claim (key);
        analyze imp_claim;
        create temp table imp_prefix on commit drop as
          select (@prefix || x.owner) collate "C" as prefix, x.row
          from (select owner || '/' as owner, row from imp_factory where not is_new
            union all
            select p.owner || '/' || p.phase || '/', p.row from imp_phase p where p.phase <> '' and not p.is_new) x;
        create index on imp_prefix (prefix);
        analyze imp_prefix;

        -- The next release that lists each row.
        create temp table imp_next on commit drop as
          select distinct on (s.row) s.row, v.source_id, v.published_latest::timestamp at time zone 'UTC' as at
          from imp_row s
          join import_row r on r.owner = s.owner and r.phase = s.phase and r.outcome <> 'rejected'
          join import i on i.id = r.import_id and i.state = 'finished'
          join source_version v on v.source_id = i.source_id and v.known_to = 'infinity'
          where v.series = @series and v.published_latest > @day::date
          order by s.row, v.published_latest;
        create index on imp_next (row);
        analyze imp_next;

        -- All that the register ever said under these keys.
        create temp table imp_said on commit drop as
          select c.id, c.key, x.row, c.fingerprint, c.known_to, c.end_cause, c.end_source_id, c.published_from, c.published_to
          from (select id from imp_factory where not is_new) f
          cross join lateral (
            select * from claim k
            where k.factory_id = f.id and k.key is not null and k.recorded_by = @actor and k.published_from < k.published_to
            offset 0) c
          join imp_prefix x on x.prefix = regexp_replace(c.key, '[^/]*$', '');
        create index on imp_said (key);
        analyze imp_said;

        create temp table imp_held on commit drop as
          select s.key, s.row, h.id as holder_id, h.known_to = 'infinity' as stands, h.published_to as holder_to,
            h.end_cause, h.end_source_id, coalesce(h.fingerprint = s.fingerprint, false) as says_so,
            n.id as next_id, n.published_from as next_from, coalesce(n.fingerprint = s.fingerprint, false) as next_says_so,
            x.at as later_at, coalesce(x.source_id, h.end_source_id, (
              select min(e.source_id) from evidence e where e.claim_id = n.id)) as later_id
          from imp_claim s
          left join lateral (
            select * from imp_said c
            where c.key = s.key and c.published_from <= @day::date::timestamp at time zone 'UTC'
              and c.published_to > @day::date::timestamp at time zone 'UTC'
            order by c.id desc limit 1) h on true
          left join lateral (
            select * from imp_said c
            where c.key = s.key and c.published_from > @day::date::timestamp at time zone 'UTC'
            order by c.published_from, c.id limit 1) n on true
          left join imp_next x on x.row = s.row
          where not s.is_per_release
          union all
          -- What it leaves out.
          select c.key, c.row, c.id, c.known_to = 'infinity', c.published_to, c.end_cause, c.end_source_id, false,
            null, null, false, x.at, x.source_id
          from imp_said c left join imp_next x on x.row = c.row
          where c.published_from <= @day::date::timestamp at time zone 'UTC'
            and c.published_to > @day::date::timestamp at time zone 'UTC'
            and (substring(c.key from '[^/]*$') = any (@spoken)
              or regexp_replace(substring(c.key from '[^/]*$'), '-[0-9]+$', '') = any (@spoken))
            and not exists (select from imp_claim s where s.key = c.key);

        create temp table imp_proof on commit drop as
          select next_id as claim_id, row, nextval('evidence_id_seq') as id
          from imp_held where holder_id is null and next_says_so and next_from = later_at;
        update imp_claim s
        set is_new = not h.says_so and not exists (select from imp_proof p where p.claim_id = h.next_id),
          standing_id = h.holder_id, end_source_id = h.later_id,
          end_cause = case when h.later_id is null then null
            when h.holder_id is null and h.next_id is null then 'retracted' else 'superseded' end
        from imp_held h where h.key = s.key and not s.is_per_release;

        create temp table imp_ended on commit drop as
          select h.holder_id as id, h.row, true as is_news,
            case when exists (select from imp_claim s where s.key = h.key) then 'superseded' else 'retracted' end as cause
          from imp_held h where h.holder_id is not null and h.stands and not h.says_so;
        -- One that had ended later ends here, where nothing that follows it says so.
        create temp table imp_cut on commit drop as
          select h.holder_id as id from imp_held h
          where h.holder_id is not null and not h.stands and not exists (select from imp_claim s where s.key = h.key)
            and not exists (select from claim c where c.supersedes_id = h.holder_id);
        -- One that was superseded later is ended by a successor of no duration.
        create temp table imp_void on commit drop as
          select nextval('claim_id_seq') as id, h.holder_id, h.row from imp_held h
          where h.holder_id is not null and not h.stands and not exists (select from imp_claim s where s.key = h.key)
            and exists (select from claim c where c.supersedes_id = h.holder_id);
        create temp table imp_again on commit drop as
          select nextval('claim_id_seq') as id, h.holder_id, h.row, h.key, h.later_id as source_id, h.stands,
            h.end_cause, h.end_source_id
          from imp_held h
          where h.holder_id is not null and not h.says_so and h.later_at is not null and h.holder_to > h.later_at
            and (h.stands or exists (select from imp_claim s where s.key = h.key)
              or exists (select from imp_cut x where x.id = h.holder_id)
              or exists (select from imp_void x where x.holder_id = h.holder_id));
        """;

    /// <summary>Counts the entries that this adds to the log, besides those of any import.</summary>
    public const string Count = """
        select ((select count(*) from imp_proof) + 2 * (select count(*) from imp_void)
          + (select count(*) + count(*) filter (where not stands) from imp_again)
          + (select count(*) from imp_claim where is_new and end_cause is not null))::int
        """;

    /// <summary>
    /// Writes what the next release says again, after the rest. Returns the claims that had ended later and now end with this
    /// release.
    /// </summary>
    public const string Write = """
        update claim c set end_source_id = @source from imp_cut x where c.id = x.id;
        insert into evidence (id, claim_id, source_id, locator_kind, locator_start, recorded_by, known_from)
        select p.id, p.claim_id, @source, 'row', p.row, @actor, @at from imp_proof p;
        insert into claim (id, kind, factory_id, key, fingerprint, basis, confidence, note, supersedes_id, recorded_by,
          known_from, known_to, end_cause, end_reason, ended_by, end_note)
        select x.id, c.kind, c.factory_id, c.key, c.fingerprint, c.basis, c.confidence, c.note, c.id, @actor,
          @at, @at2, 'retracted', 'error', @actor, 'The release leaves it out.'
        from imp_void x join claim c on c.id = x.holder_id;
        insert into claim (id, kind, factory_id, key, fingerprint, basis, confidence, note, supersedes_id, recorded_by,
          known_from, known_to, end_cause, end_reason, end_source_id, ended_by)
        select a.id, c.kind, c.factory_id, c.key, c.fingerprint, c.basis, c.confidence, c.note,
          (select s.id from imp_claim s where s.key = a.key and s.is_new), @actor, @at2,
          case when a.stands then 'infinity' else @at3 end, case when not a.stands then a.end_cause end,
          case when not a.stands then 'news' end, case when not a.stands then a.end_source_id end,
          case when not a.stands then @actor end
        from imp_again a join claim c on c.id = a.holder_id;

        create temp table imp_copy on commit drop as
          select id, holder_id from imp_again union all select id, holder_id from imp_void;
        insert into status_event (claim_id, phase_id, status, milestone, date, earliest, latest, date_meaning)
        select a.id, e.phase_id, e.status, e.milestone, e.date, e.earliest, e.latest, e.date_meaning
        from imp_copy a join status_event e on e.claim_id = a.holder_id;
        insert into figure (claim_id, phase_id, property, value, min, max, word, unit, qualifier, product, scope,
          for_date, for_date_earliest, for_date_latest)
        select a.id, e.phase_id, e.property, e.value, e.min, e.max, e.word, e.unit, e.qualifier, e.product, e.scope,
          e.for_date, e.for_date_earliest, e.for_date_latest
        from imp_copy a join figure e on e.claim_id = a.holder_id;
        insert into role (claim_id, operator_id, role)
        select a.id, e.operator_id, e.role from imp_copy a join role e on e.claim_id = a.holder_id;
        insert into location (claim_id, lon, lat, precision, uncertainty_m, method)
        select a.id, e.lon, e.lat, e.precision, e.uncertainty_m, e.method
        from imp_copy a join location e on e.claim_id = a.holder_id;
        insert into evidence (claim_id, source_id, note, recorded_by, known_from)
        select a.id, a.source_id, (select min(e.note) from evidence e where e.claim_id = a.holder_id), @actor, @at2
        from imp_again a
        union all
        select x.id, @source, null, @actor, @at from imp_void x;

        insert into change (seq, recorded_at, actor, cause, resource_type, resource_id, factory_id, version)
        select (select max(seq) from change) + row_number() over (order by x.at, x.id), x.at, @actor, x.cause, x.type,
          x.id, x.factory_id, 1
        from (
          select @at::timestamptz as at, 'imported' as cause, 'evidence' as type, p.id, c.factory_id
          from imp_proof p join claim c on c.id = p.claim_id
          union all
          select @at, 'imported', c.kind, c.id, c.factory_id from imp_void x join claim c on c.id = x.id
          union all
          select @at2, 'retracted', c.kind, c.id, c.factory_id from imp_void x join claim c on c.id = x.id
          union all
          select @at2, s.end_cause, s.kind, s.id, s.factory_id from imp_claim s where s.is_new and s.end_cause is not null
          union all
          select @at2, 'imported', c.kind, c.id, c.factory_id from imp_again a join claim c on c.id = a.id
          union all
          select @at3, c.end_cause, c.kind, c.id, c.factory_id
          from imp_again a join claim c on c.id = a.id where not a.stands) x;
        select id from imp_cut;
        """;
}
