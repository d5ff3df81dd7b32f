import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { problemOf } from '../../api/client';
import { queries } from '../../api/queries';
import type { DomainSummary, Host } from '../../api/types';
import { CancelButton } from '../../components/CancelButton';
import { Dialog } from '../../components/Dialog';
import { LoadingPage } from '../../components/Pages';
import { ProblemAlert } from '../../components/ProblemAlert';
import DomainClone from '../../dialogs/DomainClone';
import { t } from '../../util/i18n';

/** The templates of a host; the one that is picked is cloned. */
export function TemplateDialog({ host, onClose }: { host: Host; onClose: () => void }) {
  const domains = useQuery(queries.domains(host.id));
  const [picked, setPicked] = useState<DomainSummary | null>(null);
  if (picked) return <DomainClone domain={picked} onClose={onClose} />;
  const templates = domains.data?.filter((domain) => domain.template);
  return (
    <Dialog variant="small" onClose={onClose} aria-labelledby="templates-title">
      <ModalHeader title={t('Templates on {{host}}', { host: host.name })} labelId="templates-title" description={t('The new machine is a clone: in full, or linked to the disks of the template.')} />
      <ModalBody>
        {domains.isPending ? <LoadingPage /> : null}
        {domains.error ? <ProblemAlert problem={problemOf(domains.error)} /> : null}
        {templates?.length === 0 ? <p className="qd-dim">{t('There is none yet: “Make it a template” on the page of a machine makes one.')}</p> : null}
        <ul className="qd-presets" aria-label={t('Templates')}>
          {templates?.map((template) => (
            <li key={template.uuid}>
              <span>
                {template.name} <span className="qd-dim">{t('version {{number}}', { number: template.template_version ?? 1 })}</span>
              </span>
              <Button size="sm" variant="secondary" onClick={() => setPicked(template)} aria-label={t('Use {{name}}', { name: template.name })}>
                {t('Use')}
              </Button>
            </li>
          ))}
        </ul>
      </ModalBody>
      <ModalFooter>
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}
