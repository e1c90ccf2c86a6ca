-- Returns whether a box meets an area itself and not only the box around it; the OGC collections use it.
-- One polygon of the area must overlap the box, and none of its holes may contain all of the box.
-- PostgreSQL reads a ring of GeoJSON as a polygon once its brackets are replaced.
create or replace function boundary_meets(
  p_geometry jsonb, p_west float8, p_south float8, p_east float8, p_north float8) returns boolean
  language sql immutable strict parallel safe cost 10000
as $$
  select exists (
    select from (select polygon(box(point(p_west, p_south), point(p_east, p_north))) as box) b
    cross join jsonb_array_elements(
      case p_geometry ->> 'type' when 'Polygon' then jsonb_build_array(p_geometry -> 'coordinates')
        else p_geometry -> 'coordinates' end) area
    where translate(area ->> 0, '[]', '()')::polygon && b.box
      and not exists (
        select from jsonb_array_elements(area) with ordinality as r (ring, n)
        where r.n > 1 and translate(r.ring::text, '[]', '()')::polygon @> b.box));
$$;
