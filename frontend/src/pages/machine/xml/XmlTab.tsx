import { Button, ToggleGroup, ToggleGroupItem } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { call, DOMAIN, problemOf } from '../../../api/client';
import type { Domain } from '../../../api/types';
import { ReasonButton } from '../../../components/DisabledReason';
import { LoadingPage } from '../../../components/Pages';
import { ProblemAlert } from '../../../components/ProblemAlert';
import { t } from '../../../util/i18n';
import { saveBlob } from '../../../util/saveBlob';
import type { TabProps } from '../MachinePage';
import { EditXml } from './EditXml';

const XmlEditor = lazy(() => import('./XmlEditor'));

/** The definition as libvirt keeps it: to read, and to edit. */
export default function XmlTab({ domain }: TabProps) {
  const [side, setSide] = useState<'saved' | 'live'>('saved');
  const [editing, setEditing] = useState<{ text: string; etag: string } | null>(null);
  const on = domain.state !== 'shut_off' && domain.state !== 'crashed' && !domain.last_seen;
  const live = side === 'live' && on;
  const xml = useXml(domain, live);
  if (editing) return <EditXml domain={domain} text={editing.text} etag={editing.etag} onEnd={() => setEditing(null)} />;
  const text = xml.data?.xml ?? '';
  const edit = () => xml.data && setEditing({ text, etag: xml.data.etag });
  return (
    <>
      <div className="qd-bar-of-controls">
        <ToggleGroup aria-label={t('Which definition')} isCompact>
          <ToggleGroupItem text={t('Saved')} buttonId="xml-saved" isSelected={!live} onChange={() => setSide('saved')} />
          <ToggleGroupItem text={t('Running')} buttonId="xml-live" isSelected={live} isDisabled={!on} onChange={() => setSide('live')} />
        </ToggleGroup>
        <ReasonButton variant="secondary" reason={live ? t('Only the saved definition can be edited.') : domain.actions['edit']} onClick={edit} isDisabled={!xml.data}>
          {t('Edit')}
        </ReasonButton>
        <Button variant="link" isDisabled={!xml.data} onClick={() => void navigator.clipboard.writeText(text)}>
          {t('Copy')}
        </Button>
        <Button variant="link" isDisabled={!xml.data} onClick={() => saveBlob(new Blob([text], { type: 'application/xml' }), `${domain.name}.xml`)}>
          {t('Download')}
        </Button>
        <span className="qd-dim">{live ? t('What QEMU runs with now.') : domain.last_seen ? t('As it was saved when its host was last seen. Secrets are masked.') : t('What the next start uses. Secrets are masked.')}</span>
      </div>
      {xml.error ? <ProblemAlert problem={problemOf(xml.error)} /> : null}
      {xml.isPending ? <LoadingPage /> : null}
      {xml.data ? (
        <Suspense fallback={<LoadingPage />}>
          <XmlEditor key={side} readOnly text={text} label={live ? t('Running definition') : t('Saved definition')} />
        </Suspense>
      ) : null}
    </>
  );
}

interface DefinitionText {
  xml: string;
  /** Of the saved definition. */
  etag: string;
}

/** Read again whenever the machine changes; the old text stays until the new one is there. */
function useXml(domain: Domain, live: boolean) {
  const { host, uuid } = domain;
  return useQuery({
    queryKey: ['xml', host, uuid, live, live ? domain.revision : domain.etag],
    queryFn: ({ signal }) => call<DefinitionText>('GET', `${DOMAIN}/xml`, { path: { host, uuid }, query: { live: live || undefined }, signal }),
    placeholderData: (old, query) => (query?.queryKey[3] === live ? old : undefined),
    gcTime: 0,
  });
}
