import { ExpandableSection, FormGroup, FormHelperText, FormSelectOption, HelperText, HelperTextItem } from '@patternfly/react-core';
import { useState } from 'react';
import type { MigrationOption, MigrationOptions, MigrationStyle } from '../../api/migration';
import { isUnder } from '../../api/problem';
import type { FieldError } from '../../api/types';
import { FormSelect, TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import { OptionField, OptionGroup } from './OptionField';
import { withOptions, type Wish } from './wish';

interface Props {
  /** Undefined until the server has told them. */
  offered: MigrationOptions | undefined;
  wish: Wish;
  set: (wish: Wish) => void;
  errors: FieldError[];
  /** Further parts: disks and networks before, the definition after. */
  children?: React.ReactNode;
  after?: React.ReactNode;
}

const GROUPS: [MigrationOption['group'], () => string][] = [
  ['pace', () => t('Pace and end')],
  ['way', () => t('Way through the network')],
  ['compression', () => t('Compression')],
  ['disks', () => t('Disks')],
  ['ending', () => t('Afterwards')],
];

/** Every option that the server knows, in groups; most moves leave them as they are. */
export function Options({ offered, wish, set, errors, children, after }: Props) {
  const [open, setOpen] = useState(wish.xml != null);
  const options = offered?.options ?? [];
  const usual = Object.fromEntries(options.map((option) => [option.name, option.default]));
  const said = wish as Record<string, unknown>;
  const count = options.filter(({ name, default: usual }) => name !== 'undefine_source' && (said[name] ?? usual) !== usual).length + (['disks', 'networks', 'xml'] as const).filter((name) => wish[name]?.length).length;
  // A fault in a folded field would be invisible.
  const shown = open || isUnder(errors.map(({ pointer }) => pointer), [...options.map(({ name }) => `/${name}`), '/xml', '/disks', '/networks']);
  const field = (option: MigrationOption) => (
    <OptionField
      key={option.name}
      option={option}
      value={said[option.name] ?? option.default}
      ruledOut={offered?.ruled_out[option.name] ?? {}}
      errors={errors}
      onChange={(value) => set(withOptions(wish, { [option.name]: value }, usual))}
    />
  );
  return (
    <>
      {wish.mode === 'offline' ? null : <Styles styles={offered?.styles ?? []} wish={wish} onChoose={(sets) => set(withOptions(wish, sets, usual))} />}
      <ExpandableSection toggleText={count > 0 ? t('Advanced ({{count}} set)', { count }) : t('Advanced')} isExpanded={shown} onToggle={(_, next) => setOpen(next)}>
        <div className="qd-options">
          {children}
          {GROUPS.map(([group, title]) => {
            const members = options.filter((option) => option.group === group);
            return (
              <OptionGroup key={group} title={title()}>
                {runs(members).map((run) => (run[0]?.kind === 'switch' ? run.map(field) : <div key={run[0]?.name} className="qd-form-pair">{run.map(field)}</div>))}
              </OptionGroup>
            );
          })}
          {after}
        </div>
      </ExpandableSection>
    </>
  );
}

/** The options in their order, so that what one switches on stands below it; those side by side that are no switches. */
function runs(options: MigrationOption[]): MigrationOption[][] {
  const found: MigrationOption[][] = [];
  for (const option of options) {
    const last = found.at(-1);
    if (last?.[0] && (last[0].kind === 'switch') === (option.kind === 'switch')) last.push(option);
    else found.push([option]);
  }
  return found;
}

interface StylesProps {
  styles: MigrationStyle[];
  wish: Wish;
  onChoose: (sets: Record<string, unknown>) => void;
}

/** Ways to move in words; each sets options that can be seen and changed below. */
function Styles({ styles, wish, onChoose }: StylesProps) {
  const said = wish as Record<string, unknown>;
  const all = [...new Set(styles.flatMap((style) => Object.keys(style.sets)))];
  const chosen = styles.find((style) => all.every((name) => (said[name] ?? null) === (style.sets[name] ?? null)));
  const choose = (id: string) => {
    const style = styles.find((each) => each.id === id);
    if (style) onChoose({ ...Object.fromEntries(all.map((name) => [name, null])), ...style.sets });
  };
  return (
    <FormGroup label={t('Style')} fieldId="migrate-style">
      <FormSelect id="migrate-style" value={chosen?.id ?? ''} onChange={(_, id) => choose(id)} isDisabled={styles.length === 0}>
        {chosen ? null : <FormSelectOption value="" label={t('My own choice of options')} isPlaceholder />}
        {styles.map((style) => (
          <FormSelectOption key={style.id} value={style.id} label={style.title} />
        ))}
      </FormSelect>
      {chosen ? (
        <FormHelperText>
          <HelperText>
            <HelperTextItem>{chosen.description}</HelperTextItem>
          </HelperText>
        </FormHelperText>
      ) : null}
    </FormGroup>
  );
}

/** The name typed in full, for what can cost data. */
export function TypedConfirmation({ name, typed, onType }: { name: string; typed: string; onType: (text: string) => void }) {
  return (
    <FormGroup label={t('Type {{name}} to move it without the check of its disks', { name })} fieldId="migrate-confirm">
      <TextInput id="migrate-confirm" value={typed} onChange={(_, text) => onType(text)} validated={typed === name ? 'success' : 'default'} autoComplete="off" />
    </FormGroup>
  );
}
