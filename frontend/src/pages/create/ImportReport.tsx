import { Alert } from '@patternfly/react-core';
import type { ImportReport as Report } from '../../api/appliances';
import { t } from '../../util/i18n';
import { formatBytes } from '../../util/units';

/** Whether the file tells of a machine; a disk alone does not. */
export const isDescribed = ({ kind }: Report) => ['ova', 'ovf', 'vmx'].includes(kind);

/** What the file is, what was understood of it, and what could not be. */
export function ImportReport({ report }: { report: Report }) {
  const { machine } = report;
  const words = [machine.memory_mib ? t('{{size}} MiB of memory', { size: machine.memory_mib }) : '', machine.memory_mib ? t('{{count}} vCPUs', { count: machine.vcpus }) : '', isDescribed(report) && machine.nics.length > 0 ? t('{{count}} network cards', { count: machine.nics.length }) : ''];
  const told = words.filter(Boolean).join(', ');
  return (
    <Alert variant={report.possible ? 'info' : 'danger'} isInline title={t('{{name}}: {{what}}', { name: machine.name, what: report.what })}>
      {report.problem && report.disks.every((disk) => !disk.problem) ? <p>{report.problem}</p> : null}
      {told ? <p>{told}</p> : null}
      <ul className="qd-report">
        {report.disks.map((disk) => (
          <li key={disk.file}>
            {disk.size_bytes > 0 ? t('Disk {{file}} ({{format}}, {{size}})', { file: disk.file, format: disk.format, size: sizeOf(disk) }) : t('Disk {{file}}', { file: disk.file })}
            {disk.problem ? <strong> {disk.problem}</strong> : null}
          </li>
        ))}
      </ul>
      <Notes title={t('Translated')} notes={machine.notes.filter((note) => note.kept)} />
      <Notes title={t('Not taken over')} notes={machine.notes.filter((note) => !note.kept)} />
    </Alert>
  );
}

function sizeOf({ size_bytes, virtual_bytes }: Report['disks'][number]): string {
  const size = formatBytes(size_bytes);
  return virtual_bytes > 0 && virtual_bytes !== size_bytes ? t('{{size}}, for the guest {{seen}}', { size, seen: formatBytes(virtual_bytes) }) : size;
}

function Notes({ title, notes }: { title: string; notes: { text: string }[] }) {
  if (notes.length === 0) return null;
  return (
    <>
      <p className="qd-report-title">{title}</p>
      <ul className="qd-report">
        {notes.map(({ text }) => (
          <li key={text}>{text}</li>
        ))}
      </ul>
    </>
  );
}
