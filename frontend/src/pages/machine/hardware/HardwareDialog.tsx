import { Button, ExpandableSection, Form, ModalBody, ModalFooter, ModalHeader } from '@patternfly/react-core';
import { useState, type ComponentProps, type FormEvent } from 'react';
import { address } from '../../../api/client';
import { fieldError } from '../../../api/problem';
import type { Device, Domain } from '../../../api/types';
import { CancelButton } from '../../../components/CancelButton';
import { Dialog } from '../../../components/Dialog';
import { ReasonButton } from '../../../components/DisabledReason';
import { ShowMe } from '../../../components/ShowMe';
import { t } from '../../../util/i18n';
import { useStored } from '../../../util/useStored';
import { callOf } from '../change';
import { useLeaveGuard } from '../useLeaveGuard';
import { ApplyChoice } from './ApplyChoice';
import { Consequences } from './Consequences';
import type { AnyForm } from './forms/form';
import { PartEditor, SideChoice } from './PartEditor';
import { useHardwareForm } from './useHardwareForm';
import { isUnder } from '../../../api/problem';
import { isOn } from './values';

interface Props {
  domain: Domain;
  form: AnyForm;
  /** The device that is changed; null adds one, or changes the machine itself. */
  device: Device | null;
  onClose: () => void;
  /** While adding: back to the list of kinds. */
  onBack?: () => void;
}

/** The frame of every form of hardware: fields, what the change would do and when, and the button. */
export function HardwareDialog({ domain, form, device, onClose, onBack }: Props) {
  const state = useHardwareForm(domain, form, device, onClose);
  const [showMe, setShowMe] = useState(false);
  const guard = useLeaveGuard(state.dirty);
  const fields = {
    domain,
    device: state.about,
    value: state.value,
    set: state.set,
    error: (pointer: string) => fieldError(state.problem, pointer),
  };
  const title = device ? device.title : onBack ? t('Add: {{title}}', { title: form.title() }) : form.title();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!state.blocked) void state.save();
  };
  const { template, ...call } = callOf(domain, state.change, state.etag);
  return (
    <Dialog variant="medium" position="top" onClose={onClose} aria-labelledby="hardware-title">
      <ModalHeader title={title} labelId="hardware-title" description={domain.name} help={<SideChoice state={state} />} />
      <ModalBody tabIndex={0} aria-label={t('Settings')}>
        <Form id="hardware-form" onSubmit={submit} noValidate>
          {state.xml.text === null ? <FormSide form={form} fields={fields} wrong={(state.problem?.errors ?? []).map((error) => error.pointer)} /> : <PartEditor state={state} title={title} />}
          {isOn(domain) && domain.persistent ? (
            <ApplyChoice apply={state.apply} onChange={state.setApply} noLive={state.xml.written && !!device} />
          ) : null}
        </Form>
      </ModalBody>
      <ModalFooter>
        <Consequences state={state} form={form} domain={domain} />
        <ReasonButton type="submit" form="hardware-form" reason={state.blocked} isLoading={state.busy}>
          {device || !form.adds ? t('Save') : t('Add')}
        </ReasonButton>
        <ReasonButton variant="secondary" reason={state.planned.plan ? null : state.blocked} onClick={() => setShowMe(true)}>
          {t('Show me')}
        </ReasonButton>
        {onBack ? (
          <Button variant="link" onClick={onBack}>
            {t('Other hardware')}
          </Button>
        ) : null}
        <CancelButton onClick={onClose} />
      </ModalFooter>
      {showMe ? <ShowMe title={title} plan={state.planned.plan} problem={state.problem} api={{ ...call, path: address(template, call) }} onClose={() => setShowMe(false)} /> : null}
      {guard}
    </Dialog>
  );
}

/** The fields: simple ones first, the rest folded. */
function FormSide({ form: { Basic, Advanced, folded = [] }, fields, wrong }: { form: AnyForm; fields: ComponentProps<AnyForm['Basic']>; wrong: string[] }) {
  const [chosen, setAdvanced] = useStored('hardware-advanced', false);
  // What is wrong is never folded away.
  const advanced = chosen || isUnder(wrong, folded);
  return (
    <>
      <div className="qd-fields">
        <Basic {...fields} />
      </div>
      {Advanced ? (
        <ExpandableSection
          isExpanded={advanced}
          isIndented
          onToggle={(_, open) => setAdvanced(open)}
          toggleText={advanced ? t('Fewer settings') : t('More settings')}
        >
          <div className="qd-fields">
            <Advanced {...fields} />
          </div>
        </ExpandableSection>
      ) : null}
    </>
  );
}
