import { FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';

/** What is wrong with a field, else what helps to fill it in; nothing where there is neither. */
export function FieldHelp({ id, error, help }: { id: string; error?: string | undefined; help?: string | undefined }) {
  if (!error && !help) return null;
  return (
    <FormHelperText>
      <HelperText id={`${id}-help`} isLiveRegion={!!error}>
        <HelperTextItem variant={error ? 'error' : 'default'}>{error ?? help}</HelperTextItem>
      </HelperText>
    </FormHelperText>
  );
}
