import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, ask, newKey } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Button, LinkButton } from '../../ui/Button';
import { Select } from '../../ui/Choice';
import { CopyLine } from '../../ui/CopyLine';
import { useErrorText } from '../../ui/ErrorView';
import { Field } from '../../ui/Field';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { useOrgUid } from '../console';
import { installationQuery } from '../installation';
import { agentsQuery } from '../names';
import { Page } from '../parts/Page';
import { useDone } from '../parts/useDo';
import { useMay } from '../rights';
import { enrolmentTokensQuery } from './agents';
import styles from './Enrol.module.css';
import { OpenTokens } from './OpenTokens';

type Made = Schemas['MadeEnrolmentTokenBody'];

const HOUR = 3_600;
const LASTS = { hour: HOUR, day: 24 * HOUR, week: 7 * 24 * HOUR, month: 30 * 24 * HOUR } as const;

/** A token, the commands that use it, and the machine as soon as it has come. */
export default function Enrol() {
  const text = useAdminText();
  const may = useMay();
  const [made, setMade] = useState<Made | null>(null);
  return (
    <Page
      title={text('enrol.title')}
      up={{ href: toWatch.agents(), label: text('agents.title') }}
      words={text('enrol.words')}
    >
      {made ? (
        <Commands made={made} onAnother={() => setMade(null)} />
      ) : (
        may('create', 'enrolment token') && <NewToken onMade={setMade} />
      )}
      <OpenTokens />
    </Page>
  );
}

function NewToken({ onMade }: { onMade: (made: Made) => void }) {
  const text = useAdminText();
  const errorText = useErrorText();
  const org = useOrgUid();
  const done = useDone(org);
  const [note, setNote] = useState('');
  const [lasts, setLasts] = useState<keyof typeof LASTS>('day');
  const [key] = useState(newKey);
  const [error, setError] = useState<string | null>(null);
  const [isBusy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    const body = { note, lasts_seconds: LASTS[lasts] };
    const params = { path: { org } };
    try {
      onMade(
        await ask(() => api.POST('/api/v1/orgs/{org}/enrolment-tokens', { params, body, headers: key })),
      );
      await done(text('enrol.made'), ['enrolment-tokens']);
    } catch (refused) {
      setError(errorText(refused));
      setBusy(false);
    }
  };
  return (
    <form className={styles.form} onSubmit={(event) => void submit(event)}>
      {error && <Notice tone="bad">{error}</Notice>}
      <Field
        label={text('enrol.note')}
        hint={text('enrol.note.hint')}
        maxLength={200}
        autoComplete="off"
        autoFocus
        value={note}
        onChange={setNote}
      />
      <Select
        label={text('enrol.lasts')}
        value={lasts}
        onChange={setLasts}
        options={(['hour', 'day', 'week', 'month'] as const).map((value) => ({
          value,
          label: text(`enrol.lasts.${value}`),
        }))}
      />
      <div>
        <Button type="submit" look="primary" isPending={isBusy}>
          {text('enrol.make')}
        </Button>
      </div>
    </form>
  );
}

function Commands({ made, onAnother }: { made: Made; onAnother: () => void }) {
  const text = useAdminText();
  const { data: installation, isPending } = useQuery(installationQuery);
  const [written, setWritten] = useState<string | null>(null);
  const known = installation?.agent_url ?? null;
  // Where the configuration does not say it, agents find the server where people do, at a port of their own.
  const guess = `https://${window.location.hostname}:${installation?.agent_port ?? ''}`;
  const address = written ?? known ?? guess;
  // A command with half an address would be copied as readily as a whole one.
  if (isPending) return <Skeleton lines={6} />;
  return (
    <section className={styles.commands} aria-label={text('enrol.run.title')}>
      <h2>{text('enrol.run.title')}</h2>
      <Notice tone="warn">{text('enrol.run.once')}</Notice>
      {known === null && (
        <Field
          label={text('enrol.address')}
          hint={text('enrol.address.hint')}
          type="url"
          value={address}
          onChange={setWritten}
        />
      )}
      <div className={styles.command}>
        <h3>{text('enrol.run.first')}</h3>
        <CopyLine
          label={text('enrol.run.first')}
          value={`echo ${made.secret} | bygone agent enrol --server ${address.trim()} --token-file -`}
        />
      </div>
      <div className={styles.command}>
        <h3>{text('enrol.run.second')}</h3>
        <CopyLine label={text('enrol.run.second')} value="bygone agent install" />
      </div>
      <div className={styles.command}>
        <h3>{text('enrol.run.token')}</h3>
        <CopyLine label={text('enrol.run.token')} value={made.secret} />
      </div>
      <Arrival token={made.uid} onAnother={onAnother} />
    </section>
  );
}

/** Enrolling is told by no event of its own: while somebody waits for it, it is asked about. */
const WAIT_MS = 3_000;

/** The machine that used the token, as soon as it did. */
function Arrival({ token, onAnother }: { token: string; onAnother: () => void }) {
  const text = useAdminText();
  const org = useOrgUid();
  const usedBy = (tokens: readonly { uid: string; used_by?: string | null }[] | undefined) =>
    tokens?.find(({ uid }) => uid === token)?.used_by ?? null;
  const tokens = useQuery({
    ...enrolmentTokensQuery(org),
    refetchInterval: ({ state }) => usedBy(state.data) === null && WAIT_MS,
  }).data;
  const used = usedBy(tokens);
  const agents = useQuery({
    ...agentsQuery(org),
    refetchInterval: ({ state }) => used !== null && !state.data?.some(({ uid }) => uid === used) && WAIT_MS,
  }).data;
  const agent = agents?.find(({ uid }) => uid === used);
  if (!agent) return <Notice tone="busy">{text('enrol.waits')}</Notice>;
  return (
    <Notice tone="good">
      <strong>{text('enrol.came', { machine: agent.name })}</strong>
      <p>{text('enrol.came.words')}</p>
      <div className={styles.next}>
        <LinkButton look="primary" href={toWatch.agent(agent.uid)}>
          {text('enrol.came.go', { machine: agent.name })}
        </LinkButton>
        <Button onPress={onAnother}>{text('enrol.another')}</Button>
      </div>
    </Notice>
  );
}
