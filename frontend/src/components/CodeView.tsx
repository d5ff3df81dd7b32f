import { ClipboardCopyButton, CodeBlock, CodeBlockAction, CodeBlockCode } from '@patternfly/react-core';
import { useState } from 'react';
import { t } from '../util/i18n';

/** Text as it is, with a copy button. `diff` colours added and removed lines. */
export function CodeView({ text, label, diff = false }: { text: string; label: string; diff?: boolean }) {
  const [copied, setCopied] = useState(false);
  const copy = (
    <CodeBlockAction>
      <ClipboardCopyButton
        id={`copy-${label.replace(/\W+/g, '-')}`}
        aria-label={t('Copy {{what}}', { what: label })}
        variant="plain"
        onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}
        onTooltipHidden={() => setCopied(false)}
      >
        {copied ? t('Copied') : t('Copy')}
      </ClipboardCopyButton>
    </CodeBlockAction>
  );
  return (
    <CodeBlock actions={copy}>
      {/* A region that scrolls has to be reachable by keyboard. */}
      <CodeBlockCode tabIndex={0} role="region" aria-label={label}>
        {diff ? text.split('\n').map((line, index) => <DiffLine key={index} line={line} />) : text}
      </CodeBlockCode>
    </CodeBlock>
  );
}

function DiffLine({ line }: { line: string }) {
  const kind = line.startsWith('+') && !line.startsWith('+++') ? 'added' : line.startsWith('-') && !line.startsWith('---') ? 'removed' : line.startsWith('@@') ? 'place' : '';
  return <span className={kind ? `qd-diff-${kind}` : undefined}>{`${line}\n`}</span>;
}
