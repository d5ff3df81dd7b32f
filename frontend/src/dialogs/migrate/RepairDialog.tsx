import { Button, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState } from 'react';
import { address, call } from '../../api/client';
import { planRepair, REPAIR, type Repair } from '../../api/migration';
import type { DomainSummary } from '../../api/types';
import { useAttempt } from '../../api/useAttempt';
import { usePlan } from '../../api/usePlan';
import { CancelButton } from '../../components/CancelButton';
import { PlanOutcome } from '../../components/PlanOutcome';
import { Dialog } from '../../components/Dialog';
import { Field } from '../../components/Field';
import { TextInput } from '../../components/inputs';
import { toast } from '../../components/Toasts';
import { t } from '../../util/i18n';
import type { Wish } from './wish';

interface Props {
  domain: DomainSummary;
  repair: Repair;
  request: Wish;
  /** It is done; the check is to be made again. */
  onDone: () => void;
  onClose: () => void;
}

/** A repair as a change of its own: first what it would do, then the deed. */
export function RepairDialog({ domain, repair, request, onDone, onClose }: Props) {
  const path = { host: domain.host, uuid: domain.uuid };
  const body = { kind: repair.kind, about: repair.about, move: request };
  const planned = usePlan(['migration-repair', path, JSON.stringify(body)], (signal) => planRepair(domain, body, signal));
  const { attempt, busy, problem: refused } = useAttempt();
  const [value, setValue] = useState('');
  const error = refused?.errors?.find(({ pointer }) => pointer === '/secret_value')?.detail;
  const apply = () =>
    attempt(async () => {
      await call('POST', REPAIR, { path, body: value ? { ...body, secret_value: value } : body });
      toast.success(t('Done: {{repair}}', { repair: repair.title }));
      onDone();
      onClose();
    });
  return (
    <Dialog variant="medium" onClose={onClose} aria-labelledby="repair-title">
      <ModalHeader title={repair.title} labelId="repair-title" description={t('Nothing has been changed yet.')} />
      <ModalBody tabIndex={0} aria-label={t('What would be done')}>
        {repair.asks_secret ? (
          <Field id="repair-secret" label={t('Passphrase')} error={error} help={t('libvirt gives it to nobody. Left empty, it is read from the files of this host, where this server may.')}>
            <TextInput id="repair-secret" type="password" autoComplete="off" value={value} onChange={(_, text) => setValue(text)} />
          </Field>
        ) : null}
        <PlanOutcome {...planned} problem={(error ? null : refused) ?? planned.problem} api={{ method: 'POST', path: address(REPAIR, { path }), body }} />
      </ModalBody>
      <ModalFooter>
        <Button onClick={() => void apply()} isLoading={busy} isDisabled={busy || !planned.plan}>
          {repair.title}
        </Button>
        <CancelButton onClick={onClose} />
      </ModalFooter>
    </Dialog>
  );
}
