import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Button, LinkButton } from '../../ui/Button';
import { Menu, type MenuEntry } from '../../ui/Menu';
import { type Column, Table } from '../../ui/Table';
import { useOrgUid } from '../console';
import { plansQuery, sourcesQuery } from '../names';
import { ConfirmByName } from '../parts/ConfirmByName';
import { Part } from '../parts/Page';
import { useDone } from '../parts/useDo';
import { useMay } from '../rights';
import type { Agent, Source } from './agents';
import { SourceForm } from './SourceForm';
import styles from './Sources.module.css';

/** What of a machine is protected, and by which plans. */
export function Sources({ agent }: { agent: Agent }) {
  const text = useAdminText();
  const org = useOrgUid();
  const may = useMay();
  const sources = useQuery(sourcesQuery(org)).data?.filter((source) => source.agent === agent.uid);
  const [form, setForm] = useState<Source | 'new' | null>(null);
  const mayAdd = may('create', 'source') && agent.state === 'active';
  if (!sources) return null;
  return (
    <Part
      title={text('source.title')}
      end={
        mayAdd && (
          <Button icon="plus" onPress={() => setForm('new')}>
            {text('source.add')}
          </Button>
        )
      }
    >
      {sources.length === 0 ? (
        <p>{text('source.none')}</p>
      ) : (
        <SourcesTable sources={sources} onChange={setForm} />
      )}
      {form && (
        <SourceForm
          agent={agent.uid}
          source={form === 'new' ? null : form.uid}
          onClose={() => setForm(null)}
        />
      )}
    </Part>
  );
}

function SourcesTable({
  sources,
  onChange,
}: {
  sources: readonly Source[];
  onChange: (source: Source) => void;
}) {
  const text = useAdminText();
  const columns: Column<Source>[] = [
    { id: 'name', head: text('source.name'), cell: ({ name }) => name },
    {
      id: 'paths',
      head: text('source.paths'),
      cell: ({ paths }) => (
        <ul className={styles.paths}>
          {paths.map((path) => (
            <li key={path}>
              <code>{path}</code>
            </li>
          ))}
        </ul>
      ),
    },
    { id: 'plans', head: text('source.plans'), cell: (source) => <PlansOf source={source.uid} /> },
    {
      id: 'do',
      head: text('agent.more'),
      isHeadHidden: true,
      isRight: true,
      cell: (source) => <SourceMenu source={source} onChange={() => onChange(source)} />,
    },
  ];
  return <Table label={text('source.title')} rows={sources} columns={columns} keyOf={({ uid }) => uid} />;
}

function PlansOf({ source }: { source: string }) {
  const text = useAdminText();
  const may = useMay();
  const plans = useQuery(plansQuery(useOrgUid())).data;
  if (!plans) return '–';
  const own = plans.filter(({ spec }) => spec.sources.includes(source));
  if (own.length > 0) {
    return (
      <ul className={styles.paths}>
        {own.map(({ uid, name }) => (
          <li key={uid}>
            <Link href={toWatch.plan(uid)}>{name}</Link>
          </li>
        ))}
      </ul>
    );
  }
  return may('create', 'plan') ? (
    <LinkButton isSmall href={toWatch.newPlan({ source })}>
      {text('source.toPlan')}
    </LinkButton>
  ) : (
    text('source.plans.none')
  );
}

function SourceMenu({ source, onChange }: { source: Source; onChange: () => void }) {
  const text = useAdminText();
  const org = useOrgUid();
  const may = useMay();
  const done = useDone(org);
  const [asks, setAsks] = useState(false);
  const remove = async () => {
    const params = { path: { org, source: source.uid } };
    await ask(() => api.DELETE('/api/v1/orgs/{org}/sources/{source}', { params }));
    await done(text('source.deleted'), ['sources', 'protection']);
  };
  const entries: MenuEntry[] = [];
  if (may('change', 'source')) {
    entries.push({ id: 'change', icon: 'text', label: text('source.change'), onAction: onChange });
  }
  if (may('delete', 'source')) {
    entries.push({
      id: 'delete',
      icon: 'trash',
      label: text('source.delete'),
      isDanger: true,
      onAction: () => setAsks(true),
    });
  }
  if (entries.length === 0) return null;
  return (
    <>
      <Menu
        label={text('agent.more')}
        entries={entries}
        trigger={
          <Button look="quiet" isSmall icon="more" aria-label={`${text('agent.more')}: ${source.name}`} />
        }
      />
      <ConfirmByName
        title={text('source.delete.title', { name: source.name })}
        name={source.name}
        action={text('source.delete')}
        isOpen={asks}
        onClose={() => setAsks(false)}
        onConfirm={remove}
      >
        {text('source.delete.words')}
      </ConfirmByName>
    </>
  );
}
