import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Link } from 'wouter';
import { api, ask } from '../../api/client';
import { useMe } from '../../api/me';
import { isProblem } from '../../api/problem';
import type { Schemas } from '../../api/types';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useNow } from '../../lib/useNow';
import { to } from '../../routes/portal';
import { Button } from '../../ui/Button';
import { useErrorText } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Notice } from '../../ui/Status';
import { useTitle } from '../Page';
import styles from './LetIn.module.css';

type Program = Schemas['LoginRequestBody'];

/** Lets a program on some machine act for oneself. Its code is typed and never part of a link, so that a click lets nobody in. */
export function LetIn() {
  const text = usePortalText();
  const [code, setCode] = useState('');
  const [asked, setAsked] = useState<Program>();
  const [isIn, setIn] = useState<boolean>();
  const again = () => {
    setCode('');
    setAsked(undefined);
    setIn(undefined);
  };
  useTitle(text('letIn.title'));
  return (
    <section className={styles.page} aria-labelledby="let-in">
      <h1 id="let-in">{text('letIn.title')}</h1>
      {isIn !== undefined ? (
        <Answered isIn={isIn} onAgain={again} />
      ) : asked ? (
        <Question code={code} program={asked} onAnswered={setIn} onCancel={again} />
      ) : (
        <CodeForm code={code} setCode={setCode} onFound={setAsked} />
      )}
    </section>
  );
}

interface CodeFormProps {
  code: string;
  setCode: (code: string) => void;
  onFound: (program: Program) => void;
}

function CodeForm({ code, setCode, onFound }: CodeFormProps) {
  const text = usePortalText();
  const errorText = useErrorText();
  const look = useMutation({
    mutationFn: () => ask(() => api.POST('/api/v1/me/login-requests/look', { body: { code } })),
    onSuccess: onFound,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    look.mutate();
  };
  // A field that is wrong holds its form back: another code is not wrong yet.
  const change = (typed: string) => {
    look.reset();
    setCode(typed);
  };
  const error = isProblem(look.error, 'not_found') ? text('letIn.unknown') : errorText(look.error);
  return (
    <form className={styles.form} onSubmit={submit}>
      <p>{text('letIn.words')}</p>
      <Field
        label={text('letIn.code')}
        placeholder="BCDF-GHJK"
        autoComplete="off"
        spellCheck="false"
        isRequired
        autoFocus
        value={code}
        onChange={change}
        error={look.error ? error : undefined}
      />
      <Button type="submit" look="primary" isPending={look.isPending}>
        {text('letIn.look')}
      </Button>
    </form>
  );
}

interface QuestionProps {
  code: string;
  program: Program;
  onAnswered: (isIn: boolean) => void;
  onCancel: () => void;
}

function Question({ code, program, onAnswered, onCancel }: QuestionProps) {
  const text = usePortalText();
  const errorText = useErrorText();
  const format = useFormat();
  const now = useNow();
  const { user } = useMe();
  const answer = useMutation({
    mutationFn: (allow: boolean) =>
      ask(() => api.POST('/api/v1/me/login-requests/answer', { body: { code, allow } })),
    onSuccess: (_, allow) => onAnswered(allow),
  });
  const gone = isProblem(answer.error, 'not_found');
  return (
    <div className={styles.form}>
      {answer.error && <Notice tone="bad">{gone ? text('letIn.unknown') : errorText(answer.error)}</Notice>}
      <dl className={styles.facts}>
        <dt>{text('letIn.program')}</dt>
        <dd>{program.name}</dd>
        <dt>{text('letIn.from')}</dt>
        <dd>{program.address ?? text('letIn.from.unknown')}</dd>
        <dt>{text('letIn.asked')}</dt>
        <dd>{format.ago(program.created_at, now)}</dd>
        <dt>{text('letIn.as')}</dt>
        <dd>{user.email}</dd>
      </dl>
      <p>{text('letIn.may')}</p>
      <Notice tone="warn">{text('letIn.warning')}</Notice>
      <div className={styles.actions}>
        <Button look="primary" isPending={answer.isPending} onPress={() => answer.mutate(true)}>
          {text('letIn.allow')}
        </Button>
        <Button isDisabled={answer.isPending} onPress={() => answer.mutate(false)}>
          {text('letIn.refuse')}
        </Button>
        <Button look="quiet" onPress={onCancel}>
          {text('action.cancel')}
        </Button>
      </div>
    </div>
  );
}

function Answered({ isIn, onAgain }: { isIn: boolean; onAgain: () => void }) {
  const text = usePortalText();
  return (
    <div className={styles.form}>
      <Notice tone={isIn ? 'good' : 'neutral'}>{text(isIn ? 'letIn.allowed' : 'letIn.refused')}</Notice>
      <p>
        <Link href={to.settings('tokens')}>{text('letIn.tokens')}</Link>
      </p>
      <Button look="quiet" onPress={onAgain}>
        {text('letIn.another')}
      </Button>
    </div>
  );
}
