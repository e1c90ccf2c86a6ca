-- Returns the figures of some factories that are effective on a day, as known at a moment.
-- phase_id is null for the whole site.
create or replace function effective_figures(
    p_known_by text, p_at timestamptz, p_factories bigint[], p_as_of date, p_property text default null)
  returns table (
    factory_id bigint, phase_id bigint, property text, product text, qualifier text, reference_unit text, unit text,
    factor numeric, claim_id bigint, value numeric, min numeric, max numeric, word text)
  language sql stable parallel safe
as $$
  select r.factory_id, r.phase_id, f.property, f.product, f.qualifier, u.reference_unit, f.unit, u.factor,
    f.claim_id, f.value, f.min, f.max, f.word
  from figure_precedence(p_known_by, p_at, p_factories, p_as_of, p_property) r
  join figure f on f.claim_id = r.claim_id
  join unit u on u.code = f.unit
  where r.in_force;
$$;
