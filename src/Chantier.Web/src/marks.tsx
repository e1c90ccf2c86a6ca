import { useEffect, useRef, useState } from 'preact/hooks';
import type { Entry } from './course';

const pen = document.createElement('canvas').getContext('2d');

/** How wide a text is drawn. */
export function widthOf(text: string, font: string): number {
  if (!pen) return text.length * 7;
  pen.font = `${font} system-ui, sans-serif`;
  return pen.measureText(text).width;
}

export function useWidth() {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)));
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  return { box, width };
}

/**
 * The entry of a drawing that is told of beside it. Pointing at one or reaching it by keyboard tells of it; a click or Enter holds
 * it, so that what it rests on can be reached past the others, until it is let go or drawn no longer.
 */
export function useChosen(entries: Entry[]) {
  const [id, setId] = useState<number | null>(null);
  const [wantsHeld, setHeld] = useState(false);
  const chosen = entries.find(entry => entry.event.id === id) ?? null;
  const isHeld = wantsHeld && chosen !== null;
  const detail = useRef<HTMLDivElement>(null);
  const mark = useRef<SVGGElement | null>(null);
  const look = (entry: Entry) => {
    if (isHeld) return;
    setHeld(false);
    setId(entry.event.id);
  };
  const hold = (entry: Entry, from: SVGGElement) => {
    mark.current = from;
    setId(entry.event.id);
    setHeld(true);
  };
  const letGo = () => {
    if (!isHeld) return;
    setHeld(false);
    mark.current?.focus();
  };
  const handlers = (entry: Entry) => ({
    onMouseEnter: () => look(entry),
    onFocus: () => look(entry),
    onClick: (event: MouseEvent) => hold(entry, event.currentTarget as SVGGElement),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'Escape') letGo();
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      hold(entry, event.currentTarget as SVGGElement);
      detail.current?.focus();
    },
  });
  return { chosen, isHeld, detail, letGo, handlers };
}
