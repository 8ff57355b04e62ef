import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, lazy, Suspense, useState } from 'react';
import { api, ask } from '../../api/client';
import { meQuery } from '../../api/me';
import { isProblem } from '../../api/problem';
import { usePortalText } from '../../i18n/portal';
import { Button } from '../../ui/Button';
import { CopyLine } from '../../ui/CopyLine';
import { Dialog } from '../../ui/Dialog';
import { useErrorText } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Notice, Status } from '../../ui/Status';
import { Group } from './Group';
import { RecoveryCodes } from './RecoveryCodes';
import styles from './Settings.module.css';

const QrCode = lazy(() => import('./QrCode').then((module) => ({ default: module.QrCode })));

/** A code from a device beside the password. */
export function SecondFactor({ isOn }: { isOn: boolean }) {
  const text = usePortalText();
  const errorText = useErrorText();
  const queries = useQueryClient();
  const [codes, setCodes] = useState<string[] | null>(null);
  const [enrolment, setEnrolment] = useState<{ secret: string; url: string } | null>(null);
  const again = () => queries.invalidateQueries({ queryKey: meQuery.queryKey });
  const begin = useMutation({
    mutationFn: () => ask(() => api.POST('/api/v1/me/totp')),
    onSuccess: setEnrolment,
  });
  const end = useMutation({ mutationFn: () => ask(() => api.DELETE('/api/v1/me/totp')), onSuccess: again });
  const renew = useMutation({
    mutationFn: () => ask(() => api.POST('/api/v1/me/recovery-codes')),
    onSuccess: (made) => setCodes(made.recovery_codes),
  });
  const error = begin.error ?? end.error ?? renew.error;
  return (
    <Group
      title={text('totp.title')}
      words={text('totp.words')}
      action={
        isOn ? (
          <Status tone="good">{text('totp.on')}</Status>
        ) : (
          <Status tone="neutral">{text('totp.off')}</Status>
        )
      }
    >
      {error && <Notice tone="bad">{errorText(error)}</Notice>}
      <div className={styles.actions}>
        {isOn ? (
          <>
            <Button onPress={() => renew.mutate()}>{text('totp.newCodes')}</Button>
            <Button look="danger" onPress={() => end.mutate()}>
              {text('totp.end')}
            </Button>
          </>
        ) : (
          <Button look="primary" isPending={begin.isPending} onPress={() => begin.mutate()}>
            {text('totp.begin')}
          </Button>
        )}
      </div>
      {enrolment && (
        <Enrol
          {...enrolment}
          onDone={(made) => {
            setEnrolment(null);
            setCodes(made);
            void again();
          }}
          onCancel={() => setEnrolment(null)}
        />
      )}
      {codes && <RecoveryCodes codes={codes} onClose={() => setCodes(null)} />}
    </Group>
  );
}

interface EnrolProps {
  secret: string;
  url: string;
  onDone: (recoveryCodes: string[]) => void;
  onCancel: () => void;
}

function Enrol({ secret, url, onDone, onCancel }: EnrolProps) {
  const text = usePortalText();
  const errorText = useErrorText();
  const [code, setCode] = useState('');
  const confirm = useMutation({
    mutationFn: () =>
      ask(() => api.POST('/api/v1/me/totp/confirm', { body: { code: code.replaceAll(' ', '') } })),
    onSuccess: (made) => onDone(made.recovery_codes),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    confirm.mutate();
  };
  const isWrong = isProblem(confirm.error, 'invalid', 'unauthenticated', 'forbidden');
  return (
    <Dialog title={text('totp.begin')} isOpen onClose={onCancel}>
      <p>{text('totp.scan')}</p>
      <Suspense fallback={<div className={styles.qr} />}>
        <QrCode value={url} label={text('totp.qr')} />
      </Suspense>
      <p className={styles.soft}>{text('totp.type')}</p>
      <CopyLine value={secret.replace(/(.{4})(?=.)/g, '$1 ')} label={text('totp.secret')} />
      <form className={styles.form} onSubmit={submit}>
        <Field
          label={text('signIn.code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          isRequired
          autoFocus
          value={code}
          onChange={setCode}
          error={confirm.error ? (isWrong ? text('signIn.wrongCode') : errorText(confirm.error)) : undefined}
        />
        <Button type="submit" look="primary" isPending={confirm.isPending}>
          {text('totp.confirm')}
        </Button>
      </form>
    </Dialog>
  );
}
