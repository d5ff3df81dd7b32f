import { Button, DropdownGroup, DropdownItem, DropdownList, Tooltip } from '@patternfly/react-core';
import CameraIcon from '@patternfly/react-icons/dist/esm/icons/camera-icon';
import PasteIcon from '@patternfly/react-icons/dist/esm/icons/paste-icon';
import { ReasonButton } from '../components/DisabledReason';
import { saveBlob } from '../util/saveBlob';
import { t } from '../util/i18n';
import { KeysMenu } from './KeysMenu';
import type { View, VncSession } from './vnc';

interface ToolsProps {
  session: VncSession;
  name: string;
  /** Why keys cannot be sent now. */
  reason: string | null;
  open: boolean;
  onPaste: () => void;
}

export function VncTools({ session, name, reason, open, onPaste }: ToolsProps) {
  return (
    <>
      <KeysMenu key={reason ?? ''} send={session.sendKey} reason={reason} onDone={() => session.focus()} />
      <ReasonButton reason={reason} variant="plain" size="sm" icon={<PasteIcon />} aria-label={t('Type text')} onClick={onPaste}>
        <span className="qd-console-word">{t('Type text')}</span>
      </ReasonButton>
      <Tooltip content={t('Save a picture of the screen')}>
        <Button variant="plain" size="sm" icon={<CameraIcon />} aria-label={t('Save a picture of the screen')} isDisabled={!open} onClick={() => void savePicture(session, name)} />
      </Tooltip>
    </>
  );
}

async function savePicture(session: VncSession, name: string): Promise<void> {
  const blob = await session.picture();
  if (!blob) return;
  saveBlob(blob, `${name} ${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.png`);
}

interface ViewProps {
  view: View;
  onView: (view: View) => void;
  viewOnly: boolean;
  /** Why it must be view only. */
  forced: string | null;
  onViewOnly: (on: boolean) => void;
}

/** How the picture is shown, as entries of the console's menu. */
export function VncViewItems({ view, onView, viewOnly, forced, onViewOnly }: ViewProps) {
  const views: [View, string, string][] = [
    ['fit', t('Fit to the view'), t('The picture grows and shrinks')],
    ['one', t('One to one'), t('Pixel by pixel, with scroll bars')],
    ['guest', t("Change the guest's resolution"), t('Asks the guest to take the size of the view')],
  ];
  return (
    <>
      <DropdownGroup label={t('Size')}>
        <DropdownList>
          {views.map(([id, text, more]) => (
            <DropdownItem key={id} isSelected={view === id} description={more} onClick={() => onView(id)}>
              {text}
            </DropdownItem>
          ))}
        </DropdownList>
      </DropdownGroup>
      <DropdownList>
        <DropdownItem isSelected={viewOnly} isAriaDisabled={forced !== null} description={forced ?? t('Keys and mouse are not sent')} onClick={() => onViewOnly(!viewOnly)}>
          {t('Look only')}
        </DropdownItem>
      </DropdownList>
    </>
  );
}
