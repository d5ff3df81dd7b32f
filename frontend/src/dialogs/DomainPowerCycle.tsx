import { Checkbox, Form, FormGroup, FormSelectOption } from '@patternfly/react-core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { outcomeOf } from '../api/actions';
import { DOMAIN, exchange, problemOf } from '../api/client';
import { FormSelect } from '../components/inputs';
import { ConfirmDialog } from '../components/ConfirmDialog';
import { useActs } from '../shell/acts';
import { t } from '../util/i18n';
import { formatDuration } from '../util/time';
import type { ActDialogProps } from '.';
import { PlanButton } from './PlanButton';

const TEMPLATE = `${DOMAIN}/power-cycle`;
const SECONDS = [30, 60, 300, 900, 3600];

/** Shuts a machine down and starts it again, which applies what waits; goes on when the page is closed. */
export default function DomainPowerCycle({ domain, onClose }: ActDialogProps) {
  const cache = useQueryClient();
  const { announce } = useActs();
  const [seconds, setSeconds] = useState(300);
  const [force, setForce] = useState(false);
  const path = { host: domain.host, uuid: domain.uuid };
  const body = { timeout_seconds: seconds, force };
  const title = t('Shut down {{name}} and start it again', { name: domain.name });
  const run = async () => {
    const answer = await exchange<unknown>('POST', TEMPLATE, { path, body });
    const { job } = outcomeOf(cache, answer.status, answer.data);
    if (job) announce(job, title);
  };
  return (
    <ConfirmDialog
      title={`${title}?`}
      verb={t('Shut down and start again')}
      danger={force}
      variant="medium"
      onConfirm={run}
      toProblem={problemOf}
      extra={<PlanButton title={title} method="POST" template={TEMPLATE} path={path} body={body} />}
      onClose={onClose}
    >
      <p>{t('The guest is asked to shut down. When it is off it is started at once, with the new settings. This goes on when you close the page.')}</p>
      <Form className="qd-pad">
        <FormGroup label={t('Wait for the guest')} fieldId="cycle-seconds">
          <FormSelect id="cycle-seconds" value={seconds} onChange={(_, value) => setSeconds(Number(value))}>
            {SECONDS.map((value) => (
              <FormSelectOption key={value} value={value} label={formatDuration(value)} />
            ))}
          </FormSelect>
        </FormGroup>
        <Checkbox
          id="cycle-force"
          label={t('Turn it off if it does not shut down in that time')}
          description={force ? t('What the guest has not written to its disks is then lost.') : t('Else it runs on as it was, and the job says so.')}
          isChecked={force}
          onChange={(_, on) => setForce(on)}
        />
      </Form>
      <p className="qd-dim">{t('On host {{host}} · {{uuid}}', { host: domain.host, uuid: domain.uuid })}</p>
    </ConfirmDialog>
  );
}
