-- What a map shows of the present, without a look at the rows themselves: a tile is a range of longitudes, and the world is all of it.
create index factory_state_map on factory_state (lon, lat) include (factory_id, status, sector, country, location_precision)
  where known_to = 'infinity' and lon is not null;
