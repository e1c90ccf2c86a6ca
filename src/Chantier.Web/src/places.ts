import type { FeatureCollection, Point } from 'geojson';
import { urlOf, useAnswer, type Page } from './api';
import { filterOf, timeOf } from './filter';
import type { Place } from './views';

/** Where a site is, and no more of it than a map needs. */
export interface Spot { slug: string; name: string; status: string | null; location: Place | null }

/** As many as the service gives at once; a map that has only these says so. */
export const most = 1000;

/** The sites of the filter and where they are; nothing is asked while that is not needed. */
export function useSpots(params: URLSearchParams, isNeeded: boolean): Page<Spot> | null {
  return useAnswer<Page<Spot>>(isNeeded ? urlOf('/v1/factories', { fields: 'slug,name,status,location', limit: most }, filterOf(params), timeOf(params)) : null).data;
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
