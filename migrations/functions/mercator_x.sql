-- Returns how far east a longitude is on a web map, as a share of the world's width; tiles use it.
create or replace function mercator_x(lon float8) returns float8
  language sql immutable strict parallel safe
as $$
  select (lon + 180) / 360;
$$;
