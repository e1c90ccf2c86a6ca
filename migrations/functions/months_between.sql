-- Returns the whole calendar months from one day to another, or null where one of them is no day; slippage uses it.
create or replace function months_between(a date, b date) returns int
  language sql immutable strict parallel safe
as $$
  select case when isfinite(a) and isfinite(b)
    then ((extract(year from b) - extract(year from a)) * 12 + extract(month from b) - extract(month from a))::int end;
$$;
