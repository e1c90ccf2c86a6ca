-- Returns one figure of a property for each pair of a factory and a moment, on a date: the sum of its phases, or the
-- figure of the whole site where no phase has one; the list and statistics use it.
create or replace function factory_figure(
  p_property text, p_known_by text, p_factories bigint[], p_ats timestamptz[], p_as_of date)
  returns table (
    n bigint, value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text)
  language sql stable parallel safe
as $$
  with concrete as (
    select distinct on (i.n, i.phase_id, i.product, i.unit)
      i.n, i.phase_id, i.product, i.unit, i.qualifier, i.value, i.min, i.max, i.word,
      coalesce(q.concreteness, 9) as concreteness
    from effective_figures(p_known_by, p_factories, p_ats, array_fill(p_as_of, array[cardinality(p_factories)])) i
    left join figure_qualifier q on q.code = i.qualifier
    where i.property = p_property
    order by i.n, i.phase_id, i.product, i.unit, q.concreteness nulls last, i.claim_id
  ), counted as (
    select c.n, c.phase_id, c.product, c.unit, c.qualifier, c.value, c.min, c.max, c.word, c.concreteness,
      count(c.phase_id) over (partition by c.n) as of_phases
    from concrete c
  ), summed as (
    select c.n, c.product, c.unit, count(*) as parts, min(c.concreteness) as concreteness,
      case when count(*) = count(c.value) then sum(c.value) end as value,
      case when count(*) > count(c.value) then sum(coalesce(c.value, c.min)) end as min,
      case when count(*) > count(c.value) and count(*) = count(coalesce(c.value, c.max))
        then sum(coalesce(c.value, c.max)) end as max,
      case when count(*) = 1 then max(c.word) end as word,
      (array_agg(c.qualifier order by c.concreteness desc))[1] as qualifier
    from counted c
    where c.phase_id is not null or c.of_phases = 0
    group by c.n, c.product, c.unit
  )
  select distinct on (s.n) s.n, s.value, s.min, s.max, s.word, s.unit, s.qualifier, s.product
  from summed s
  order by s.n, s.concreteness, s.parts desc, s.product nulls first, s.unit;
$$;
