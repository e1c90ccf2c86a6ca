import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

/** What the service says when it does not answer what was asked (RFC 9457). */
export class Problem extends Error {
  constructor(readonly status: number, title: string, readonly detail: string, readonly type: string) {
    super(title);
  }
}

export interface Page<T> {
  items: T[];
  page: { next: string | null; count?: number };
}

export type Params = Record<string, string | number | null | undefined>;

/** A path of the service with its parameters; those that are empty are left out. */
export function urlOf(path: string, ...params: Params[]): string {
  const query = new URLSearchParams();
  for (const [name, value] of params.flatMap(Object.entries)) if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  return path + (query.size > 0 ? `?${query}` : '');
}

export async function ask<T>(url: string, signal?: AbortSignal): Promise<T> {
  const answer = await fetch(url, { headers: { Accept: 'application/json' }, ...(signal && { signal }) });
  if (answer.ok) return await answer.json() as T;
  const problem = await answer.json().catch(() => null) as { title?: string; detail?: string; type?: string } | null;
  throw new Problem(answer.status, problem?.title ?? answer.statusText, problem?.detail ?? '', problem?.type ?? '');
}

/** A list to its end. */
async function askAll<T>(url: string, signal: AbortSignal): Promise<T[]> {
  const items: T[] = [];
  const [path] = url.split('?');
  for (let next: string | null = url; next !== null;) {
    const part: Page<T> = await ask<Page<T>>(next, signal);
    items.push(...part.items);
    next = part.page.next && urlOf(path!, { cursor: part.page.next });
  }
  return items;
}

export interface Answer<T> {
  /** The last answer, which stays until the next one is there. */
  data: T | null;
  problem: Error | null;
  isLoading: boolean;
  again: () => void;
}

function useAnswerOf<T>(url: string | null, get: (url: string, signal: AbortSignal) => Promise<T>): Answer<T> {
  const [state, setState] = useState<{ url: string | null; data: T | null; problem: Error | null }>({ url: null, data: null, problem: null });
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (url === null) {
      setState({ url, data: null, problem: null });
      return;
    }
    const leaving = new AbortController();
    get(url, leaving.signal).then(
      data => leaving.signal.aborted || setState({ url, data, problem: null }),
      problem => leaving.signal.aborted || setState(last => ({ url, data: last.data, problem })));
    return () => leaving.abort();
  }, [url, turn]);
  const again = useCallback(() => setTurn(last => last + 1), []);
  return { data: state.data, problem: state.problem, isLoading: state.url !== url, again };
}

/** What a URL answers. The browser asks with the ETag that it has, so asking again costs little where nothing changed. */
export const useAnswer = <T>(url: string | null) => useAnswerOf<T>(url, ask);

/** All that a list has. */
export const useAll = <T>(url: string | null) => useAnswerOf<T[]>(url, askAll);

/** How far the log went before anything was read; null where that cannot be told. Who listens from there on misses nothing. */
let heard: number | null = null;

export const beginning = ask<Page<{ seq: number }>>('/v1/changes?limit=1&sort=-seq&fields=seq').then(
  ({ items }) => { heard = items[0]?.seq ?? 0; },
  () => {});

/** Calls back when something changed in what a URL of changes tells of; at most twice a second, however much changed. */
export function useChanges(url: string | null, then: () => void): void {
  const latest = useRef(then);
  latest.current = then;
  useEffect(() => {
    if (url === null) return;
    const stream = new EventSource(heard === null ? url : `${url}${url.includes('?') ? '&' : '?'}after=${heard}`);
    let timer = 0;
    const soon = () => {
      timer ||= window.setTimeout(() => {
        timer = 0;
        latest.current();
      }, 500);
    };
    if (heard === null) stream.addEventListener('open', soon);
    stream.addEventListener('change', event => {
      heard = Math.max(heard ?? 0, +event.lastEventId);
      soon();
    });
    return () => {
      clearTimeout(timer);
      stream.close();
    };
  }, [url]);
}
