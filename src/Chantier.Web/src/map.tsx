import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExpressionSpecification, Map, StyleSpecification, VectorTileSource } from 'maplibre-gl';
import { Link, go, hrefOf } from './address';
import { urlOf } from './api';
import { filterOf, timeOf } from './filter';
import { useBox, type Box } from './places';
import { StatusBadge, colours, stages, unclaimed, useTerms } from './terms';
import type { Place, Term } from './views';
import { useWords } from './words';

const tiles = (collection: string, params: URLSearchParams | null) =>
  [`${location.origin}/ogc/collections/${collection}/tiles/WebMercatorQuad/{z}/{y}/{x}.mvt${params ? urlOf('', filterOf(params), timeOf(params)) : ''}`];

// The colour of the stage that most of them are in.
function dominant(terms: Term[]): ExpressionSpecification {
  const sum = (stage: string): unknown[] => ['+', 0, ...terms.filter(term => term.stage === stage).map(term => ['coalesce', ['get', term.code], 0])];
  const bound = stages.flatMap(stage => [stage, sum(stage)]);
  const most: unknown[] = ['max', ...stages.map(stage => ['var', stage])];
  return ['let', ...bound, ['let', 'most', most,
    ['case', ['==', ['var', 'most'], 0], unclaimed, ...stages.flatMap(stage => [['==', ['var', stage], ['var', 'most']], colours[stage]]), unclaimed]]] as unknown as ExpressionSpecification;
}

const font = ['system-ui', 'sans-serif'];

const largestFirst: ExpressionSpecification = ['-', 0, ['get', 'areaKm2']];
const nameIn = (lang: string): ExpressionSpecification => ['get', lang === 'fr' ? 'nameFr' : 'nameEn'];

function styleOf(params: URLSearchParams, terms: Term[], lang: string): StyleSpecification {
  const source = { source: 'factories', 'source-layer': 'factories' };
  const fewestLast: ExpressionSpecification = ['-', 0, ['get', 'count']];
  const isCountry: ExpressionSpecification = ['==', ['get', 'kind'], 'country'];
  const isMany: ExpressionSpecification = ['>', ['get', 'count'], 1];
  // Ten times as many are a little larger, or a million would hide the land.
  const many: ExpressionSpecification = ['min', 18, ['+', 7.5, ['*', 1.3, ['ln', ['get', 'count']]]]];
  return {
    version: 8,
    sources: {
      regions: { type: 'vector', tiles: tiles('regions', null), minzoom: 2, maxzoom: 10 },
      factories: { type: 'vector', tiles: tiles('factories', params), maxzoom: 14 },
    },
    layers: [
      { id: 'sea', type: 'background', paint: { 'background-color': '#dfe8ec' } },
      { id: 'land', type: 'fill', source: 'regions', 'source-layer': 'regions', filter: isCountry, paint: { 'fill-color': '#f7f5f0', 'fill-antialias': false } },
      { id: 'parts', type: 'line', source: 'regions', 'source-layer': 'regions', filter: ['!', isCountry], minzoom: 4, paint: { 'line-color': '#d6d2c6', 'line-width': 0.7 } },
      { id: 'borders', type: 'line', source: 'regions', 'source-layer': 'regions', filter: isCountry, paint: { 'line-color': '#a9a28f', 'line-width': 1 } },
      {
        id: 'country names', type: 'symbol', source: 'regions', 'source-layer': 'region_names', filter: isCountry, maxzoom: 8,
        layout: { 'text-field': nameIn(lang), 'symbol-sort-key': largestFirst, 'text-font': font, 'text-size': ['interpolate', ['linear'], ['zoom'], 3, 11, 7, 16], 'text-max-width': 7 },
        paint: { 'text-color': '#6b6552', 'text-halo-color': '#f7f5f0', 'text-halo-width': 1.2 },
      },
      {
        id: 'part names', type: 'symbol', source: 'regions', 'source-layer': 'region_names', filter: ['!', isCountry], minzoom: 6.5,
        layout: { 'text-field': nameIn(lang), 'symbol-sort-key': largestFirst, 'text-font': font, 'text-size': 11, 'text-max-width': 8 },
        paint: { 'text-color': '#8d8673', 'text-halo-color': '#f7f5f0', 'text-halo-width': 1.2 },
      },
      {
        id: 'sites', type: 'circle', ...source,
        // What is small lies on what is large, and the numbers of the largest go first.
        layout: { 'circle-sort-key': fewestLast },
        paint: {
          'circle-color': dominant(terms),
          'circle-radius': ['interpolate', ['linear'], ['zoom'], 3, ['case', isMany, many, 5], 10, ['case', isMany, many, 9]],
          'circle-stroke-color': '#ffffff', 'circle-stroke-width': 1.5, 'circle-opacity': 0.93,
        },
      },
      {
        id: 'counts', type: 'symbol', ...source, filter: isMany,
        layout: { 'text-field': ['to-string', ['get', 'count']], 'text-font': font, 'text-size': 11, 'text-padding': 0, 'symbol-sort-key': fewestLast },
        paint: { 'text-color': '#ffffff', 'text-halo-color': '#0006', 'text-halo-width': 0.4 },
      },
      {
        id: 'labels', type: 'symbol', ...source, filter: ['has', 'name'], minzoom: 6,
        layout: { 'text-field': ['get', 'name'], 'text-font': font, 'text-size': 11.5, 'text-anchor': 'top', 'text-offset': [0, 0.8], 'text-max-width': 9 },
        paint: { 'text-color': '#1c2b33', 'text-halo-color': '#ffffff', 'text-halo-width': 1.4 },
      },
    ],
  };
}

