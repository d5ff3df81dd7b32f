import './console.css';
import { Button, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useState } from 'react';
import { Link } from 'react-router';
import type { Domain } from '../api/types';
import { paths } from '../paths';
import { t } from '../util/i18n';
import { NoConsole } from './ConsoleCover';
import { ConsoleFrame } from './ConsoleFrame';
import type { ConsoleType } from './dial';
import { PowerMenu } from './PowerMenu';
import { SerialConsole } from './SerialConsole';
import { VncConsole } from './VncConsole';

interface Props {
  domain: Domain;
  /** Which console to begin with; the screen where there is one. */
  type?: ConsoleType;
  /** In a window of its own: links that open one are left out. */
  alone?: boolean;
  /** Only the screen, for kiosks. */
  bare?: boolean;
}

/** The consoles of a machine, with tools, as tall as what is left of the window. */
export function ConsolePanel({ domain, type, alone = false, bare = false }: Props) {
  const has = (kind: ConsoleType) => domain.consoles.includes(kind);
  const [chosen, setChosen] = useState<ConsoleType | null>(type ?? null);
  const shown = chosen ?? (has('vnc') || !has('serial') ? 'vnc' : 'serial');
  const choice = has('vnc') && has('serial') ? <Choice shown={shown} onChoose={setChosen} /> : null;
  const parts = { domain, alone, bare, choice };
  const id = `${domain.host}/${domain.uuid}`;
  if (!has(shown)) {
    return (
      <ConsoleFrame bare={bare} tools={null} menus={<PowerMenu domain={domain} />}>
        <Missing domain={domain} type={shown} onOther={setChosen} />
      </ConsoleFrame>
    );
  }
  return shown === 'vnc' ? <VncConsole key={id} {...parts} /> : <SerialConsole key={id} {...parts} />;
}

function Choice({ shown, onChoose }: { shown: ConsoleType; onChoose: (type: ConsoleType) => void }) {
  const one = (type: ConsoleType, text: string) => (
    <ToggleGroupItem text={text} buttonId={`console-${type}`} isSelected={shown === type} onChange={() => onChoose(type)} />
  );
  return (
    <ToggleGroup aria-label={t('Console')} isCompact>
      {one('vnc', t('Screen'))}
      {one('serial', t('Serial'))}
    </ToggleGroup>
  );
}

function Missing({ domain, type, onOther }: { domain: Domain; type: ConsoleType; onOther: (type: ConsoleType) => void }) {
  const other: ConsoleType = type === 'vnc' ? 'serial' : 'vnc';
  const actions = (
    <>
      <Link to={paths.machine(domain.host, domain.uuid, 'hardware')}>{t('Its hardware')}</Link>
      {domain.consoles.includes(other) ? (
        <Button variant="secondary" onClick={() => onOther(other)}>
          {type === 'vnc' ? t('Serial console') : t('Screen')}
        </Button>
      ) : null}
    </>
  );
  return type === 'vnc' ? (
    <NoConsole title={t('No screen that can be shown here')} actions={actions}>
      {t('This machine has no VNC graphics. Add a graphics device of type VNC; it is there after the next start.')}
    </NoConsole>
  ) : (
    <NoConsole title={t('No serial console')} actions={actions}>
      {t('This machine has no serial port. Add one; it is there after the next start.')}
    </NoConsole>
  );
}
