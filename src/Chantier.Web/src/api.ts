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

/** Whether a failure usually passes: there is no connection, or the service is busy. */
export const isPassing = (problem: Error) => !(problem instanceof Problem) || problem.status >= 500 || problem.status === 429;

export interface Answer<T> {
  /** The last answer, which stays until the next one is there; where only asking again failed, and that may pass, beside the problem. */
  data: T | null;
  problem: Error | null;
  isLoading: boolean;
  again: () => void;
}

function useAnswerOf<T>(url: string | null, get: (url: string, signal: AbortSignal) => Promise<T>): Answer<T> {
  const [state, setState] = useState<{ url: string | null; data: T | null; problem: Error | null }>({ url: null, data: null, problem: null });
  const renew = useRef(() => {});
  useEffect(() => {
    const leaving = new AbortController();
    let [isAsking, isStale] = [false, false];
    // Who asks again while an answer is under way is answered by the one after it: cut short each time, none would ever come.
    renew.current = async () => {
      isStale = url !== null;
      if (isAsking) return;
      for (isAsking = true; isStale;) {
        isStale = false;
        const state = await get(url!, leaving.signal).then(data => ({ url, data, problem: null }), problem => ({ url, data: null, problem: problem as Error }));
        if (leaving.signal.aborted) return;
        setState(last => state.problem && isPassing(state.problem) && last.url === url ? { ...last, problem: state.problem } : state);
      }
      isAsking = false;
    };
    if (url === null) setState({ url, data: null, problem: null });
    renew.current();
    return () => leaving.abort();
  }, [url]);
  const again = useCallback(() => renew.current(), []);
  return { data: state.data, problem: state.url === url ? state.problem : null, isLoading: state.url !== url, again };
}

/** What a URL answers. The browser asks with the ETag that it has, so asking again costs little where nothing changed. */
export const useAnswer = <T>(url: string | null) => useAnswerOf<T>(url, ask);

/** All that a list has. */
export const useAll = <T>(url: string | null) => useAnswerOf<T[]>(url, askAll);

/** Two lists as one, which is there when both are. */
export function both<T>(one: Answer<T[]>, other: Answer<T[]>): Answer<T[]> {
  const again = () => {
    one.again();
    other.again();
  };
  return { data: one.data && other.data && [...one.data, ...other.data], problem: one.problem ?? other.problem, isLoading: one.isLoading || other.isLoading, again };
}

const headOfLog = async (signal?: AbortSignal) => (await ask<Page<{ seq: number }>>('/v1/changes?limit=1&sort=-seq&fields=seq', signal)).items[0]?.seq ?? 0;

/** How far the log went when what is shown was asked for last; null where that cannot be told. */
let heard: number | null = null;

export const beginning = headOfLog().then(head => { heard = head; }, () => {});

/** Until it may be tried again what was refused; not all at once, or they would be refused again. */
const pause = () => 15_000 * (0.75 + Math.random() / 2);

/** Listens from the end of the log on. What changed before, while nobody listened, is asked for once and not told one by one. */
function listen(url: string, then: () => void): () => void {
  const leaving = new AbortController();
  let stream: EventSource | null = null;
  let [soon, later] = [0, 0];
  let told = heard;
  const tell = (seq: number | null) => {
    told = seq;
    soon ||= window.setTimeout(() => {
      soon = 0;
      heard = told;
      then();
    }, 500);
  };
  const begin = async () => {
    const head = await headOfLog(leaving.signal).catch(() => null);
    if (leaving.signal.aborted) return;
    if (head !== null && head !== told) tell(head);
    stream = new EventSource(head === null ? url : `${url}${url.includes('?') ? '&' : '?'}after=${head}`);
    if (head === null) stream.addEventListener('open', () => tell(told));
    stream.addEventListener('change', event => tell(+event.lastEventId));
    stream.addEventListener('error', () => {
      // A connection that broke is made again by the browser; what was refused, as where too many listen, is not.
      if (stream?.readyState === EventSource.CLOSED) later = window.setTimeout(begin, pause());
    });
  };
  begin();
  return () => {
    leaving.abort();
    stream?.close();
    clearTimeout(soon);
    clearTimeout(later);
  };
}

/**
 * Calls back when something changed in what a URL of changes tells of; at most twice a second, however much changed. It listens only
 * while the page is seen: a browser has no more than six connections to a host, and each stream keeps one from every other tab.
 */
export function useChanges(url: string | null, then: () => void): void {
  const latest = useRef(then);
  latest.current = then;
  useEffect(() => {
    if (url === null) return;
    let stop = () => {};
    const look = () => {
      stop();
      stop = document.visibilityState === 'hidden' ? () => {} : listen(url, () => latest.current());
    };
    look();
    document.addEventListener('visibilitychange', look);
    return () => {
      document.removeEventListener('visibilitychange', look);
      stop();
    };
  }, [url]);
}
