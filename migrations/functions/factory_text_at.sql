-- Returns the text of each pair of a factory and a moment at which it exists: its names, slug, locality and operators;
-- the history of texts is filled from it.
create or replace function factory_text_at(p_factories bigint[], p_known_ats timestamptz[])
  returns table (ordinal bigint, text text)
  language sql stable
as $$
  select p.ordinal, search_text(concat_ws(' ',
    (select string_agg(distinct x ->> 'text', ' ') from jsonb_array_elements(v.names) x),
    v.name, f.slug, v.locality, part.names))
  from existing_at('recorded', p_factories, p_known_ats) p
  join factory f on f.id = p.factory_id
  join factory_version v on v.factory_id = p.factory_id and v.version = p.version
  cross join lateral (
    select string_agg(ov.name, ' ' order by k.rank, ov.sort_name, x.operator_id, x.valid_from, c.id) as names
    from claim c
    join role x on x.claim_id = c.id
    join role_kind k on k.code = x.role
    join operator_version ov on ov.operator_id = x.operator_id
      and is_recorded('recorded', p.at, ov.known_from, ov.known_to)
    where c.factory_id = any (merged_factory_ids('recorded', p.at, p.factory_id)) and c.kind = 'role'
      and c.basis <> 'expected' and is_known('recorded', p.at, c)) part;
$$;
