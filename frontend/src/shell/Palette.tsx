import { Modal, ModalBody } from '@patternfly/react-core';
import { useEffect, useId, useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';
import { useRooms } from '../api/live';
import { useAllDomains, useHosts } from '../api/queries';
import { t } from '../util/i18n';
import { useActs } from './acts';
import { buildEntries, rank, type Entry } from './paletteEntries';

const SHOWN = 12;

/** Type where to go or what to do: "web1", "start web1", "jobs". What is not allowed is listed with its reason. */
export function Palette({ onClose }: { onClose: () => void }) {
  const { registry, act } = useActs();
  const hosts = useHosts();
  useRooms(hosts.filter((host) => host.state === 'connected').map((host) => `host:${host.id}`));
  const { domains } = useAllDomains(hosts);
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const entries = useMemo(() => buildEntries(domains, registry), [domains, registry]);
  const found = useMemo(() => rank(entries, text).slice(0, SHOWN), [entries, text]);

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [active]);

  const choose = (entry: Entry | undefined) => {
    if (!entry || entry.reason) return;
    onClose();
    if (entry.to) void navigate(entry.to);
    else if (entry.actionId && entry.domain) act(entry.actionId, [entry.domain]);
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      setActive((now) => (found.length === 0 ? 0 : (now + step + found.length) % found.length));
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(found[active]);
    }
  };
  return (
    <Modal isOpen variant="medium" position="top" positionOffset="10vh" onClose={onClose} aria-label={t('Search and act')} className="qd-palette">
      <ModalBody>
        <input
          role="combobox"
          aria-expanded
          aria-controls={`${id}-list`}
          aria-activedescendant={found[active] ? `${id}-${active}` : undefined}
          aria-label={t('Search and act')}
          aria-autocomplete="list"
          placeholder={t('Machine, page, or an act: start web1')}
          className="qd-palette-input"
          autoFocus
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
        <ul role="listbox" id={`${id}-list`} aria-label={t('Results')} ref={list} className="qd-palette-list">
          {found.map((entry, index) => (
            // Keys are handled by the input, which keeps the focus.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <li
              key={entry.id}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              aria-disabled={entry.reason ? true : undefined}
              onMouseMove={() => setActive(index)}
              onClick={() => choose(entry)}
            >
              <span className="qd-palette-title">{entry.title}</span>
              <span className="qd-palette-note">{entry.reason ?? entry.note}</span>
            </li>
          ))}
        </ul>
        {found.length === 0 ? <p className="qd-pad qd-dim" role="status">{t('Nothing fits.')}</p> : null}
      </ModalBody>
    </Modal>
  );
}
