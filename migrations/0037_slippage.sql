-- Whole calendar months from one day to another; null where one of them is no day.
create function months_between(a date, b date) returns int
  language sql immutable strict parallel safe
  return case when isfinite(a) and isfinite(b)
    then ((extract(year from b) - extract(year from a)) * 12 + extract(month from b) - extract(month from a))::int end;
