import { t } from '../../util/i18n';

const SHORTEST = 8;
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

/** Why there is no passphrase yet. */
export const passphraseFault = (value: string | null) => (value !== null && value.length < SHORTEST ? t('Give it a passphrase of 8 letters or more.') : null);

/** Five groups of five letters that are not mistaken for each other: 125 bits. */
export const madePassphrase = () => {
  const drawn = [...crypto.getRandomValues(new Uint8Array(25))].map((byte) => LETTERS[byte % LETTERS.length]);
  return [0, 5, 10, 15, 20].map((at) => drawn.slice(at, at + 5).join('')).join('-');
};
