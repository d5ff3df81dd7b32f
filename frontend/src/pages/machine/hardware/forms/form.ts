import type { ComponentType } from 'react';
import type { Device, Domain } from '../../../../api/types';

/** What the fields of a form get. */
export interface FieldsProps<V> {
  domain: Domain;
  value: V;
  set: (part: Partial<V>) => void;
  /** Text for the field at this JSON pointer of the body. */
  error: (pointer: string) => string | undefined;
  /** The device that is changed; null while one is added. */
  device: Device | null;
}

/**
 * A form of one kind of hardware, or of a part of the machine. declared.tsx makes it from the server's declaration; the
 * frame around it (HardwareDialog) shows what it would do, and does it.
 */
export interface HardwareForm<V extends object> {
  id: string;
  title: () => string;
  /** The section of the settings whose XML it can be seen as. */
  section?: string;
  /** Whether one can be added. */
  adds: boolean;
  /** Whether nothing of it can be changed once it is there. */
  fixed?: boolean;
  start: (domain: Domain, device: Device | null) => V;
  /** What POST takes. For PATCH the frame sends the members that differ from those of `start`. */
  body: (value: V, device: Device | null) => Record<string, unknown>;
  /** What PATCH takes, where leaving out whole members that are as before is not fine enough. */
  changes?: (before: Record<string, unknown>, now: Record<string, unknown>) => Record<string, unknown>;
  /** What is still missing before the server can be asked, in words; null when nothing is. */
  missing?: (value: V, device: Device | null) => string | null;
  /** Pointers whose errors the fields show. */
  pointers: string[];
  /** Those among the advanced ones, which are folded at first. */
  folded?: string[];
  Basic: ComponentType<FieldsProps<V>>;
  Advanced?: ComponentType<FieldsProps<V>>;
}

/** A form of any value: the frame never looks inside. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyForm = HardwareForm<any>;
