import { Button, Form, FormGroup, FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';
import { lazy, Suspense, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useCan } from '../api/session';
import type { Device, Domain, DomainSummary } from '../api/types';
import { TextInput } from '../components/inputs';
import { ReasonButton } from '../components/DisabledReason';
import { useActs } from '../shell/acts';
import { t } from '../util/i18n';
import { useStored } from '../util/useStored';
import { ConsoleCover } from './ConsoleCover';
import { ConsoleFrame } from './ConsoleFrame';
import { MediumItems } from './MediumItems';
import { MoreMenu } from './MoreMenu';
import { PasteDialog } from './PasteDialog';
import { PowerMenu } from './PowerMenu';
import { useLine } from './useLine';
import { VncScreen } from './VncScreen';
import { VncTools, VncViewItems } from './VncTools';
import { VncSession, type View } from './vnc';

const DeviceDialog = lazy(async () => ({ default: (await import('../pages/machine/hardware/DeviceDialog')).DeviceDialog }));

export interface ConsoleProps {
  domain: Domain;
  /** The console stands in a window of its own. */
  alone: boolean;
  /** Only the screen. */
  bare: boolean;
  /** Choice between the machine's consoles, shown first in the bar. */
  choice: ReactNode;
}

/** The graphical console with its tools. Give it a key per machine. */
export function VncConsole({ domain, alone, bare, choice }: ConsoleProps) {
  const [session] = useState(() => new VncSession(domain));
  const line = useLine(session.line, domain);
  const told = useSyncExternalStore(session.on, session.get);
  const [view, setView] = useStored<View>('console-view', 'fit');
  const [looking, setLooking] = useState(false);
  const [pasting, setPasting] = useState(false);
  const [drive, setDrive] = useState<Device | null>(null);
  const mayUse = useCan('console:use');
  const forced = mayUse ? null : t('Your role may look at consoles, not use them.');
  const open = line.kind === 'open';
  const viewOnly = looking || !mayUse;
  const reason = forced ?? (looking ? t('Look only is on.') : open ? null : t('There is no connection to the screen now.'));
  return (
    <ConsoleFrame
      bare={bare}
      tools={
        <>
          {choice}
          <VncTools session={session} name={domain.name} reason={reason} open={open} onPaste={() => setPasting(true)} />
        </>
      }
      menus={
        <>
          <PowerMenu domain={domain} />
          <MoreMenu domain={domain} type="vnc" alone={alone}>
            <VncViewItems view={view} onView={setView} viewOnly={viewOnly} forced={forced} onViewOnly={setLooking} />
            <MediumItems domain={domain} onChange={setDrive} />
          </MoreMenu>
        </>
      }
      notice={<PausedNotice domain={domain} />}
    >
      <VncScreen session={session} name={domain.name} view={view} viewOnly={viewOnly} />
      {told.asksPassword ? (
        <PasswordCover wrong={told.passwordWrong} onPassword={(password) => session.givePassword(password)} />
      ) : (
        <ConsoleCover domain={domain} line={session.line} state={line} />
      )}
      {pasting ? (
        <PasteDialog send={session.sendKey} give={(text) => session.sendClipboard(text)} guestText={told.guestClipboard} onClose={() => setPasting(false)} />
      ) : null}
      {drive ? (
        <Suspense fallback={null}>
          <DeviceDialog domain={domain} device={drive} onClose={() => setDrive(null)} />
        </Suspense>
      ) : null}
    </ConsoleFrame>
  );
}

function PausedNotice({ domain }: { domain: DomainSummary }) {
  const { act } = useActs();
  if (domain.state !== 'paused') return null;
  return (
    <p className="qd-console-notice" role="status">
      <span>{t('The picture stands still: {{reason}}.', { reason: domain.reason_text || t('it is paused') })}</span>
      <ReasonButton reason={domain.actions['resume']} variant="link" isInline onClick={() => act('resume', [domain])}>
        {t('Resume')}
      </ReasonButton>
    </p>
  );
}

function PasswordCover({ wrong, onPassword }: { wrong: boolean; onPassword: (password: string) => void }) {
  const [password, setPassword] = useState('');
  return (
    <div className="qd-console-cover">
      <Form
        onSubmit={(event) => {
          event.preventDefault();
          onPassword(password);
        }}
      >
        <FormGroup label={t('Password of this screen')} fieldId="vnc-password">
          <TextInput id="vnc-password" type="password" autoComplete="off" value={password} onChange={(_, value) => setPassword(value)} autoFocus />
          {wrong ? (
            <FormHelperText>
              <HelperText>
                <HelperTextItem variant="error">{t('That was not the password.')}</HelperTextItem>
              </HelperText>
            </FormHelperText>
          ) : null}
        </FormGroup>
        <Button type="submit">{t('Connect')}</Button>
      </Form>
    </div>
  );
}
