import { Card, CardBody, CardTitle, ExpandableSection } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { call, DOMAIN, problemOf } from '../../../api/client';
import type { components } from '../../../api/schema';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { RowActs } from '../../../components/RowActs';
import { toast } from '../../../components/Toasts';
import { t } from '../../../util/i18n';
import { ReviewDialog } from '../ReviewDialog';
import { useUndo } from '../undo';
import { MetadataDialog } from './MetadataDialog';

type Entry = components['schemas']['MetadataEntry'];
type Open = { edit: string | null } | { remove: Entry; etag: string } | null;

/** What other programs keep about the machine, by namespace. libvirt and the guest do nothing with it. */
export function MetadataGroup({ domain }: { domain: Domain }) {
  const { host, uuid, etag, revision } = domain;
  const [open, setOpen] = useState<Open>(null);
  const read = useQuery({
    queryKey: ['metadata', host, uuid, etag, revision],
    queryFn: ({ signal }) => call<components['schemas']['MetadataList']>('GET', `${DOMAIN}/metadata`, { path: { host, uuid }, signal }),
    placeholderData: (old) => old,
  });
  const entries = read.data?.entries ?? [];
  const reason = domain.actions['edit'] ?? (read.data ? null : t('It is being read.'));
  const close = () => setOpen(null);
  return (
    <Card component="section" aria-label={t('Metadata')} isCompact>
      <CardTitle component="h2">{t('Metadata')}</CardTitle>
      <CardBody>
        <p className="qd-dim">{t('What programs keep about the machine, each in its own namespace. Neither libvirt nor the guest looks at it.')}</p>
        {read.error ? <ProblemAlert problem={problemOf(read.error)} /> : null}
        {read.isPending ? <p className="qd-dim">{t('Reading …')}</p> : null}
        {read.data && entries.length === 0 ? <p className="qd-dim">{t('none')}</p> : null}
        <ul className="qd-devices">
          {entries.map((entry) => (
            <MetadataRow
              key={entry.namespace}
              entry={entry}
              reason={reason ?? entry.fixed}
              onEdit={() => setOpen({ edit: entry.namespace })}
              onRemove={() => setOpen({ remove: entry, etag })}
            />
          ))}
        </ul>
        <ReasonButton variant="secondary" size="sm" reason={reason} onClick={() => setOpen({ edit: null })}>
          {t('Add metadata')}
        </ReasonButton>
      </CardBody>
      {open && 'edit' in open && read.data ? <MetadataDialog domain={domain} metadata={read.data} edited={open.edit} onClose={close} /> : null}
      {open && 'remove' in open ? <Removal domain={domain} entry={open.remove} etag={open.etag} onClose={close} /> : null}
    </Card>
  );
}

function MetadataRow({ entry, reason, onEdit, onRemove }: { entry: Entry; reason: string | null; onEdit: () => void; onRemove: () => void }) {
  const { namespace, saved, running } = entry;
  const text = saved ?? running ?? '';
  const name = namespace || t('without a namespace');
  return (
    <li className="qd-device">
      <div className="qd-device-text" role="group" aria-label={name}>
        <strong>{name}</strong>
        <ExpandableSection variant="truncate" truncateMaxLines={6} toggleTextCollapsed={t('Show all of it')} toggleTextExpanded={t('Show less of it')}>
          <span className="qd-metadata">{text}</span>
        </ExpandableSection>
        {saved === null ? <div className="qd-dim">{t('In the running machine only: it is gone when that stops.')}</div> : null}
      </div>
      <RowActs
        row={name}
        acts={[
          { id: 'edit', title: t('Edit'), label: t('Edit: {{device}}', { device: name }), reason, onAct: onEdit },
          { id: 'remove', title: t('Remove'), label: t('Remove: {{device}}', { device: name }), reason, danger: true, onAct: onRemove },
        ]}
      />
    </li>
  );
}

function Removal({ domain, entry, etag, onClose }: { domain: Domain; entry: Entry; etag: string; onClose: () => void }) {
  const undo = useUndo();
  return (
    <ReviewDialog
      title={t('Remove the metadata of {{namespace}}?', { namespace: entry.namespace })}
      verb={t('Remove')}
      danger
      domain={domain}
      change={{ method: 'DELETE', path: '/metadata', query: { namespace: entry.namespace } }}
      etag={etag}
      onClose={onClose}
      onDone={(answer) => {
        toast.success(t('{{name}}: metadata removed', { name: domain.name }), undefined, undo(answer));
        onClose();
      }}
    >
      <p>{t('The program that keeps it may miss it.')}</p>
    </ReviewDialog>
  );
}
