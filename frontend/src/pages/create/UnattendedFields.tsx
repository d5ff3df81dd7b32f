import { Checkbox, ExpandableSection } from '@patternfly/react-core';
import { CodeView } from '../../components/CodeView';
import { TextArea, TextInput } from '../../components/inputs';
import { t } from '../../util/i18n';
import { isPrepared, noAnswers, unasked, type Answers } from './answers';
import { PointedField } from './PointedField';
import type { SectionProps } from './parts';

const AT = '/install/unattended';

/** Whether the installer asks its questions, or a Windows that sysprep has generalized those of its first start; or finds the answers. */
export function UnattendedFields({ draft, resolved, set, errors, plan }: SectionProps) {
  const shown = Object.entries(plan?.answers ?? {});
  const windows = resolved.system?.family === 'winnt';
  const disc = windows || resolved.system?.distro === 'ubuntu';
  const prepared = isPrepared(resolved.method);
  const reason = unasked(resolved);
  const text = prepared ? t('It finds the answers on a disc, which goes when the machine is first turned off.') : disc ? t('The installer finds the answers on a disc, which goes when it has ended.') : t('The installer finds a script of the OS database in its first file system, which goes when it has ended.');
  const answers = reason ? undefined : draft.answers;
  const change = (next: Partial<Answers>) => answers && set({ answers: { ...answers, ...next } });
  const line = (name: Exclude<keyof Answers, 'own'>, label: string, more: { help?: string; type?: 'password'; placeholder?: string; isRequired?: boolean } = {}) => (
    <PointedField id={`answer-${name}`} label={label} pointers={[`${AT}/${name}`]} errors={errors} help={more.help} isRequired={more.isRequired}>
      <TextInput
        id={`answer-${name}`}
        type={more.type ?? 'text'}
        autoComplete={more.type === 'password' ? 'new-password' : 'off'}
        placeholder={more.placeholder}
        value={answers?.[name] ?? ''}
        onChange={(_, value) => change({ [name]: value })}
      />
    </PointedField>
  );
  return (
    <>
      <PointedField id="unattended-fault" label={prepared ? t('First start of Windows') : t('Questions of the installer')} pointers={[]} errors={errors.filter(({ pointer }) => pointer === AT).map((error) => ({ ...error, pointer: '' }))}>
        <Checkbox id="unattended" label={prepared ? t('Answer the questions of a Windows that sysprep has generalized') : t('Install without questions')} description={reason ?? text} isDisabled={reason !== null} isChecked={answers !== undefined} onChange={(_, on) => set({ answers: on ? noAnswers() : undefined })} />
        {answers ? <Checkbox id="own-answers" label={windows ? t('My own answer file') : t('My own script')} isChecked={answers.own} onChange={(_, own) => change({ own })} /> : null}
      </PointedField>
      {answers?.own ? (
        <PointedField id="answer-file" label={windows ? t('Answer file') : t('Script')} pointers={[`${AT}/answer_file`]} errors={errors} isRequired help={windows ? (prepared ? 'unattend.xml' : 'autounattend.xml') : t('In the language of the system’s installer: preseed, kickstart, AutoYaST or autoinstall.')}>
          <TextArea id="answer-file" className="qd-code" rows={8} value={answers.answer_file} spellCheck={false} onChange={(_, answer_file) => change({ answer_file })} />
        </PointedField>
      ) : null}
      {answers && !answers.own ? (
        <>
          <div className="qd-form-pair">
            {line('user', t('User'), { isRequired: true, help: windows ? t('Becomes an administrator.') : undefined })}
            {line('password', t('Password'), { isRequired: true, type: 'password', help: disc ? undefined : t('For the user and for root; the installer reads it in clear.') })}
            {line('full_name', t('Full name'))}
            {line('hostname', t('Host name'), { help: t('Left empty: the name of the machine.') })}
            {line('locale', t('Language'), { placeholder: 'en-US' })}
            {prepared ? null : windows ? line('edition', t('Edition'), { placeholder: 'Windows 11 Pro', help: t('As the medium calls it. Left empty: that of the key, or the first.') }) : line('timezone', t('Time zone'), { placeholder: 'Europe/Berlin' })}
            {windows ? line('product_key', t('Product key'), { placeholder: 'XXXXX-XXXXX-XXXXX-XXXXX-XXXXX', help: t('Left empty: Windows is activated later.') }) : null}
          </div>
        </>
      ) : null}
      {answers && shown.length > 0 ? (
        <ExpandableSection toggleText={prepared ? t('What Windows reads') : t('What the installer reads')}>
          {shown.map(([name, content]) => (
            <CodeView key={name} label={name} text={content} />
          ))}
        </ExpandableSection>
      ) : null}
    </>
  );
}
