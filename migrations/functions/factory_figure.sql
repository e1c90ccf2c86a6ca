-- Returns the figures of one property of each factory on a day, as known at its moment; statistics sum them up.
-- A factory has one row for each product and physical quantity.
create or replace function factory_figure(
    p_property text, p_known_by text, p_factories bigint[], p_known_ats timestamptz[], p_as_of date)
  returns table (
    ordinal bigint, value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text)
  language sql stable parallel safe
as $$
  with asked as (
    select p.ordinal, p.factory_id, p.at
    from unnest(p_factories, p_known_ats) with ordinality as p (factory_id, at, ordinal)
  ), figured as materialized (
    select m.at, x.*
    from (select a.at, array_agg(distinct a.factory_id) as ids from asked a group by a.at) m
    cross join lateral effective_figures(p_known_by, m.at, m.ids, p_as_of, p_property) x
  ), active as materialized (
    -- The named phases that have a status on that day, of factories with a figure of a phase.
    select f.at, r.factory_id, r.phase_id
    from (
      select x.at, array_agg(distinct x.factory_id) as ids from figured x where x.phase_id is not null group by x.at) f
    cross join lateral event_precedence(p_known_by, f.at, array(
      select e.phase_id
      from with_merged_factories_at(p_known_by, f.at, f.ids) b
      join claim c on c.factory_id = b.member_id and c.kind = 'status_event' and is_known(p_known_by, f.at, c)
      join status_event e on e.claim_id = c.id), p_as_of) r
    where r.in_force and r.phase_id is not null
  ), owned as (
    select x.at, x.factory_id, count(*) as phases from active x group by x.at, x.factory_id
  ), nameplate as (
    select distinct on (a.ordinal, x.phase_id, x.product, x.reference_unit)
      a.ordinal, a.factory_id, a.at, x.product, x.reference_unit, x.unit, x.factor, x.value, x.min, x.max, x.word,
      x.qualifier, k.concreteness,
      num_nonnulls(x.value, x.min, x.max) > 0 as is_number,
      case when x.phase_id is null then 'site' when s.phase_id is null then 'idle' else 'active' end as part
    from asked a
    join figured x on x.at = a.at and x.factory_id = a.factory_id
    left join active s on s.at = x.at and s.factory_id = x.factory_id and s.phase_id = x.phase_id
    left join figure_qualifier q on q.code = x.qualifier
    cross join lateral (
      select case when x.qualifier = 'installed' then 0 when x.qualifier is null then 1 else q.concreteness end
    ) k (concreteness)
    order by a.ordinal, x.phase_id, x.product, x.reference_unit, k.concreteness, x.claim_id
  ), chosen as (
    -- All phases with a status; else the whole site; else what is known. A vague wording never hides a number.
    select p.ordinal, p.product, p.reference_unit, case
        when count(*) filter (where p.part = 'active' and p.is_number) = max(o.phases) then 'active'
        when bool_or(p.part = 'site' and p.is_number) then 'site'
        when bool_or(p.part = 'active' and p.is_number) then 'active'
        when bool_or(p.part = 'idle' and p.is_number) then 'idle'
        when bool_or(p.part = 'site') then 'site'
        when bool_or(p.part = 'active') then 'active' else 'idle' end as part
    from nameplate p
    left join owned o on o.at = p.at and o.factory_id = p.factory_id
    group by p.ordinal, p.product, p.reference_unit
  ), kept as (
    select p.*, min(p.unit) over w = max(p.unit) over w as is_one_unit
    from chosen c
    join nameplate p on p.ordinal = c.ordinal
      and p.product is not distinct from c.product and p.reference_unit = c.reference_unit
      and p.part = c.part
    window w as (partition by p.ordinal, p.product, p.reference_unit)
  ), part as (
    select k.ordinal, k.product, k.concreteness, k.qualifier, k.word,
      case when k.is_one_unit then k.unit else k.reference_unit end as unit,
      case when k.is_one_unit then k.value else trim_scale(k.value * k.factor) end as value,
      case when k.is_one_unit then k.min else trim_scale(k.min * k.factor) end as min,
      case when k.is_one_unit then k.max else trim_scale(k.max * k.factor) end as max
    from kept k
  )
  -- Ten and "several" are at least ten together; ten and at most twenty are from ten to thirty.
  select p.ordinal,
    case when count(*) = count(p.value) then sum(p.value) end,
    case when count(*) > count(p.value) then sum(coalesce(p.value, p.min)) end,
    case when count(*) > count(p.value) and count(*) = count(coalesce(p.value, p.max))
      then sum(coalesce(p.value, p.max)) end,
    case when count(*) = 1 then min(p.word) end,
    p.unit, (array_agg(p.qualifier order by p.qualifier is null desc, p.concreteness desc))[1], p.product
  from part p
  group by p.ordinal, p.product, p.unit
  order by p.ordinal, p.product nulls first, p.unit;
$$;
