import { Checkbox } from '@patternfly/react-core';
import { t } from '../../../util/i18n';
import type { Special } from '../hardware/forms/declared';
import { ChoiceField } from '../hardware/forms/ChoiceField';
import { PlainField, type ControlProps, type Controls } from '../hardware/forms/FormFields';
import { startOf, type Values } from '../hardware/forms/values';
import { savedOf } from '../hardware/values';

const PARTS = ['sockets', 'dies', 'clusters', 'cores', 'threads'] as const;

const whole = (text: unknown): number => (/^\d+$/.test(String(text).trim()) ? Number(text) : 0);

/** The topology that the form holds; null where none is set. */
const shapeOf = (values: Values): Values | null => ((values['cpu'] as Values)['topology'] as Values | null) ?? null;

/** The numbers that count: clusters are left out where nobody asks for them. */
const partsOf = (topology: Values): number[] => PARTS.filter((part) => part !== 'clusters' || topology[part]).map((part) => whole(topology[part]));

const product = (topology: Values): number => partsOf(topology).reduce((all, count) => all * count, 1);

/** How many vCPUs the form comes to: a topology says it by itself. */
const mostOf = (values: Values): number => {
  const shape = shapeOf(values);
  return shape ? product(shape) : whole(values['vcpus_max']);
};

/** Their number as saved, and a topology only where one is set: its product is the maximum. */
export const processors: Special = {
  start: (_, domain, declared) => {
    const most = savedOf(domain, 'vcpus_max', domain.vcpus_max);
    return {
      vcpus: String(savedOf(domain, 'vcpus', domain.vcpus) ?? most),
      vcpus_max: String(most),
      cpu: { ...(declared['cpu'] as Values), topology: domain.cpu.topology ? (declared['cpu'] as Values)['topology'] : null },
    };
  },
  body: (values) => (shapeOf(values) ? { vcpus_max: mostOf(values) || null } : {}),
  faults: (values) =>
    whole(values['vcpus']) > mostOf(values) && mostOf(values) > 0 ? [['/vcpus', t('There cannot be more vCPUs than their maximum ({{most}}).', { most: mostOf(values) })]] : [],
};

export const processorControls: Controls = {
  '/vcpus': (props) => <CountField {...props} />,
  '/vcpus_max': (props) => <MostField {...props} />,
  '/cpu/mode': (props) => <ModeField {...props} />,
  '/cpu/model': (props) => <ModelField {...props} />,
  '/cpu/check': (props) => <CheckField {...props} />,
  '/cpu/topology': (props) => <TopologyField {...props} />,
};

/** Who raises the number beyond the maximum most likely wants both. */
function CountField(props: ControlProps) {
  const { values, set } = props;
  const raise = (vcpus: unknown) => !shapeOf(values) && whole(vcpus) > whole(values['vcpus_max']);
  return <PlainField {...props} onChange={(vcpus) => set({ vcpus, ...(raise(vcpus) ? { vcpus_max: vcpus } : {}) })} />;
}

function MostField(props: ControlProps) {
  const shape = shapeOf(props.values);
  if (!shape) return <PlainField {...props} />;
  return <PlainField {...props} value={String(product(shape))} isDisabled field={{ ...props.field, reason: t('It follows from the topology.') }} />;
}

function ModeField({ id, field, value, error, when, onChange }: ControlProps) {
  const texts: Record<string, string> = {
    'host-passthrough': t('as the host (host-passthrough)'),
    'host-model': t('like the host, movable (host-model)'),
    maximum: t('all that QEMU can (maximum)'),
    custom: t('a named model (custom)'),
  };
  return (
    <ChoiceField
      id={id}
      label={t('CPU model')}
      help={field.help}
      info={when}
      error={error}
      value={value as string | null}
      empty={t('libvirt decides')}
      choices={field.choices.map(({ value: mode, reason }) => ({ value: mode, label: [texts[mode] ?? mode, reason].filter(Boolean).join(': '), disabled: reason !== null }))}
      onChange={(mode) => onChange(mode ?? '')}
    />
  );
}

/** https://libvirt.org/formatdomain.html#cpu-model-and-topology: what `check` compares, and who does it. */
function CheckField({ id, field, value, error, when, onChange }: ControlProps) {
  const texts: Record<string, string> = {
    none: t('nothing (none)'),
    partial: t('that the host has it all (partial)'),
    full: t('that QEMU gives just that (full)'),
  };
  return (
    <ChoiceField
      id={id}
      label={field.title}
      help={field.help}
      info={when}
      error={error}
      value={value as string | null}
      empty={t('libvirt decides')}
      choices={field.choices.map(({ value: check }) => ({ value: check, label: texts[check] ?? check }))}
      onChange={(check) => onChange(check ?? '')}
    />
  );
}

const MITIGATIONS = ['spec-ctrl', 'ssbd', 'md-clear', 'ibpb', 'virt-ssbd'];

/** A named model leaves out what its time did not know yet; the other modes take it from the host by themselves. */
function ModelField(props: ControlProps) {
  const { id, values, set } = props;
  const flags = (values['features'] ?? []) as Values[];
  const missing = MITIGATIONS.filter((name) => !flags.some((flag) => flag['name'] === name));
  const others = flags.filter((flag) => !(MITIGATIONS.includes(String(flag['name'])) && flag['policy'] === 'optional'));
  return (
    <>
      <PlainField {...props} />
      <Checkbox
        id={`${id}-mitigations`}
        label={t('Security mitigations')}
        description={t('Flags against flaws of processors, of those that the host has: {{flags}}', { flags: MITIGATIONS.join(', ') })}
        isChecked={missing.length === 0}
        onChange={(_, on) => set({ features: on ? [...flags, ...missing.map((name) => ({ name, policy: 'optional' }))] : others })}
      />
    </>
  );
}

/** Sockets × dies × clusters × cores × threads, with what they come to. */
function TopologyField({ id, field, value, error, errorAt, when, outer, onChange, ...rest }: ControlProps) {
  const shape = value as Values | null;
  const begin = () => ({ ...startOf(field.fields, {}), sockets: '1', dies: '1', cores: String(outer['vcpus_max']), threads: '1' });
  return (
    <fieldset className="qd-group qd-topology">
      <legend>{field.title}</legend>
      <Checkbox
        id={id}
        label={t('Set how the vCPUs are arranged')}
        description={t('Some systems are licensed by socket; without it QEMU chooses.')}
        isChecked={shape !== null}
        onChange={(_, on) => onChange(on ? begin() : null)}
      />
      {shape ? (
        <>
          <div className="qd-four">
            {field.fields.map((part) => (
              <PlainField
                key={part.name}
                {...rest}
                id={`${id}-${part.name}`}
                field={part}
                value={shape[part.name]}
                error={errorAt(part.name)}
                when=""
                outer={outer}
                errorAt={errorAt}
                onChange={(text) => onChange({ ...shape, [part.name]: text })}
              />
            ))}
          </div>
          <p role="status" className={error ? 'qd-field-error' : 'qd-dim'}>
            {[error ?? explained(shape), when].filter(Boolean).join(' · ')}
          </p>
        </>
      ) : null}
    </fieldset>
  );
}

function explained(shape: Values): string {
  const numbers = partsOf(shape);
  if (numbers.includes(0)) return t('Each of them is a whole number from 1.');
  return t('{{parts}} = {{count}} vCPUs, which is the maximum', { parts: numbers.join(' × '), count: product(shape) });
}
