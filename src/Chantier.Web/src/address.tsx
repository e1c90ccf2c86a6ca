import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Where a reader is. All of it stands in the address, so that every view has a link. */
export interface Place {
  view: 'sites' | 'factory' | 'source' | 'dashboard' | 'nowhere';
  slug: string;
  params: URLSearchParams;
}

const moved = 'chantier:moved';

let steps = 0;

/** How often a reader went from one place to another; a change within one is no step. */
export const stepsTaken = () => steps;

type Changes = Record<string, string | null>;

/** The same parameters with some of them changed; null leaves one out. */
export function changed(params: URLSearchParams, changes: Changes): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(changes)) {
    if (value) next.set(name, value);
    else next.delete(name);
  }
  return next;
}

const kept = ['asOf', 'known', 'lang'];

/** A path with what a reader keeps from view to view: the date and the language, and what else is named; between the sites and the dashboard all. */
export function hrefOf(path: string, params: URLSearchParams, more: readonly string[] | 'all' = []): string {
  const query = more === 'all' ? params : new URLSearchParams([...params].filter(([name]) => kept.includes(name) || more.includes(name)));
  return path + (query.size > 0 ? `?${query}` : '');
}

/** What a reader keeps from view to view. */
export const keptOf = (params: URLSearchParams) => new URLSearchParams([...params].filter(([name]) => kept.includes(name)));

const roomsOf = () => location.pathname.replace(/\/$/, '').split('/').slice(1).map(part => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
});

// What the API has under a path of its own and the page has not: of a company or a region it shows the sites.
const filters: Record<string, string> = { operators: 'operator', regions: 'region' };

function lead(): void {
  const params = new URLSearchParams(location.search);
  const [room = '', slug, ...more] = roomsOf();
  const filter = filters[room];
  if (filter && slug && more.length === 0) history.replaceState(history.state, '', hrefOf('/', changed(params, { [filter]: slug }), 'all') + location.hash);
  else if (room === 'factories' && !slug) history.replaceState(history.state, '', hrefOf('/', params, 'all') + location.hash);
}

function here(): Place {
  lead();
  const params = new URLSearchParams(location.search);
  const [room = '', slug = '', ...more] = roomsOf();
  const at = (view: Place['view']): Place => ({ view, slug, params });
  if (more.length > 0) return at('nowhere');
  if (room === '' && !slug) return at('sites');
  if (room === 'dashboard' && !slug) return at('dashboard');
  if (room === 'factories' && slug) return at('factory');
  if (room === 'sources' && slug) return at('source');
  return at('nowhere');
}

// What scrolls: the page, and on a desk the list beside its map.
const scrollers = () => [document.scrollingElement!, ...document.querySelectorAll('.panel')];

/** Scrolls back to where a place was left, as soon as what stood there has come again; the reader may scroll first. */
function scrollBack(tops: number[]): void {
  const until = performance.now() + 5000;
  let isTaken = false;
  for (const type of ['wheel', 'touchstart', 'keydown', 'pointerdown']) addEventListener(type, () => isTaken = true, { once: true, passive: true });
  const step = () => {
    if (isTaken) return;
    const found = scrollers();
    tops.forEach((top, i) => found[i]?.scrollTo({ top, behavior: 'instant' }));
    if (tops.some((top, i) => (found[i]?.scrollTop ?? -1) < top - 1) && performance.now() < until) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    let last = location.pathname + location.search;
    const look = () => setPlace(here());
    const step = () => {
      // Within a view, to one of its parts, is no step to another place.
      const next = location.pathname + location.search;
      if (next === last) return;
      last = next;
      steps += 1;
      look();
      const { tops } = history.state as { tops?: number[] } ?? {};
      if (tops) scrollBack(tops);
    };
    const follow = () => {
      last = location.pathname + location.search;
      look();
    };
    addEventListener('popstate', step);
    addEventListener(moved, follow);
    return () => {
      removeEventListener('popstate', step);
      removeEventListener(moved, follow);
    };
  }, []);
  return place;
}

export function go(href: string): void {
  history.replaceState({ tops: scrollers().map(one => one.scrollTop) }, '');
  history.pushState(null, '', href);
  steps += 1;
  dispatchEvent(new Event(moved));
  scrollTo(0, 0);
}

/** Stays in the view and changes what it is told. The way back leads to the view before, not through every letter that was typed. */
export function refine(changes: Changes): void {
  const query = changed(new URLSearchParams(location.search), changes).toString();
  history.replaceState(history.state, '', location.pathname + (query && `?${query}`) + location.hash);
  dispatchEvent(new Event(moved));
}

interface LinkProps {
  href: string;
  children: ComponentChildren;
  class?: string;
  current?: boolean;
}

export function Link({ href, children, class: name, current }: LinkProps) {
  const follow = (event: MouseEvent) => {
    if (event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      go(href);
    }
  };
  return <a href={href} class={name} aria-current={current ? 'page' : undefined} onClick={follow}>{children}</a>;
}
