import { Button, Checkbox } from '@patternfly/react-core';
import { AngleDownIcon, AngleUpIcon, GripVerticalIcon } from '@patternfly/react-icons';
import { useState, type KeyboardEvent } from 'react';
import type { Domain } from '../../../api/types';
import { t } from '../../../util/i18n';
import type { ControlProps } from '../hardware/forms/FormFields';
import { moved } from './moved';

const BOOTABLE = ['disk', 'interface', 'hostdev', 'redirdev'];

/** The order in which devices are tried, over all that can boot; the value holds the ids of those that are tried. */
export function OrderField({ domain, field, value, error, when, onChange }: ControlProps & { domain: Domain }) {
  const able = domain.devices.filter((device) => device.saved && BOOTABLE.includes(device.type)).map(({ id }) => id);
  const tried = (value as string[]).filter((id) => able.includes(id));
  const [all, setAll] = useState(() => [...tried, ...able.filter((id) => !tried.includes(id))]);
  const [said, setSaid] = useState('');
  const [dragged, setDragged] = useState<number | null>(null);
  const put = (next: string[], on: string[] = tried) => {
    setAll(next);
    onChange(next.filter((id) => on.includes(id)));
  };
  const move = (from: number, to: number) => {
    put(moved(all, from, to));
    if (to >= 0 && to < all.length) setSaid(t('{{device}} is now number {{place}} of {{total}}.', { device: titleOf(domain, all[from] ?? ''), place: to + 1, total: all.length }));
  };
  const keys = (at: number) => (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(at, at + step);
  };
  return (
    <fieldset className="qd-group qd-order">
      <legend>{field.title}</legend>
      <p className={error ? 'qd-field-error' : 'qd-dim'}>
        {[error ?? t('The devices that are ticked are tried from top to bottom. Drag them, or use the buttons, on which the arrow keys work too.'), when].filter(Boolean).join(' · ')}
      </p>
      <ol aria-label={t('Boot order')}>
        {all.map((id, at) => (
          <li
            key={id}
            draggable
            className={dragged === at ? 'qd-dragged' : ''}
            onDragStart={() => setDragged(at)}
            onDragOver={(event) => {
              event.preventDefault();
              if (dragged !== null && dragged !== at) {
                put(moved(all, dragged, at));
                setDragged(at);
              }
            }}
            onDragEnd={() => setDragged(null)}
          >
            <GripVerticalIcon aria-hidden className="qd-dim" />
            <Checkbox
              id={`boot-${id}`}
              label={titleOf(domain, id)}
              isChecked={tried.includes(id)}
              onChange={(_, on) => put(all, on ? [...tried, id] : tried.filter((one) => one !== id))}
            />
            <Button variant="plain" icon={<AngleUpIcon />} isAriaDisabled={at === 0} aria-label={t('Move up: {{device}}', { device: titleOf(domain, id) })} onKeyDown={keys(at)} onClick={() => move(at, at - 1)} />
            <Button
              variant="plain"
              icon={<AngleDownIcon />}
              isAriaDisabled={at === all.length - 1}
              aria-label={t('Move down: {{device}}', { device: titleOf(domain, id) })}
              onKeyDown={keys(at)}
              onClick={() => move(at, at + 1)}
            />
          </li>
        ))}
      </ol>
      <p role="status" className="pf-v6-screen-reader">
        {said}
      </p>
    </fieldset>
  );
}

export const titleOf = (domain: Domain, id: string): string => domain.devices.find((device) => device.id === id)?.title ?? id;
