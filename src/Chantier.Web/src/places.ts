import type { FeatureCollection, Point } from 'geojson';
import { useMemo } from 'preact/hooks';
import { urlOf, useAnswer, type Page } from './api';
import { filterOf, timeOf } from './filter';
import type { Place } from './views';

/** Where a site is, and no more of it than a map needs. */
export interface Spot { slug: string; name: string; status: string | null; location: Place | null }

/** As many as the service gives at once; a map that has only these says so. */
export const most = 1000;

/**
 * The sites of the filter and where they are; nothing is asked while that is not needed. A place is often told by a source that has
 * no date, so that by no past day it was known: those that are known of today are taken.
 */
export function useSpots(params: URLSearchParams, isNeeded: boolean): Page<Spot> | null {
  const time = timeOf(params);
  const spots = useAnswer<Page<Spot>>(isNeeded ? urlOf('/v1/factories', { fields: 'slug,name,status,location', limit: most }, filterOf(params), time) : null).data;
  const places = useAnswer<Page<Spot>>(isNeeded && time.knownAt ? urlOf('/v1/factories', { fields: 'slug,location', limit: most }, { ...filterOf(params), status: null, stage: null }) : null).data;
  return useMemo(() => {
    if (!time.knownAt || !spots) return spots;
    const at = new Map(places?.items.map(({ slug, location }) => [slug, location]));
    return { ...spots, items: spots.items.map(spot => ({ ...spot, location: spot.location ?? at.get(spot.slug) ?? null })) };
  }, [spots, places, time.knownAt]);
}

/** The least box around them, west, south, east, north; null where none has a place. */
export function boxOf(spots: Spot[]): [number, number, number, number] | null {
  const at = spots.flatMap(({ location }) => location ? [location] : []);
  if (at.length === 0) return null;
  const [lons, lats] = [at.map(({ lon }) => lon), at.map(({ lat }) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

/** As the tiles tell of them: how many are in each status. */
export const featuresOf = (spots: Spot[]): FeatureCollection<Point> => ({
  type: 'FeatureCollection',
  features: spots.flatMap(({ slug, name, status, location }) => location ? [{
    type: 'Feature' as const,
    geometry: { type: 'Point' as const, coordinates: [location.lon, location.lat] },
    properties: { slug, name, count: 1, ...(status && { status, [status]: 1 }) },
  }] : []),
});
