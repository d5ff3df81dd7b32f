import { Button } from '@patternfly/react-core';
import { useRef, useState, type DragEvent } from 'react';
import { t } from '../util/i18n';
import { formatBytes } from '../util/units';
import { useTie } from './fieldContext';

interface Props {
  id: string;
  file: File | null;
  /** Of the file input, such as ".iso,.img". */
  accept?: string;
  onFile: (file: File) => void;
}

/** A file of this computer: dropped here or picked. */
export function FileDrop({ id, file, accept, onFile }: Props) {
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const { 'aria-describedby': describedBy } = useTie(id);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [first] = event.dataTransfer.files;
    if (first) onFile(first);
  };
  return (
    <div
      className={`qd-drop${over ? ' qd-drop-over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <input
        ref={input}
        id={id}
        type="file"
        accept={accept}
        className="qd-drop-input"
        aria-label={t('File')}
        tabIndex={-1}
        onChange={(event) => {
          const [first] = event.target.files ?? [];
          if (first) onFile(first);
        }}
      />
      {file ? (
        <p>
          <strong>{file.name}</strong> <span className="qd-dim">{formatBytes(file.size)}</span>
        </p>
      ) : (
        <p className="qd-dim">{t('Drop a file here')}</p>
      )}
      <Button variant="secondary" size="sm" aria-describedby={describedBy} onClick={() => input.current?.click()}>
        {file ? t('Another file') : t('Choose a file')}
      </Button>
    </div>
  );
}
