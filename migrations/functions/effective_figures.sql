-- Returns the figures that are effective for pairs of a factory and a moment, each on its day; factory figures and
-- differences use it.
create or replace function effective_figures(
  p_known_by text, p_factories bigint[], p_ats timestamptz[], p_days date[])
  returns table (
    n bigint, phase_id bigint, property text, product text, qualifier text, unit text, claim_id bigint,
    value numeric, min numeric, max numeric, word text)
  language sql stable parallel safe
as $$
  select distinct on (m.n, f.phase_id, f.property, f.product, f.qualifier, f.unit)
    m.n, f.phase_id, f.property, f.product, f.qualifier, f.unit, c.id, f.value, f.min, f.max, f.word
  from family(p_known_by, p_factories, p_ats) m
  join claim c on c.factory_id = m.member_id and c.kind = 'figure' and is_known(p_known_by, m.at, c)
  join figure f on f.claim_id = c.id and f.scope = 'whole'
  where f.for_date_earliest is null or f.for_date_earliest <= p_days[m.n]
    or f.for_date_earliest > (c.known_from at time zone 'UTC' + interval '14 hours')::date
  order by m.n, f.phase_id, f.property, f.product, f.qualifier, f.unit,
    f.for_date_earliest desc nulls last, c.basis, confidence_rank(c.confidence), c.known_from desc, c.id desc;
$$;
