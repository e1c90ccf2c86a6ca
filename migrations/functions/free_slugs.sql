-- Fills in the slugs of the temporary table imp_slug, in which an import put ordinals and names. It is free_slug for
-- many. Numbers follow those that are taken already.
create or replace function free_slugs(p_kind text) returns void language plpgsql as $$
declare
  clashes int;
begin
  update imp_slug s set base = coalesce(
    nullif(btrim(left(btrim(regexp_replace(fold(s.name), '[^a-z0-9]+', '-', 'g'), '-'), 100), '-'), ''), p_kind);
  analyze imp_slug;
  update imp_slug s set k = x.k, is_shared = x.total > 1
  from (
    select i.ordinal, row_number() over (partition by i.base order by i.ordinal) as k,
      count(*) over (partition by i.base) as total
    from imp_slug i) x
  where x.ordinal = s.ordinal;
  update imp_slug s set is_shared = true from slug g where g.kind = p_kind and g.slug = s.base;
  -- The statistics would still say that none is shared.
  analyze imp_slug;
  update imp_slug s set k = s.k + x.most
  from (
    select b.base, max(t.taken) as most
    from (select distinct i.base from imp_slug i where i.is_shared) b
    cross join lateral (
      select 1 as taken from slug g where g.kind = p_kind and g.slug = b.base
      union all
      select substr(g.slug, length(b.base) + 2)::int from slug g
      where g.kind = p_kind and g.slug > b.base || '-' and g.slug < b.base || '.'
        and substr(g.slug, length(b.base) + 2) ~ '^[0-9]{1,8}$') t
    group by b.base) x
  where s.is_shared and x.base = s.base;
  update imp_slug set slug = case when k = 1 then base else base || '-' || k end;
  -- A numbered slug may equal the unnumbered slug of another name.
  loop
    update imp_slug s set k = s.k + 100, slug = s.base || '-' || (s.k + 100)
    from (
      select i.ordinal from imp_slug i
      join imp_slug o on o.slug = i.slug and o.ordinal <> i.ordinal and (o.k = 1 or o.ordinal < i.ordinal)
      where i.k > 1
      union
      select i.ordinal from imp_slug i join slug g on g.kind = p_kind and g.slug = i.slug where i.slug <> i.base) c
    where c.ordinal = s.ordinal;
    get diagnostics clashes = row_count;
    exit when clashes = 0;
  end loop;
end $$;
