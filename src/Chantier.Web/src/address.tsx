import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Where a reader is. All of it stands in the address, so that every view has a link. */
export interface Place {
  view: 'sites' | 'factory' | 'source' | 'dashboard' | 'nowhere';
  slug: string;
  params: URLSearchParams;
}

const moved = 'chantier:moved';

function here(): Place {
  const params = new URLSearchParams(location.search);
  const [, room = '', slug = '', ...more] = location.pathname.split('/').map(decodeURIComponent);
  if (room === '' && !slug) return { view: 'sites', slug, params };
  if (room === 'dashboard' && !slug) return { view: 'dashboard', slug, params };
  if (room === 'factories' && slug && more.length === 0) return { view: 'factory', slug, params };
  if (room === 'sources' && slug && more.length === 0) return { view: 'source', slug, params };
  return { view: 'nowhere', slug, params };
}

export function usePlace(): Place {
  const [place, setPlace] = useState(here);
  useEffect(() => {
    const look = () => setPlace(here());
    addEventListener('popstate', look);
    addEventListener(moved, look);
    return () => {
      removeEventListener('popstate', look);
      removeEventListener(moved, look);
    };
  }, []);
  return place;
}

export function go(href: string): void {
  history.pushState(null, '', href);
  dispatchEvent(new Event(moved));
  scrollTo(0, 0);
}

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

/** Stays in the view and changes what it is told. The way back leads to the view before, not through every letter that was typed. */
export function refine(changes: Changes): void {
  const query = changed(new URLSearchParams(location.search), changes).toString();
  history.replaceState(null, '', location.pathname + (query && `?${query}`) + location.hash);
  dispatchEvent(new Event(moved));
}

const kept = ['asOf', 'lang'];

/** A path with what a reader keeps from view to view: the date and the language, and what else is named; between the sites and the dashboard all. */
export function hrefOf(path: string, params: URLSearchParams, more: readonly string[] | 'all' = []): string {
  const query = more === 'all' ? params : new URLSearchParams([...params].filter(([name]) => kept.includes(name) || more.includes(name)));
  return path + (query.size > 0 ? `?${query}` : '');
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
