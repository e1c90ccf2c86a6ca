-- Returns the great-circle distance of two points of sphere_point; filters by distance and match_factories use it.
create or replace function distance_km(a cube, b cube) returns float8
  language sql immutable strict parallel safe
as $$
  select 2 * 6371.0088 * asin(least(1, (a <-> b) / 2));
$$;
