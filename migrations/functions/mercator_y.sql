-- Returns how far south a latitude is on a web map, as a share of the world's height; tiles use it.
create or replace function mercator_y(lat float8) returns float8
  language sql immutable strict parallel safe
as $$
  select 0.5 - ln(tan(pi() / 4 + lat * pi() / 360)) / (2 * pi());
$$;
