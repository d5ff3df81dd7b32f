import { Button, Checkbox, MenuFooter, MenuToggle, Select, SelectList, SelectOption, TextInputGroup, TextInputGroupMain, TextInputGroupUtilities, type MenuToggleElement } from '@patternfly/react-core';
import TimesIcon from '@patternfly/react-icons/dist/esm/icons/times-icon';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState, type KeyboardEvent, type Ref } from 'react';
import { problemOf } from '../../api/client';
import { systemQueries, type System } from '../../api/systems';
import { ProblemAlert } from '../../components/ProblemAlert';
import { t } from '../../util/i18n';

interface Props {
  id: string;
  host: string;
  value: System | null;
  /** Null is a system that the list does not have. */
  onChange: (system: System | null) => void;
}

const GENERIC = 'generic';

/** The guest system by its name, from the OS database of the server. */
export function SystemPicker({ id, host, value, onChange }: Props) {
  const [open, setOpen] = useState(false);
  const [text, setText] = useState<string | null>(null);
  const [ended, setEnded] = useState(false);
  const [active, setActive] = useState<number | null>(null);
  const query = useDeferredValue(text ?? '');
  const { data = [], error } = useQuery({ ...systemQueries.search(host, query, ended), enabled: open });
  const options: (System | null)[] = [null, ...data];
  // What was typed goes with the list, not with the focus: the list must stand still under a pointer that is down.
  const show = (next: boolean) => {
    setOpen(next);
    if (!next) setText(null);
  };
  const choose = (system: System | null) => {
    onChange(system);
    show(false);
  };
  const keys = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && open) {
      event.preventDefault();
      const chosen = options[active ?? (query ? 1 : 0)];
      if (chosen !== undefined) choose(chosen);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setOpen(true);
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive((old) => ((old ?? (step > 0 ? -1 : 0)) + step + options.length) % options.length);
    }
  };
  const optionId = (index: number) => `${id}-option-${index}`;
  const toggle = (ref: Ref<MenuToggleElement>) => (
    <MenuToggle ref={ref} variant="typeahead" onClick={() => show(!open)} isExpanded={open} isFullWidth aria-label={t('Systems')}>
      <TextInputGroup isPlain>
        <TextInputGroupMain
          value={text ?? value?.name ?? ''}
          placeholder={t('Another system, or type to search')}
          onClick={() => setOpen(true)}
          onChange={(_, next) => (setText(next), setOpen(true), setActive(null))}
          onKeyDown={keys}
          id={id}
          autoComplete="off"
          role="combobox"
          isExpanded={open}
          aria-label={t('Guest system')}
          aria-controls={`${id}-list`}
          {...(active === null ? {} : { 'aria-activedescendant': optionId(active) })}
        />
        {value ? (
          <TextInputGroupUtilities>
            <Button variant="plain" icon={<TimesIcon />} aria-label={t('Another system')} onClick={() => choose(null)} />
          </TextInputGroupUtilities>
        ) : null}
      </TextInputGroup>
    </MenuToggle>
  );
  return (
    <Select
      isOpen={open}
      selected={value?.id ?? GENERIC}
      onSelect={(_, picked) => choose(data.find((system) => system.id === picked) ?? null)}
      onOpenChange={show}
      toggle={toggle}
      variant="typeahead"
      isScrollable
      maxMenuHeight="20rem"
    >
      <SelectList id={`${id}-list`}>
        {options.map((system, index) => (
          <SelectOption key={system?.id ?? GENERIC} id={optionId(index)} value={system?.id ?? GENERIC} isFocused={active === index} description={system ? note(system) : t('Safe devices that old and new systems know')}>
            {system?.name ?? t('Another system')}
          </SelectOption>
        ))}
      </SelectList>
      <MenuFooter>
        {error ? <ProblemAlert problem={problemOf(error)} /> : null}
        <Checkbox id={`${id}-ended`} label={t('Also systems that their makers gave up')} isChecked={ended} onChange={(_, on) => setEnded(on)} />
      </MenuFooter>
    </Select>
  );
}

function note(system: System): string {
  const year = system.released?.slice(0, 4);
  return [system.short_id, year ? t('released {{year}}', { year }) : ''].filter(Boolean).join(' · ');
}
