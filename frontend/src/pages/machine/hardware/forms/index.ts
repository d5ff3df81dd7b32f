import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { call, DOMAIN } from '../../../../api/client';
import type { DeviceValue, Domain } from '../../../../api/types';
import { isDisk } from '../values';
import { medium } from './cdrom';
import { chosenDevice, displayControls, hostDeviceControls, interfaceControls, listening } from './controls';
import { declared } from './declared';
import { diskContent } from './disk';
import type { AnyForm } from './form';
import type { FormView } from './values';

export interface Kind {
  view: FormView;
  form: AnyForm;
}

/** Every kind of hardware that the machine can have, from the declarations of the server. */
export function useKinds(domain: Domain): { kinds: Kind[]; error: unknown; loading: boolean } {
  const { host, uuid, etag } = domain;
  const { data, error, isPending } = useQuery({
    queryKey: ['forms', host, uuid, etag],
    queryFn: ({ signal }) => call<FormView[]>('GET', `${DOMAIN}/forms`, { path: { host, uuid }, signal }),
    placeholderData: (old) => old,
  });
  const kinds = useMemo(() => (data ?? []).map((view) => ({ view, form: formOf(view, host) })), [data, host]);
  return { kinds, error, loading: isPending };
}

function formOf(view: FormView, host: string): AnyForm {
  switch (view.id) {
    case 'disk':
      return declared(view, { special: diskContent(view) });
    case 'cdrom':
    case 'floppy':
      return declared(view, { special: medium(view.id) });
    case 'interface':
      return declared(view, { controls: interfaceControls(host), whole: ['source'] });
    case 'hostdev':
      return declared(view, { controls: hostDeviceControls(host), special: chosenDevice });
    case 'graphics':
      return declared(view, { controls: displayControls, special: listening });
    default:
      return declared(view);
  }
}

/** The form that changes this device. */
export function formFor(kinds: Kind[], value: DeviceValue): AnyForm | undefined {
  const id = isDisk(value) && (value.device === 'cdrom' || value.device === 'floppy') ? value.device : value.type;
  return kinds.find(({ view }) => view.id === id)?.form;
}
