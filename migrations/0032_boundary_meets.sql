-- Whether a box meets an area itself, not only the box around it: one of its polygons overlaps the box, none of whose holes has all of it.
-- The shapes are PostgreSQL's own, whose input is a ring of GeoJSON with other brackets.
create function boundary_meets(p_geometry jsonb, p_west float8, p_south float8, p_east float8, p_north float8) returns boolean
  language sql immutable strict parallel safe cost 10000
as $$
  select exists (
    select from (select polygon(box(point(p_west, p_south), point(p_east, p_north))) as asked) b
    cross join jsonb_array_elements(case p_geometry ->> 'type' when 'Polygon' then jsonb_build_array(p_geometry -> 'coordinates') else p_geometry -> 'coordinates' end) area
    where translate(area ->> 0, '[]', '()')::polygon && b.asked
      and not exists (
        select from jsonb_array_elements(area) with ordinality as r (ring, n)
        where r.n > 1 and translate(r.ring::text, '[]', '()')::polygon @> b.asked));
$$;
