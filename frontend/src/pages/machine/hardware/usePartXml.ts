import { useState } from 'react';
import type { Device, Domain, PlanPart } from '../../../api/types';
import { t } from '../../../util/i18n';
import { planOf, type DomainChange } from '../change';
import type { AnyForm } from './forms/form';

/** Of a new device: what it makes and keeps is sent beside its XML. */
const BESIDE = ['size_gib', 'password', 'passphrase'];
/** Of a device that is there: what the form asks for and no XML says. */
const UNSAID = ['size_gib', 'password', 'force'];

export interface PartXml {
  /** What the editor shows; null while the form is shown. */
  text: string | null;
  type: (text: string) => void;
  /** Why there is no XML to show; null where there is. */
  reason: string | null;
  /** Whether something was written by hand. */
  written: boolean;
  /** The change that text and form come to together: the form's own as long as nothing was written by hand. */
  change: DomainChange;
  /** Shows the XML with what the form changes. */
  show: () => Promise<void>;
  /** Goes back to the form; where the text was changed, its values are given to `take`. */
  hide: (take: (part: PlanPart) => void) => Promise<void>;
  forget: () => void;
}

/** The XML of what a form is about, beside the form; `own` is what the form adds, or changes. */
export function usePartXml(domain: Domain, form: AnyForm, device: Device | null, own: DomainChange, etag: string): PartXml {
  const [shown, setShown] = useState<{ made: string; now: string } | null>(null);
  /** The text that the form's values were last read from; null while that is what is saved. */
  const [base, setBase] = useState<string | null>(null);
  /** What the form of a new device asked for when the text was made from it. */
  const [origin, setOrigin] = useState<Record<string, unknown> | null>(null);
  const adding = form.adds && !device;
  const path = partPath(form, device);
  const typed = shown !== null && shown.now !== shown.made;
  const body = own.body as Record<string, unknown>;
  const put = (xml: string | null, change: Record<string, unknown>): DomainChange => ({
    method: adding ? 'POST' : 'PUT',
    path: path ?? '',
    apply: own.apply === 'live' && !adding ? 'both' : own.apply,
    body: { ...(xml === null ? {} : { xml }), ...(origin ? { form: origin } : {}), ...(Object.keys(change).length > 0 ? { change } : {}) },
  });
  const partOf = async (change: DomainChange) => (await planOf(domain, change, etag)).part;
  return {
    text: shown?.now ?? null,
    type: (now) => setShown((old) => (old ? { ...old, now } : old)),
    reason: adding ? null : reasonOf(domain, device, path),
    written: typed || base !== null,
    change: typed ? put(shown.now, adding ? {} : unsaid(body)) : base !== null ? put(base, body) : own,
    show: async () => {
      const first = adding && base === null;
      const part = await partOf(first ? own : put(base, body));
      if (first) setOrigin(BESIDE.some((name) => name in body) ? body : null);
      if (part) setShown({ made: part.xml, now: part.xml });
    },
    hide: async (take) => {
      if (typed) {
        const part = await partOf(put(shown.now, {}));
        if (!part) return;
        take(part);
        setBase(shown.now);
      }
      setShown(null);
    },
    forget: () => {
      setShown(null);
      setBase(null);
      setOrigin(null);
    },
  };
}

const unsaid = (body: Record<string, unknown>) => Object.fromEntries(Object.entries(body).filter(([name]) => UNSAID.includes(name)));

function partPath(form: AnyForm, device: Device | null): string | null {
  if (device) return `/devices/${encodeURIComponent(device.id)}/xml`;
  if (form.adds) return '/devices/xml';
  return form.section ? `/settings/${form.section}/xml` : null;
}

function reasonOf(domain: Domain, device: Device | null, path: string | null): string | null {
  if (path === null) return t('It has no XML of its own yet.');
  if (!domain.persistent) return t('The machine is temporary: it has no saved definition.');
  if (device && !device.saved) return t('It is gone at the next start.');
  return null;
}
