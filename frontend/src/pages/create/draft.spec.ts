import { describe, expect, it } from 'vitest';
import type { CreateBody } from '../../api/appliances';
import type { Network, Pool } from '../../api/storage';
import type { System } from '../../api/systems';
import { noAnswers } from './answers';
import { EMPTY, missing, proposeName, resolve, takeOver, toBody, type Draft, type Facts } from './draft';

const amount = { memory_mib: 2048, vcpus: 2, disk_gib: 25 };
const debian = { id: 'http://debian.org/debian/12', short_id: 'debian12', name: 'Debian 12', recommended: amount } as System;
const pool = { name: 'default', active: true, available_bytes: 1e11, formats: ['qcow2', 'raw'], refusals: {} } as Pool;
const network = { name: 'default', active: true } as Network;
const facts: Facts = { host: 'local', detected: debian, pools: [pool], networks: [network], names: [] };

describe('a new machine', () => {
  it('takes what the detected system is proposed to have', () => {
    const resolved = resolve(EMPTY, facts);
    expect(resolved).toMatchObject({ name: 'debian12', memory_mib: 2048, vcpus: 2, disk_mib: 25 * 1024, format: 'qcow2' });
  });

  it('calls a machine like its system, or like the disk that it takes over', () => {
    const image = { pool: 'default', volume: 'debian-12-generic.qcow2' };
    expect(resolve({ ...EMPTY, method: 'cloud_image', image }, facts).name).toBe('debian12');
    expect(resolve({ ...EMPTY, method: 'cloud_image', image }, { ...facts, detected: null }).name).toBe('debian-12-generic');
    expect(resolve({ ...EMPTY, method: 'import', volume: { pool: 'default', volume: 'mail.qcow2' } }, facts).name).toBe('mail');
  });
  it('keeps what the user typed when the system changes', () => {
    const draft: Draft = { ...EMPTY, memory_mib: 512, name: 'web' };
    expect(resolve(draft, { ...facts, detected: null })).toMatchObject({ name: 'web', memory_mib: 512, vcpus: 1 });
  });

  it('proposes a name that no machine has', () => {
    expect(proposeName('debian12', ['debian12', 'debian12-2'])).toBe('debian12-3');
  });

  it('is called as its medium where the system is not known', () => {
    const draft: Draft = { ...EMPTY, medium: { pool: 'default', volume: 'My tool 1.2.iso' } };
    expect(resolve(draft, { ...facts, detected: null }).name).toBe('My-tool-1.2');
  });

  it('takes a folder of the host for the address of a tree', () => {
    expect(toBody({ ...EMPTY, method: 'tree', url: ' /srv/my tree' }, resolve({ ...EMPTY, method: 'tree' }, facts))).toMatchObject({ install: { url: 'file:///srv/my%20tree' } });
  });

  it('sends the least that says it all', () => {
    const draft: Draft = { ...EMPTY, medium: { pool: 'default', volume: 'debian.iso' } };
    expect(JSON.parse(JSON.stringify(toBody(draft, resolve(draft, facts))))).toEqual({
      name: 'debian12',
      os: 'debian12',
      install: { method: 'iso', pool: 'default', volume: 'debian.iso' },
      memory_mib: 2048,
      vcpus: 2,
      disks: [{ pool: 'default', size_gib: 25, format: 'qcow2' }],
      nics: [{ network: 'default' }],
      start: true,
    });
  });

  it('imports an existing disk instead of making one', () => {
    const draft: Draft = { ...EMPTY, method: 'import', volume: { pool: 'default', volume: 'a.qcow2' }, system: null };
    expect(toBody(draft, resolve(draft, facts))).toMatchObject({ install: { method: 'import' }, disks: [{ pool: 'default', volume: 'a.qcow2' }] });
  });

  it('goes on with what was taken over from another product, with all that the form has no field for', () => {
    const taken = {
      name: 'shop',
      install: { method: 'import' },
      disks: [{ pool: 'default', volume: 'shop-1.qcow2', bus: 'sata' }, { pool: 'default', volume: 'shop-2.qcow2' }],
      nics: [{ network: 'default', model: 'e1000e', mac: '00:0c:29:11:22:33' }],
      memory_mib: 192,
      vcpus: 2,
      cpu: { topology: { sockets: 1, cores: 2 } },
      tpm: true,
    } as unknown as CreateBody;
    const draft: Draft = { ...EMPTY, ...takeOver(taken, debian) };
    expect(toBody(draft, resolve(draft, facts))).toMatchObject({ ...taken, os: 'debian12', start: false });
    const other: Draft = { ...draft, volume: { pool: 'default', volume: 'another.qcow2' }, vcpus: 1 };
    expect(toBody(other, resolve(other, facts))).toMatchObject({ disks: [{ volume: 'another.qcow2' }], vcpus: 1 });
    expect(toBody(other, resolve(other, facts))).not.toHaveProperty('cpu');
  });

  it('keeps the cards that were cut off, and joins the first to the network that is chosen then', () => {
    const card = (mac: string) => ({ type: 'interface', source: { type: 'ethernet' }, link: 'down', model: 'e1000e', mac });
    const devices = [card('00:0c:29:11:22:33'), card('00:0c:29:11:22:34')];
    const taken = { name: 'shop', install: { method: 'import' }, disks: [{ pool: 'default', volume: 'a.qcow2' }], nics: [], devices } as unknown as CreateBody;
    const draft: Draft = { ...EMPTY, ...takeOver(taken, debian) };
    expect(toBody(draft, resolve(draft, facts))).toMatchObject({ nics: [], devices });
    const joined: Draft = { ...draft, nic: { kind: 'bridge', name: 'br0' } };
    expect(toBody(joined, resolve(joined, facts))).toMatchObject({ nics: [{ bridge: 'br0', model: 'e1000e', mac: '00:0c:29:11:22:33' }], devices: devices.slice(1) });
  });

  it('says what is still missing', () => {
    expect(missing(EMPTY, resolve(EMPTY, facts))).toBe('Choose the installation medium.');
    const pxe: Draft = { ...EMPTY, method: 'pxe' };
    expect(missing(pxe, resolve(pxe, facts))).toBeNull();
    const iso: Draft = { ...EMPTY, medium: { pool: 'default', volume: 'debian.iso' }, answers: noAnswers() };
    expect(missing(iso, resolve(iso, facts))).toBe('Give the first user a name.');
    const named: Draft = { ...iso, answers: { ...noAnswers(), user: 'ann' } };
    expect(missing(named, resolve(named, facts))).toBe('Give the first user a password.');
    const own: Draft = { ...iso, answers: { ...noAnswers(), own: true } };
    expect(missing(own, resolve(own, facts))).toBe('Put in what the installer is to read.');
    expect(missing({ ...pxe, answers: noAnswers() }, resolve(pxe, facts))).toBeNull();
    expect(missing({ ...pxe, memory_mib: null }, resolve({ ...pxe, memory_mib: null }, facts))).toBe('Give it memory.');
  });
});
