import { NumberInput } from '@patternfly/react-core';
import { t } from '../util/i18n';

interface Props {
  name: string;
  value: number;
  max: number;
  onChange: (value: number) => void;
}

/** How many of something, from one on. */
export function CountInput({ name, value, max, onChange }: Props) {
  const take = (wanted: number) => onChange(Math.min(max, Math.max(1, wanted)));
  return (
    <NumberInput
      inputName={name}
      inputAriaLabel={t('How many')}
      minusBtnAriaLabel={t('One less')}
      plusBtnAriaLabel={t('One more')}
      value={value}
      min={1}
      max={max}
      widthChars={3}
      onMinus={() => take(value - 1)}
      onPlus={() => take(value + 1)}
      onChange={(event) => take(Number(event.currentTarget.value) || 1)}
    />
  );
}
