import { describe, expect, it } from 'vitest';
import { curl } from './curl';

const said = (body: unknown) => curl('https://host:9090', { method: 'POST', path: '/api/v1/x', body });

describe('the equal API call', () => {
  it('quotes its body for a shell', () => {
    expect(said({ note: "it's" })).toContain(`it'\\''s`);
  });
  it('shows nothing that was typed as a secret, at any depth', () => {
    expect(said({ install: { cloud_init: { user: 'anna', password: 'geheim' } }, disks: [{ passphrase: 'geheim' }], secret_value: 'geheim' })).not.toContain('geheim');
    expect(said({ install: { cloud_init: { user: 'anna', password: 'geheim' } } })).toContain('anna');
  });
  it('masks a password inside of a definition', () => {
    expect(said({ xml: `<graphics type="vnc" passwd="ge'heim" port="-1"/>` })).toContain('passwd=\\"*****\\" port');
  });
});
