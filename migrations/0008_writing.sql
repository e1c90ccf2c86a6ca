-- What writing needs beyond 0006.

-- Whether a source was taken back, why, and in whose words. Claims can rest on it no more.
alter table source_version
  add column retracted       text constraint source_retraction_known check (retracted in ('error', 'news')),
  add column retraction_note text,
  add constraint source_retraction_is_whole check (retraction_note is null or retracted is not null);

-- What a property can be measured in.
create table figure_measure (
  property text not null references figure_property,
  quantity text not null check (quantity in ('count', 'area', 'power', 'energy', 'mass', 'volume', 'money',
                                             'energy_per_year', 'mass_per_year', 'volume_per_year', 'count_per_year')),
  primary key (property, quantity)
);

insert into figure_measure (property, quantity) values
  ('capacity', 'power'), ('capacity', 'energy'), ('capacity', 'energy_per_year'), ('capacity', 'mass'), ('capacity', 'mass_per_year'),
  ('capacity', 'volume'), ('capacity', 'volume_per_year'), ('capacity', 'count_per_year'),
  ('jobs', 'count'), ('investment', 'money'), ('funding', 'money'), ('area', 'area');

-- The shares that sources state for one company never exceed the whole on any day: of several claims for one shareholder the latest counts.
-- They can grow where a share begins, where a later one of the same shareholder ends, and where a claim is taken back.
create or replace function ownership_fits_in_the_whole() returns trigger language plpgsql as $$
declare
  company bigint;
  day     date;
  total   numeric;
begin
  select o.operator_id into company from ownership o where o.claim_id = case tg_table_name when 'ownership' then (to_jsonb(new) ->> 'claim_id')::bigint else (to_jsonb(new) ->> 'id')::bigint end;
  for day in
    select o.valid_from from ownership o join claim c on c.id = o.claim_id
    where o.operator_id = company and c.known_to = 'infinity' and c.basis <> 'expected'
    union
    select o.valid_to + 1 from ownership o join claim c on c.id = o.claim_id
    where o.operator_id = company and c.known_to = 'infinity' and c.basis <> 'expected' and isfinite(o.valid_to)
  loop
    select sum(coalesce(s.share, s.share_min, 0)) into total
    from (
      select distinct on (o.shareholder_id) o.share, o.share_min
      from ownership o join claim c on c.id = o.claim_id
      where o.operator_id = company and c.known_to = 'infinity' and c.basis <> 'expected'
        and o.valid_from <= day and o.valid_to >= day
      order by o.shareholder_id, o.valid_from desc, c.known_from desc, c.id desc
    ) s;
    if total > 100 then
      raise exception 'shares of operator % add up to % per cent on %', company, total, day
        using errcode = 'check_violation', constraint = 'ownership_fits_in_the_whole', table = 'ownership',
          hint = trim_scale(total) || ' per cent' || case when isfinite(day) then ' on ' || day else '' end;
    end if;
  end loop;
  return null;
end $$;

create constraint trigger ownership_fits_in_the_whole
  after update of known_to on claim deferrable initially deferred
  for each row when (new.kind = 'ownership') execute function ownership_fits_in_the_whole();

-- By which rule each claim of these phases is in force on a date, or is not. What is in force is weighed against the next in the order,
-- anything else against what is in force; the rule is the first in which the two differ. It states what event_in_force does.
create function event_ruling(p_known_by text, p_at timestamptz, p_phases bigint[], p_as_of date, p_match text)
  returns table (claim_id bigint, in_force boolean, rule text, weighed_against bigint)
  language sql stable parallel safe
as $$
  with told as materialized (
    select c.id, e.phase_id, d.day, c.basis, confidence_rank(c.confidence) as doubt, c.known_from,
      case when e.milestone is not null then 'milestone' when c.basis = 'expected' then 'expected' when d.day > p_as_of or d.day = 'infinity' then 'not_yet' end as aside
    from status_event e join claim c on c.id = e.claim_id
    cross join lateral (select case p_match when 'certain' then e.latest else e.earliest end as day) d
    where e.phase_id = any (p_phases) and is_known(p_known_by, p_at, c)
  ), ranked as materialized (
    select *, row_number() over (partition by phase_id order by day desc, basis, doubt, known_from desc, id desc) as place
    from told where aside is null
  )
  select id, false, aside, null from told where aside is not null
  union all
  select r.id, r.place = 1,
    case when o.id is null then 'alone' when r.day <> o.day then 'later_date' when r.basis <> o.basis then 'actual_first'
         when r.doubt <> o.doubt then 'higher_confidence' else 'recorded_later' end,
    o.id
  from ranked r left join ranked o on o.phase_id = r.phase_id and o.place = case r.place when 1 then 2 else 1 end;
$$;

-- The same for the figures of these factories, among those for the same phase, property, product, qualifier and unit. It states what
-- figures_in_force does.
create function figure_ruling(p_known_by text, p_at timestamptz, p_factories bigint[], p_as_of date)
  returns table (claim_id bigint, in_force boolean, rule text, weighed_against bigint)
  language sql stable parallel safe
as $$
  with told as materialized (
    select c.id, b.factory_id, f.phase_id, f.property, f.product, f.qualifier, f.unit, f.earliest, c.basis, confidence_rank(c.confidence) as doubt, c.known_from,
      f.earliest is not null and f.earliest > p_as_of and f.earliest <= (c.known_from at time zone 'UTC' + interval '14 hours')::date as is_aside
    from factory_member(p_known_by, p_at, p_factories) b
    join claim c on c.factory_id = b.member_id and c.kind = 'figure' and is_known(p_known_by, p_at, c)
    join figure f on f.claim_id = c.id
  ), ranked as materialized (
    select *, row_number() over (partition by factory_id, phase_id, property, product, qualifier, unit
      order by earliest desc nulls last, basis, doubt, known_from desc, id desc) as place
    from told where not is_aside
  )
  select id, false, 'not_yet', null from told where is_aside
  union all
  select r.id, r.place = 1,
    case when o.id is null then 'alone' when r.earliest is distinct from o.earliest then 'later_date' when r.basis <> o.basis then 'actual_first'
         when r.doubt <> o.doubt then 'higher_confidence' else 'recorded_later' end,
    o.id
  from ranked r
  left join ranked o on o.factory_id = r.factory_id and o.place = case r.place when 1 then 2 else 1 end
    and (o.phase_id, o.property, o.product, o.qualifier, o.unit) is not distinct from (r.phase_id, r.property, r.product, r.qualifier, r.unit);
$$;

-- The projections of these factories anew, over all time: what they say was changed in the versions themselves, which only a redaction does.
create function rebuild_factories(p_factories bigint[]) returns void language plpgsql as $$
begin
  perform plan_for(cardinality(p_factories)), count_regions(p_factories, -1);
  delete from factory_state where factory_id = any (p_factories);
  delete from status_span where factory_id = any (p_factories);
  delete from factory_text where factory_id = any (p_factories);
  perform insert_history('recorded', p_factories), insert_history('published', p_factories);
  perform count_regions(p_factories, 1);
  delete from region_count where factories = 0;
end $$;
