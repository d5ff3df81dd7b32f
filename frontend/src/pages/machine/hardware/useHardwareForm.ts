import { useMemo, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { outcomeOf } from '../../../api/actions';
import { problemOf } from '../../../api/client';
import { isChangedMeanwhile } from '../../../api/problem';
import type { Device, Domain, PlanPart, Problem } from '../../../api/types';
import { toast } from '../../../components/Toasts';
import { usePlanned, type Planned } from '../../../dialogs/usePlanned';
import { useActs } from '../../../shell/acts';
import { t } from '../../../util/i18n';
import { callOf, useDomainChange, type Apply, type DomainChange } from '../change';
import { useUndo } from '../undo';
import { changedMembers } from './changed';
import type { AnyForm } from './forms/form';
import { usePartXml, type PartXml } from './usePartXml';
import { isOn } from './values';

export interface HardwareState {
  adding: boolean;
  /** The device that the fields are about; null while a new one is described by the form alone. */
  about: Device | null;
  value: object;
  set: (part: object) => void;
  apply: Apply;
  setApply: (apply: Apply) => void;
  xml: PartXml;
  showXml: () => Promise<void>;
  hideXml: () => Promise<void>;
  /** The call that form and XML stand for. */
  change: DomainChange;
  etag: string;
  planned: Planned;
  /** Of the plan, or of the attempt to save. */
  problem: Problem | null;
  changed: boolean;
  dirty: boolean;
  busy: boolean;
  /** Why it cannot be saved yet; null when it can. */
  blocked: string | null;
  /** What to tell while there is no plan. */
  hint: string;
  save: () => Promise<void>;
  reload: () => void;
  keepMine: () => void;
}

/** A form's values, the call that they come to, and what the server says to it. */
export function useHardwareForm(domain: Domain, form: AnyForm, device: Device | null, onDone: () => void): HardwareState {
  const cache = useQueryClient();
  const { announce } = useActs();
  const send = useDomainChange(domain);
  const undo = useUndo();
  const [etag, setEtag] = useState(domain.etag);
  const [from, setFrom] = useState<object>(() => form.start(domain, device) as object);
  const [value, setValue] = useState<object>(from);
  const [apply, setApply] = useState<Apply>('both');
  /** A new device as its XML has it, once that was written by hand. */
  const [drafted, setDrafted] = useState<Device | null>(null);
  const about = device ?? drafted;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);

  const on = isOn(domain);
  const adding = form.adds && !device;
  const own = useMemo(() => changeOf(form, about, from, value, on ? apply : undefined), [form, about, from, value, on, apply]);
  const xml = usePartXml(domain, form, device, own, etag);
  const { change } = xml;
  const nothing = !adding && !xml.written && Object.keys(own.body as object).length === 0;
  const missing = xml.text === null ? (form.missing?.(value, about) ?? null) : null;
  const planned = usePlanned(nothing || missing ? null : callOf(domain, change, etag));
  const problem = ownPointers(failure ? problemOf(failure) : planned.problem);
  const changed = !busy && (isChangedMeanwhile(problem) || etag !== domain.etag);
  const waits = problem ? (problem.errors?.[0]?.detail ?? problem.detail) : planned.settled ? null : t('Asking what it would do …');

  const save = async () => {
    setBusy(true);
    try {
      const answer = await send(change, etag);
      const { job } = outcomeOf(cache, answer.status, answer.data);
      const title = `${domain.name}: ${device?.title ?? form.title()}`;
      if (job) announce(job, title);
      else toast.success(adding ? t('{{title}} added', { title }) : t('{{title}} changed', { title }), undefined, undo(answer.data));
      onDone();
    } catch (error) {
      setFailure(error);
      setBusy(false);
    }
  };
  const start = (fresh: object) => {
    setFrom(fresh);
    setValue(fresh);
  };
  const attempt = async (act: Promise<void>) => {
    setFailure(null);
    await act.catch(setFailure);
  };
  return {
    adding,
    about,
    value,
    xml: {
      ...xml,
      type: (text) => {
        xml.type(text);
        setFailure(null);
      },
    },
    showXml: () => attempt(xml.show()),
    hideXml: () =>
      attempt(
        xml.hide((part) => {
          if (adding) setDrafted(draftOf(part));
          const fresh = startOf(form, domain, adding ? draftOf(part) : device, part);
          start(fresh);
          if (!adding) setValue({ ...fresh, ...unsaid(from, value) });
        }),
      ),
    set: (part) => {
      setValue((old) => ({ ...old, ...part }));
      setFailure(null);
    },
    apply,
    setApply: (next) => {
      setApply(next);
      setFailure(null);
    },
    change,
    etag,
    planned,
    problem: changed ? null : problem,
    changed,
    dirty: !busy && (xml.written || JSON.stringify(value) !== JSON.stringify(from)),
    busy,
    blocked: busy ? t('It is being saved.') : changed ? t('Say above what is to become of your input.') : (missing ?? (nothing ? t('Nothing is changed yet.') : waits)),
    hint: missing ?? (nothing ? t('Nothing is changed yet.') : t('Asking what it would do …')),
    save,
    reload: () => {
      start(form.start(domain, device ? (domain.devices.find(({ id }) => id === device.id) ?? device) : null) as object);
      xml.forget();
      setDrafted(null);
      setEtag(domain.etag);
      setFailure(null);
    },
    keepMine: () => {
      setEtag(domain.etag);
      setFailure(null);
    },
  };
}

function changeOf(form: AnyForm, device: Device | null, from: object, value: object, apply: Apply | undefined): DomainChange {
  const body = form.body(value, device);
  if (form.adds && !device) return { method: 'POST', path: '/devices', body, apply };
  const changes = (form.changes ?? changedMembers)(form.body(from, device), body);
  return { method: 'PATCH', path: device ? `/devices/${encodeURIComponent(device.id)}` : '', body: changes, apply };
}

/** What was asked for in the form and no XML says, so that it does not come back from there. */
function unsaid(from: object, value: object): object {
  const changes = changedMembers(from as Record<string, unknown>, value as Record<string, unknown>);
  return Object.fromEntries(Object.entries(changes).filter(([name]) => ['size_mib', 'password', 'force'].includes(name)));
}

/** What a form takes for a device that was written as XML and is not added yet. */
const draftOf = ({ value }: PlanPart): Device => ({ id: '', title: '', type: String(value['type']), saved: value as Device['saved'], running: null }) as Device;

/** The form's values for a part as its XML describes it. */
function startOf(form: AnyForm, domain: Domain, device: Device | null, { value }: PlanPart): object {
  if (!device) return form.start({ ...domain, ...value, pending: [] }, null) as object;
  return form.start(domain, { ...device, saved: value as Device['saved'], running: null }) as object;
}

/** Where XML and form are sent together, the form's part stands below `change` or `form`; the fields know it without. */
function ownPointers(problem: Problem | null): Problem | null {
  if (!problem?.errors) return problem;
  return { ...problem, errors: problem.errors.map((error) => ({ ...error, pointer: error.pointer.replace(/^\/(change|form)\//, '/') })) };
}
