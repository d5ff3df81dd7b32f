import { Label } from '@patternfly/react-core';
import { Link } from 'react-router';
import type { AuditEntry } from '../api/types';
import { paths } from '../paths';
import { t } from '../util/i18n';

/** How an entry of the log ended. */
export function EntryResult({ entry }: { entry: AuditEntry }) {
  return (
    <Label isCompact color={entry.result === 'ok' ? 'green' : 'red'}>
      {entry.result === 'ok' ? t('Done') : entry.result.replaceAll('-', ' ')}
    </Label>
  );
}

/** Which part of its target an entry was about, what went wrong, and its job, a press away. */
export function EntryDetail({ entry }: { entry: AuditEntry }) {
  const [, said = '', job] = /^(.*?)(?:(?:^|, )job ([0-9a-f]{8,}))?$/s.exec(entry.detail ?? '') ?? [];
  return (
    <>
      {said}
      {said && job ? ' ' : null}
      {job ? <Link to={paths.job(job)}>{t('its job')}</Link> : null}
    </>
  );
}