const europe: Box = [-11, 36, 30, 66];

const hash = /^#map=([\d.]+)\/(-?[\d.]+)\/(-?[\d.]+)$/;

/** Where a reader moved the map to, as the address has it. */
function movedTo(): { center: [number, number]; zoom: number } | null {
  const [, zoom, lat, lon] = hash.exec(location.hash) ?? [];
  return zoom ? { center: [+lon!, Math.max(-85, Math.min(85, +lat!))], zoom: +zoom } : null;
}

function keepMove(map: Map): void {
  const { lng, lat } = map.getCenter();
  history.replaceState(history.state, '', `${location.pathname}${location.search}#map=${map.getZoom().toFixed(2)}/${lat.toFixed(5)}/${lng.toFixed(5)}`);
}

interface Site { slug: string; name: string; status?: string }

/** Those that lie on each other at a point of the map. */
interface Pile { x: number; y: number; sites: Site[] }

// A site may stand in more than one tile.
const sitesOf = (features: { properties: Record<string, unknown> }[]) => features.map(({ properties }) => properties as unknown as Site)
  .filter(({ slug }, i, all) => slug && all.findIndex(other => other.slug === slug) === i);

// As wide as its style says, and seldom higher than so many lines.
const pileWidth = 288;
const lineHeight = 80;

/** The way to each of several sites that lie on each other. */
function PileList({ pile, box, params, close }: { pile: Pile; box: HTMLElement; params: URLSearchParams; close: () => void }) {
  const { t } = useWords();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => {
    list.current!.querySelector('a')!.focus({ preventScroll: true });
    const look = (event: PointerEvent) => {
      if (!list.current?.contains(event.target as Node)) close();
    };
    document.addEventListener('pointerdown', look);
    return () => document.removeEventListener('pointerdown', look);
  }, [pile]);
  const within = (at: number, most: number) => `${Math.max(8, Math.min(at, most - 8))}px`;
  return (
    <ul ref={list} class="pile" aria-label={t.sitesHere(pile.sites.length)} onKeyDown={event => event.key === 'Escape' && close()}
      style={{ left: within(pile.x, box.clientWidth - pileWidth), top: within(pile.y, box.clientHeight - lineHeight * pile.sites.length) }}>
      {pile.sites.map(({ slug, name, status }) => <li key={slug}><Link href={hrefOf(`/factories/${slug}`, params)}>{name}</Link> <StatusBadge status={status ?? null} isPast={params.has('asOf')} /></li>)}
    </ul>
  );
}

interface Props { params: URLSearchParams; turn?: number; at?: Place }

/**
 * The sites of the filter, on boundaries of our own; those that stand near each other are one circle that says how many they are. It
 * speaks the language in which it was made: with another, another is.
 */
