import { FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';

/** What is wrong with a field, or else what there is to know about it. */
export function FieldNote({ error, note }: { error: string | null | undefined; note?: string | undefined }) {
  if (!error && !note) return null;
  return (
    <FormHelperText>
      <HelperText>
        <HelperTextItem variant={error ? 'error' : 'default'}>{error ?? note}</HelperTextItem>
      </HelperText>
    </FormHelperText>
  );
}
