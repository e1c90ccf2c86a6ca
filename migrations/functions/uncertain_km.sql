-- Returns how far from its point a site can be, by its precision where the claim does not say.
create or replace function uncertain_km(p_precision text, p_uncertainty_m int) returns float8
  language sql immutable parallel safe
as $$
  select coalesce(p_uncertainty_m / 1000.0,
    case p_precision when 'site' then 0.1 when 'street' then 0.5 when 'locality' then 2 when 'municipality' then 5
      when 'region' then 100 when 'country' then 1000 else 0.1 end);
$$;
