import { FormHelperText, HelperText, HelperTextItem } from '@patternfly/react-core';

/** What is wrong with a field, told when it comes up. */
export function Wrong({ text }: { text: string | undefined }) {
  if (!text) return null;
  return (
    <FormHelperText>
      <HelperText isLiveRegion>
        <HelperTextItem variant="error">{text}</HelperTextItem>
      </HelperText>
    </FormHelperText>
  );
}
