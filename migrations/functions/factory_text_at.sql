-- Returns the text of each pair of a factory and a moment at which it exists: its names, slug, locality and operators;
-- the history of texts is filled from it.
create or replace function factory_text_at(p_factories bigint[], p_ats timestamptz[])
  returns table (n bigint, text text)
  language sql stable
as $$
  with part as (
    select s.n, string_agg(s.name, ' ' order by s.rank, s.sort_name, s.operator_id, s.valid_from, s.claim_id) as names
    from (
      select m.n, ov.name, k.rank, ov.sort_name, x.operator_id, x.valid_from, c.id as claim_id
      from family('recorded', p_factories, p_ats) m
      join claim c on c.factory_id = m.member_id and c.kind = 'role' and c.basis <> 'expected'
        and is_known('recorded', m.at, c)
      join role x on x.claim_id = c.id
      join role_kind k on k.code = x.role
      join operator_version ov on ov.operator_id = x.operator_id
        and is_recorded('recorded', m.at, ov.known_from, ov.known_to)) s
    group by s.n
  )
  select p.n, search_text(concat_ws(' ',
    (select string_agg(distinct x ->> 'text', ' ') from jsonb_array_elements(v.names) x),
    v.name, f.slug, v.locality, part.names))
  from there_at('recorded', p_factories, p_ats) p
  join factory f on f.id = p.factory_id
  join factory_version v on v.factory_id = p.factory_id and v.version = p.version
  left join part on part.n = p.n;
$$;
