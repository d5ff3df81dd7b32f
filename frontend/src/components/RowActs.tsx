import PencilIcon from '@patternfly/react-icons/dist/esm/icons/pencil-alt-icon';
import { t } from '../util/i18n';
import { PHONE, useMedia } from '../util/useMedia';
import { ReasonButton } from './DisabledReason';
import { IconButton } from './IconButton';
import { KebabMenu, type MenuAct } from './KebabMenu';

interface RowAct extends MenuAct {
  /** What a screen reader says: the act and the row. */
  label: string;
}

/** The acts of a row: in words where there is room; on a phone the first one is an icon and the rest a menu. */
export function RowActs({ row, acts }: { row: string; acts: RowAct[] }) {
  const phone = useMedia(PHONE);
  const [first, ...rest] = acts;
  if (!first) return null;
  if (!phone) {
    return (
      <div className="qd-device-acts">
        {acts.map(({ id, title, label, reason, danger, onAct }) => (
          <ReasonButton key={id} variant="link" isDanger={!!danger && !reason} reason={reason} aria-label={label} onClick={onAct}>
            {title}
          </ReasonButton>
        ))}
      </div>
    );
  }
  return (
    <div className="qd-device-acts">
      <IconButton label={first.label} icon={<PencilIcon />} reason={first.reason} onClick={first.onAct} />
      {rest.length > 0 ? <KebabMenu label={t('More: {{row}}', { row })} acts={rest} /> : null}
    </div>
  );
}
