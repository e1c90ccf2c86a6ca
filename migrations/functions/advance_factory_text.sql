-- Brings the texts of these factories up to a write at p_at; Projections calls it for the factories that it touched.
create or replace function advance_factory_text(p_factories bigint[], p_at timestamptz) returns void
  language sql
as $$
  with fresh as materialized (
    select p_factories[t.ordinal] as factory_id, t.text
    from factory_text_at(p_factories, array_fill(p_at, array[cardinality(p_factories)])) t
  ), closed as (
    update factory_text t set known_to = p_at
    where t.factory_id = any (p_factories) and t.known_to = 'infinity'
      and not exists (select from fresh f where f.factory_id = t.factory_id and f.text = t.text)
  )
  insert into factory_text (factory_id, text, known_from, known_to)
  select f.factory_id, f.text, p_at, 'infinity'
  from fresh f
  where not exists (
    select from factory_text t where t.factory_id = f.factory_id and t.known_to = 'infinity' and t.text = f.text);
$$;
