import { describe, expect, it } from 'vitest';
import { errorLines } from './errors';

const XML = `<domain type='kvm'>
  <name>a</name>
  <devices>
    <disk type='file' device='disk'/>
    <disk type='file' colour='red'/>
  </devices>
</domain>`;

describe('the line of a refused definition', () => {
  it.each([
    ['Opening and ending tag mismatch: disk line 5 and devices, line 6, column 3', 5],
    ['(domain_definition):4: Opening and ending tag mismatch', 4],
    ['Invalid attribute colour for element disk\nElement domain failed to validate content', 5],
    ['Extra element devices in interleave\nElement domain failed to validate content', 3],
    ['Did not expect element name there', 2],
  ])('%s', (raw, line) => expect(errorLines(['The definition does not fit.', raw], XML)[0]?.line).toBe(line));

  it('is none when the words name no place', () => expect(errorLines(['unsupported configuration'], XML)).toEqual([]));
});
