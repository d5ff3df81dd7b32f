import { Button, Checkbox } from '@patternfly/react-core';
import { AngleDownIcon, AngleUpIcon, GripVerticalIcon } from '@patternfly/react-icons';
import { useState, type KeyboardEvent } from 'react';
import type { Domain } from '../../../api/types';
import { t } from '../../../util/i18n';
import type { FieldsProps, HardwareForm } from '../hardware/forms/form';
import { moved } from './moved';

interface BootForm {
  /** Ids of all devices that can boot, first one first. */
  all: string[];
  /** Those that are tried. */
  tried: string[];
}

const BOOTABLE = ['disk', 'interface', 'hostdev', 'redirdev'];

/** The order in which devices are tried, over all that can boot. */
export const bootOrder: HardwareForm<BootForm> = {
  id: 'boot-order',
  title: () => t('Boot order'),
  adds: false,
  start: (domain) => {
    const able = domain.devices.filter((device) => device.saved && BOOTABLE.includes(device.type)).map(({ id }) => id);
    const tried = domain.boot.order.filter((id) => able.includes(id));
    return { all: [...tried, ...able.filter((id) => !tried.includes(id))], tried };
  },
  body: (value) => ({ boot: { order: value.all.filter((id) => value.tried.includes(id)) } }),
  pointers: ['/boot/order'],
  Basic: OrderFields,
};

function OrderFields({ domain, value, set, error }: FieldsProps<BootForm>) {
  const [said, setSaid] = useState('');
  const [dragged, setDragged] = useState<number | null>(null);
  const { all, tried } = value;
  const move = (from: number, to: number) => {
    set({ all: moved(all, from, to) });
    if (to >= 0 && to < all.length) setSaid(t('{{device}} is now number {{place}} of {{total}}.', { device: titleOf(domain, all[from] ?? ''), place: to + 1, total: all.length }));
  };
  const keys = (at: number) => (event: KeyboardEvent) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    move(at, at + step);
  };
  return (
    <div className="qd-order">
      <p className="qd-dim">{t('The devices that are ticked are tried from top to bottom. Drag them, or use the buttons, on which the arrow keys work too.')}</p>
      {error('/boot/order') ? <p className="qd-field-error">{error('/boot/order')}</p> : null}
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
                set({ all: moved(all, dragged, at) });
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
              onChange={(_, on) => set({ tried: on ? [...tried, id] : tried.filter((one) => one !== id) })}
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
    </div>
  );
}

export const titleOf = (domain: Domain, id: string): string => domain.devices.find((device) => device.id === id)?.title ?? id;
