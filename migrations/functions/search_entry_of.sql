-- Returns the search entries of those of these resources that exist now.
create or replace function search_entry_of(p_kind text, p_ids bigint[])
  returns table (id bigint, name text, words tsvector)
  language sql stable
as $$
  with entry as (
    select s.factory_id as id, s.name,
      concat_ws(' ', s.slug,
        (select string_agg(x ->> 'text', ' ')
         from with_merged_factories_at('recorded', '9999-12-31Z', array[s.factory_id]) m
         join factory_version v on v.factory_id = m.member_id and v.known_to = 'infinity'
         cross join jsonb_array_elements(v.names) x),
        (select string_agg(i.value, ' ')
         from with_merged_factories_at('recorded', '9999-12-31Z', array[s.factory_id]) m
         join identifier i on i.kind = 'factory' and i.resource_id = m.member_id and i.known_to = 'infinity')) as own,
      concat_ws(' ', s.locality,
        (select string_agg(v.name, ' ')
         from unnest(s.operator_ids) as x (id)
         join operator_version v on v.operator_id = x.id and v.known_to = 'infinity')) as around
    from factory_current s
    where p_kind = 'factory' and s.factory_id = any (p_ids)
    union all
    select o.id, v.name,
      concat_ws(' ', o.slug, v.legal_name,
        (select string_agg(i.value, ' ') from identifier i
         where i.kind = 'operator' and i.resource_id = o.id and i.known_to = 'infinity')),
      null
    from operator o join operator_version v on v.operator_id = o.id and v.known_to = 'infinity'
    where p_kind = 'operator' and o.id = any (p_ids)
    union all
    select r.id, v.name_fr,
      concat_ws(' ', r.slug, v.name_en, v.name_local,
        (select string_agg(i.value, ' ') from identifier i
         where i.kind = 'region' and i.resource_id = r.id and i.known_to = 'infinity')),
      null
    from region r join region_version v on v.region_id = r.id and v.known_to = 'infinity'
    where p_kind = 'region' and r.id = any (p_ids)
  ), regions as (
    select p.ids[f.ordinal] as id, string_agg('''@' || f.region_id || ''':1D', ' ') as words
    from (select coalesce(array_agg(e.id), '{}') as ids from entry e where p_kind = 'factory') p
    cross join lateral factory_regions(
      'recorded', p.ids, array_fill('9999-12-31Z'::timestamptz, array[cardinality(p.ids)])) f
    group by p.ids[f.ordinal]
  )
  select e.id, search_text(e.name),
    concat_ws(' ', weighted_words('A', e.name), weighted_words('B', e.own), weighted_words('C', e.around), l.words,
      (select string_agg('''#' || p_kind || k || ''':1D', ' ') from generate_series(0, 8) k
       where (hashint8extended(e.id, 14) & (4 ^ k - 1)::bigint) = 0))::tsvector
  from entry e left join regions l on l.id = e.id;
$$;
