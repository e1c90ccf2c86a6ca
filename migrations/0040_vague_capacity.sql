-- What is known of some phases is not lost because another's figure is vague: ten and "several" are at least ten together, ten and at most
-- twenty are from ten to thirty.

create or replace function factory_figure_on(p_property text, p_known_by text, p_factories bigint[], p_ats timestamptz[], p_days date[])
  returns table (n bigint, value numeric, min numeric, max numeric, word text, unit text, qualifier text, product text)
  language sql stable parallel safe
as $$
  with concrete as (
    select distinct on (i.n, i.phase_id, i.product, i.unit) i.*, coalesce(q.concreteness, 9) as concreteness
    from figures_on(p_known_by, p_factories, p_ats, p_days) i
    left join figure_qualifier q on q.code = i.qualifier
    where i.property = p_property
    order by i.n, i.phase_id, i.product, i.unit, q.concreteness nulls last, i.claim_id
  ), counted as (
    select *, count(phase_id) over (partition by n) as of_phases from concrete
  ), summed as (
    select c.n, c.product, c.unit, count(*) as parts, min(c.concreteness) as concreteness,
      case when count(*) = count(c.value) then sum(c.value) end as value,
      case when count(*) > count(c.value) then sum(coalesce(c.value, c.min)) end as min,
      case when count(*) > count(c.value) and count(*) = count(coalesce(c.value, c.max)) then sum(coalesce(c.value, c.max)) end as max,
      case when count(*) = 1 then max(c.word) end as word,
      (array_agg(c.qualifier order by c.concreteness desc))[1] as qualifier
    from counted c
    where c.phase_id is not null or c.of_phases = 0
    group by c.n, c.product, c.unit
  )
  select distinct on (n) n, value, min, max, word, unit, qualifier, product
  from summed
  order by n, concreteness, parts desc, product nulls first, unit;
$$;

do $$
declare
  batch bigint[];
  after bigint := 0;
begin
  loop
    batch := array(
      select distinct k.id
      from figure f
      join claim c on c.id = f.claim_id
      left join factory_merged m on m.loser_id = c.factory_id
      cross join lateral (values (c.factory_id), (m.survivor_id)) k (id)
      where f.property = 'capacity' and f.value is null and f.min is null and k.id > after
      order by k.id
      limit 5000);
    exit when batch = '{}';
    perform rebuild_factories(batch);
    after := batch[cardinality(batch)];
  end loop;
end $$;
