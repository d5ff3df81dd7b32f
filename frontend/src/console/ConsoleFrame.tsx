import { Button, Tooltip } from '@patternfly/react-core';
import CompressIcon from '@patternfly/react-icons/dist/esm/icons/compress-icon';
import ExpandIcon from '@patternfly/react-icons/dist/esm/icons/expand-icon';
import { useRef, useState, type ReactNode } from 'react';
import { t } from '../util/i18n';
import { useFullScreen } from './useFullScreen';
import { useWayOut, WAY_OUT } from './useWayOut';

interface Props {
  /** Tools of this kind of console, at the left. */
  tools: ReactNode;
  /** Menus that every console has, at the right. */
  menus: ReactNode;
  /** Under the bar: what to know about the machine now. */
  notice?: ReactNode;
  /** Only the screen, no bar. */
  bare?: boolean;
  children: ReactNode;
}

/** Bar above, screen below. In full screen the bar hides above the edge, from where pointer, touch and keyboard fetch it. */
export function ConsoleFrame({ tools, menus, notice, bare, children }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const bar = useRef<HTMLDivElement>(null);
  const [full, setFull] = useFullScreen();
  const [shown, setShown] = useState(false);
  useWayOut(root, () => {
    const first = bar.current?.querySelector<HTMLElement>('button, a[href]');
    if (first) first.focus();
    else (document.activeElement as HTMLElement | null)?.blur();
  });
  const toggle = () => {
    setShown(false);
    setFull(!full);
  };
  const name = full ? t('Leave full screen') : t('Full screen');
  return (
    <div ref={root} className={`qd-console${full ? ' qd-console-full' : ''}`}>
      {bare ? null : (
        <div ref={bar} className={`qd-console-bar${shown ? ' qd-console-bar-shown' : ''}`} role="toolbar" aria-label={t('Console tools')}>
          <div className="qd-console-tools">{tools}</div>
          <div className="qd-console-tools">
            {menus}
            <Tooltip content={name}>
              <Button variant="plain" size="sm" aria-label={name} icon={full ? <CompressIcon /> : <ExpandIcon />} onClick={toggle} />
            </Tooltip>
          </div>
          {full ? (
            <button type="button" className="qd-console-grip" aria-expanded={shown} aria-label={t('Console tools')} onClick={() => setShown(!shown)} />
          ) : null}
        </div>
      )}
      {bare ? null : notice}
      <div className="qd-console-stage">{children}</div>
      {bare || full ? null : (
        <p className="qd-console-hint qd-dim">{t('Click into the screen, or press Enter on it, to type. {{keys}} (left, together) gives the keyboard back.', { keys: WAY_OUT })}</p>
      )}
    </div>
  );
}
