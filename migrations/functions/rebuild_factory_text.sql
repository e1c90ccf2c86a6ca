-- Fills the history of the texts of these factories; a rebuild and a redaction call it.
create or replace function rebuild_factory_text(p_factories bigint[]) returns void
  language sql
as $$
  delete from factory_text where factory_id = any (p_factories);
  with member as (
    select f.id as factory_id, f.id as member_id from unnest(p_factories) as f (id)
    union
    select m.survivor_id, m.loser_id from factory_merged m where m.survivor_id = any (p_factories)
  ), stated as (
    select b.factory_id, c.known_from, c.known_to, x.operator_id
    from member b
    join claim c on c.factory_id = b.member_id and c.kind = 'role'
    join role x on x.claim_id = c.id
  ), period as (
    -- Everything that can change a text; more moments than needed do no harm.
    select v.factory_id, v.known_from, v.known_to from factory_version v where v.factory_id = any (p_factories)
    union all
    select m.loser_id, m.known_from, m.known_to from factory_merged m where m.loser_id = any (p_factories)
    union all
    select m.survivor_id, m.known_from, m.known_to from factory_merged m where m.survivor_id = any (p_factories)
    union all
    select s.factory_id, s.known_from, s.known_to from stated s
    union all
    select s.factory_id, ov.known_from, ov.known_to
    from stated s join operator_version ov on ov.operator_id = s.operator_id
  ), moment as (
    select p.factory_id, p.known_from as at from period p
    union
    select p.factory_id, p.known_to from period p where p.known_to < 'infinity'
  ), numbered as materialized (
    select m.factory_id, m.at, lead(m.at, 1, 'infinity') over (partition by m.factory_id order by m.at) as until,
      row_number() over (order by m.factory_id, m.at) as ordinal
    from moment m
  ), pairs as (
    select array_agg(m.factory_id order by m.ordinal) as factories, array_agg(m.at order by m.ordinal) as ats
    from numbered m
  ), marked as (
    select m.factory_id, t.text, m.at, m.until,
      (lag(m.until) over w, lag(t.text) over w) is distinct from (m.at, t.text) as begins
    from pairs p
    cross join lateral factory_text_at(p.factories, p.ats) t
    join numbered m on m.ordinal = t.ordinal
    window w as (partition by m.factory_id order by m.at)
  ), grouped as (
    select k.factory_id, k.text, k.at, k.until,
      count(*) filter (where k.begins) over (partition by k.factory_id order by k.at) as island
    from marked k
  )
  insert into factory_text (factory_id, text, known_from, known_to)
  select g.factory_id, g.text, min(g.at), max(g.until) from grouped g group by g.factory_id, g.text, g.island;
$$;
