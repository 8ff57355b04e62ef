import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useController, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { toWatch } from '../../../routes/adminWatch';
import { LinkButton } from '../../../ui/Button';
import { Checkbox } from '../../../ui/Choice';
import { Empty } from '../../../ui/Empty';
import { Field } from '../../../ui/Field';
import { Skeleton } from '../../../ui/Skeleton';
import type { Source } from '../../agents/agents';
import { useOrgUid } from '../../console';
import { agentsQuery, sourcesQuery } from '../../names';
import type { Draft } from './draft';
import styles from './Wizard.module.css';

const SEARCHED_FROM = 12;

/** What is to be saved, by machine. */
export function SourcesInput() {
  const text = useAdminText();
  const org = useOrgUid();
  const { control } = useFormContext<Draft>();
  const { field, fieldState } = useController({ control, name: 'sources' });
  const sources = useQuery(sourcesQuery(org)).data;
  const agents = useQuery(agentsQuery(org)).data;
  const [written, setWritten] = useState('');
  if (!sources || !agents) return <Skeleton lines={4} />;
  if (sources.length === 0) {
    return (
      <Empty
        icon="device"
        title={text('wizard.sources.none')}
        actions={<LinkButton href={toWatch.agents()}>{text('nav.agents')}</LinkButton>}
      >
        {text('wizard.sources.none.words')}
      </Empty>
    );
  }
  const wanted = written.trim().toLocaleLowerCase();
  const isWanted = (source: Source, machine: string) =>
    `${source.name} ${machine} ${source.paths.join(' ')}`.toLocaleLowerCase().includes(wanted);
  const toggle = (uid: string, isChosen: boolean) => {
    const rest = field.value.filter((one) => one !== uid);
    field.onChange(isChosen ? [...rest, uid] : rest);
  };
  const machines = agents
    .map((agent) => ({
      agent,
      own: sources.filter((source) => source.agent === agent.uid && isWanted(source, agent.name)),
    }))
    .filter(({ own }) => own.length > 0);
  return (
    <fieldset className={styles.set}>
      <legend>{text('plans.sources')}</legend>
      {sources.length >= SEARCHED_FROM && (
        <Field label={text('wizard.sources.search')} type="search" value={written} onChange={setWritten} />
      )}
      {machines.map(({ agent, own }) => (
        <div key={agent.uid} className={styles.machine}>
          <h3>{agent.name}</h3>
          {own.map((source) => (
            <Checkbox
              key={source.uid}
              isSelected={field.value.includes(source.uid)}
              onChange={(isChosen) => toggle(source.uid, isChosen)}
            >
              <span>
                {source.name} <code className={styles.soft}>{source.paths.join('  ')}</code>
              </span>
            </Checkbox>
          ))}
        </div>
      ))}
      {fieldState.error?.message && (
        <p className={styles.error} role="alert">
          {text('wizard.wrong.sources')}
        </p>
      )}
    </fieldset>
  );
}
