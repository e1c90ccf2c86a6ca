import { useMemo } from 'preact/hooks';
import { urlOf, useAnswer, type Page } from './api';
import { filterOf } from './filter';
import type { Place } from './views';

export type Box = [west: number, south: number, east: number, north: number];

/** As many as the service gives at once. */
const most = 1000;

/**
 * The least box around the sites of the filter, in whatever status and at any time, so that a map holds still while these are changed:
 * null where none has a place, undefined until that is known. Nothing is asked while it is not needed.
 */
export function useBox(params: URLSearchParams, isNeeded: boolean): Box | null | undefined {
  const { data } = useAnswer<Page<{ location: Place | null }>>(
    isNeeded ? urlOf('/v1/factories', { fields: 'location', limit: most }, { ...filterOf(params), status: null, stage: null }) : null);
  return useMemo(() => data ? boxOf(data.items.flatMap(({ location }) => location ? [location] : [])) : undefined, [data]);
}

function boxOf(at: Place[]): Box | null {
  if (at.length === 0) return null;
  const [lons, lats] = [at.map(({ lon }) => lon), at.map(({ lat }) => lat)];
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}
