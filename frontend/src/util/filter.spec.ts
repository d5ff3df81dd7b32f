import { describe, expect, it } from 'vitest';
import { compileFilter, parseFilter, type FilterFields } from './filter';
import { parseSize } from './units';

interface Row {
  name: string;
  state: string;
  tags: string[];
  mem: number;
}

const rows: Row[] = [
  { name: 'web1', state: 'running', tags: ['web', 'prod'], mem: 4 * 1024 ** 3 },
  { name: 'web2', state: 'shut_off', tags: ['web'], mem: 1024 ** 3 },
  { name: 'db (old)', state: 'paused', tags: [], mem: 2 * 1024 ** 3 },
];

const fields: FilterFields<Row> = {
  free: (row) => [row.name, ...row.tags],
  pieces: { name: (row) => [row.name] },
  texts: { state: (row) => [row.state], tag: (row) => row.tags },
  numbers: { mem: { of: (row) => row.mem, parse: (text) => parseSize(text, 'M') } },
};

const names = (text: string) => rows.filter(compileFilter(text, fields).fits).map((row) => row.name);

describe('the filter box', () => {
  it.each([
    ['', ['web1', 'web2', 'db (old)']],
    ['web', ['web1', 'web2']],
    ['EB1', ['web1']],
    ['state:running', ['web1']],
    ['state:running,paused', ['web1', 'db (old)']],
    ['-tag:prod', ['web2', 'db (old)']],
    ['tag:web mem>2G', ['web1']],
    ['mem<=2048', ['web2', 'db (old)']],
    ['name:web*', ['web1', 'web2']],
    ['name:web', ['web1', 'web2']],
    ['name:eb2,old', ['web2', 'db (old)']],
    ['name:eb*', []],
    ['name=web', []],
    ['state:run', []],
    ['"db (old)"', ['db (old)']],
    ['name:"db (old)"', ['db (old)']],
    ['-web', ['db (old)']],
    ['state:', ['web1', 'web2', 'db (old)']],
  ])('%s', (text, expected) => expect(names(text)).toEqual(expected));

  it('tells which words it does not know, and goes on with the others', () => {
    const filter = compileFilter('colour:red mem>soon web1', fields);
    expect(filter.unknown).toEqual(['colour:red', 'mem>soon']);
    expect(rows.filter(filter.fits).map((row) => row.name)).toEqual(['web1']);
  });

  it('reads a minus inside a word as part of it', () => {
    expect(parseFilter('web-1')).toEqual([{ not: false, field: null, operator: ':', value: 'web-1' }]);
  });
});
