import { FormSelect as PlainSelect, TextArea as PlainArea, TextInput as PlainInput } from '@patternfly/react-core';
import type { ComponentProps } from 'react';
import { useTie } from './fieldContext';

type Props<Component extends React.ElementType> = Omit<ComponentProps<Component>, 'ref'>;

/** PatternFly's inputs, tied to the field that they stand in. */
export function TextInput(props: Props<typeof PlainInput>) {
  return <PlainInput {...useTie(props.id)} {...props} />;
}

export function TextArea(props: Props<typeof PlainArea>) {
  return <PlainArea {...useTie(props.id)} {...props} />;
}

export function FormSelect(props: Props<typeof PlainSelect>) {
  return <PlainSelect {...useTie(props.id)} {...props} />;
}
