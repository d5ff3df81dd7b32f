import { useEffect, useRef, useState } from 'react';
import { callBlob, DOMAIN } from '../api/client';
import type { DomainSummary } from '../api/types';
import { t } from '../util/i18n';

const EVERY_MS = 6000;

interface Props {
  domain: DomainSummary;
  /** What stands there when it has none. */
  off: React.ReactNode;
  /** What stands there until that is known; the same if nothing is said. */
  waiting?: React.ReactNode;
}

/** The machine's screen as a small picture, renewed while it is in view and the page is visible. */
export function Thumbnail({ domain, off, waiting = off }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [inView, setInView] = useState(false);
  const on = domain.actions['screenshot'] === null;
  const { url, asked } = useScreenshot(domain.host, domain.uuid, on && inView);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new IntersectionObserver(([entry]) => setInView(entry?.isIntersecting ?? false), { rootMargin: '100px' });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return (
    <div className="qd-thumb" ref={box}>
      {on && url ? <img src={url} alt={t('Screen of {{name}}', { name: domain.name })} draggable={false} /> : on && !asked ? waiting : off}
    </div>
  );
}

function useScreenshot(host: string, uuid: string, active: boolean): { url: string | null; asked: boolean } {
  const [url, setUrl] = useState<string | null>(null);
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!active) return;
    const stop = new AbortController();
    let last: string | null = null;
    const load = async () => {
      if (document.hidden) return;
      try {
        const blob = await callBlob(`${DOMAIN}/screenshot`, { path: { host, uuid }, signal: stop.signal, background: true });
        const next = URL.createObjectURL(blob);
        if (last) URL.revokeObjectURL(last);
        last = next;
        setUrl(next);
      } catch {
        // No picture is no news: the tile says the state in words.
      }
      if (!stop.signal.aborted) setAsked(true);
    };
    void load();
    const timer = setInterval(() => void load(), EVERY_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
      if (last) URL.revokeObjectURL(last);
      setUrl(null);
    };
  }, [host, uuid, active]);
  return { url, asked };
}