export function FactoryMap({ params, turn = 0, at }: Props) {
  const { lang, t } = useWords();
  const { label, statuses } = useTerms();
  const box = useRef<HTMLDivElement>(null);
  const map = useRef<Map | null>(null);
  const url = tiles('factories', params)[0]!;
  // The tiles that the map was told of last.
  const drawn = useRef('');
  const [isReady, setReady] = useState(false);
  const [failure, setFailure] = useState<'drawing' | 'loading' | null>(null);
  const [pile, setPile] = useState<Pile | null>(null);
  const [tip, setTip] = useState<{ x: number; y: number; text: string } | null>(null);
  const hasMoved = useRef(movedTo() !== null);
  // To the sites of a country, a region or a company the map goes by itself, while nobody has moved it.
  const narrowed = at ? '' : ['country', 'region', 'operator'].map(name => params.get(name) ?? '').join(' ').trim();
  const bounds = useBox(params, narrowed !== '' && !hasMoved.current);
  // What handlers that are set once ask for.
  const latest = useRef({ params, label, t });
  latest.current = { params, label, t };

  useEffect(() => {
    let isGone = false;
    const make = ({ Map, Marker, NavigationControl, ScaleControl }: typeof import('./maplibre')) => {
      if (isGone || !box.current) return;
      const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
      const made = new Map({
        container: box.current,
        style: styleOf(params, statuses, lang),
        ...(at ? { center: [at.lon, at.lat], zoom: at.precision === 'country' ? 4 : at.precision === 'region' ? 6 : 9 } : movedTo() ?? { bounds: europe }),
        maxZoom: 15,
        attributionControl: false,
        dragRotate: false,
        pitchWithRotate: false,
        fadeDuration: 0,
        locale: t.ofMap,
        cooperativeGestures: at !== undefined,
      });
      map.current = made;
      drawn.current = url;
      made.touchZoomRotate.disableRotation();
      made.keyboard.disableRotation();
      made.addControl(new NavigationControl({ showCompass: false }), 'top-right');
      if (at) new Marker({ color: '#b3261e' }).setLngLat([at.lon, at.lat]).addTo(made);
      made.addControl(new ScaleControl({}), 'bottom-right');
      made.on('load', () => setReady(true));
      // What the page itself moves is no choice of the reader's, and a change of size no move.
      let isReader = false;
      made.on('movestart', event => {
        isReader = 'originalEvent' in event && event.originalEvent !== undefined;
        hasMoved.current ||= isReader;
        setPile(null);
      });
      if (!at) made.on('moveend', () => {
        if (isReader) keepMove(made);
        isReader = false;
      });
      made.on('mousemove', 'sites', event => {
        const site = event.features?.[0]?.properties;
        if (!site) return;
        const { label, t } = latest.current;
        const sites = sitesOf(event.features!);
        made.getCanvas().style.cursor = 'pointer';
        const text = !site.slug ? t.sitesHere(site.count as number) : sites.length > 1 ? t.sitesHere(sites.length) : `${site.name}${site.status ? ` · ${label(site.status as string)}` : ''}`;
        setTip({ x: event.point.x, y: event.point.y, text });
      });
      made.on('mouseleave', 'sites', () => {
        made.getCanvas().style.cursor = '';
        setTip(null);
      });
      made.on('click', 'sites', event => {
        const site = event.features?.[0]?.properties;
        const sites = sitesOf(event.features ?? []);
        if (!site?.slug) made.easeTo({ center: event.lngLat, zoom: Math.min(made.getZoom() + 2.5, 15), duration: still ? 0 : 500 }, { originalEvent: event.originalEvent });
        else if (sites.length === 1) go(hrefOf(`/factories/${site.slug as string}`, latest.current.params));
        else {
          setTip(null);
          setPile({ x: event.point.x, y: event.point.y, sites });
        }
      });
    };
    import('./maplibre').then(parts => {
      try {
        make(parts);
      } catch {
        setFailure('drawing');
      }
    }, () => setFailure('loading'));
    return () => {
      isGone = true;
      map.current?.remove();
      map.current = null;
    };
  }, []);

  useEffect(() => {
    const source = map.current?.getSource('factories') as VectorTileSource | undefined;
    // The same again would be read again.
    if (!source || url === drawn.current) return;
    drawn.current = url;
    source.setTiles([url]);
  }, [url, isReady]);
  useEffect(() => {
    if (turn > 0) map.current?.refreshTiles('factories');
  }, [turn]);
  useEffect(() => {
    if (at || !isReady || hasMoved.current || (narrowed !== '' && bounds === undefined)) return;
    map.current?.fitBounds((narrowed !== '' && bounds) || europe, { padding: narrowed === '' ? 0 : 60, maxZoom: 7, duration: 0 });
  }, [narrowed, bounds, isReady]);
  useEffect(() => {
    if (at) return;
    // Who writes another place into the address of an open page wants to see that.
    const follow = () => {
      const to = movedTo();
      if (!to) return;
      hasMoved.current = true;
      map.current?.jumpTo(to);
    };
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);

  const closePile = () => {
    // Where it was closed by its keys, they go on from the map.
    if (pile && document.activeElement?.closest('.pile')) map.current?.getCanvas().focus();
    setPile(null);
  };
  return (
    <div class={at ? 'map small' : 'map'} data-ready={isReady}>
      {failure === 'drawing' ? <p class="empty">{t.mapFailed}</p>
        : failure === 'loading' ? <p class="empty">{t.mapMissed} <button type="button" class="plain" onClick={() => location.reload()}>{t.tryAgain}</button></p>
        : <div ref={box} class="canvas" />}
      {tip && <div class="tip" aria-hidden="true" style={{ left: `${tip.x}px`, top: `${tip.y}px` }}>{tip.text}</div>}
      {pile && <PileList pile={pile} box={box.current!} params={params} close={closePile} />}
      {timeOf(params).publishedUntil && <p class="note">{t.placesOfToday}</p>}
      {!at && (
        <ul class="legend" aria-hidden="true">
          {stages.map(stage => <li key={stage}><i style={{ background: colours[stage] }} />{t.stages[stage]}</li>)}
          <li><i style={{ background: unclaimed }} />{params.has('asOf') ? t.notYet : t.noStatus}</li>
        </ul>
      )}
    </div>
  );
}
