import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { Empty } from '../../ui/Empty';
import { Status } from '../../ui/Status';
import type { Column } from '../../ui/Table';
import { useConsole } from '../console';
import { orgsQuery } from '../orgs';
import { ConfirmByName } from '../parts/ConfirmByName';
import { Page } from '../parts/Page';
import { useChange } from '../parts/useChange';
import { Whole } from '../parts/Whole';
import { useMay } from '../rights';
import { ProviderDialog } from './ProviderDialog';
import styles from './Providers.module.css';
import { type Provider, providersQuery, removeProvider } from './providers';
import { written } from './rules';

type Doing = { what: 'change' | 'delete'; to: Provider } | { what: 'add' } | null;

/** Where people sign in with an account of elsewhere. */
export default function Providers() {
  const text = useAdminText();
  const may = useMay();
  const org = useConsole().org?.uid ?? null;
  const change = useChange(org);
  const query = useQuery(providersQuery(org));
  const all = useQuery({ ...orgsQuery, enabled: org === null });
  const orgs = org === null ? (all.data ?? []) : null;
  const [doing, setDoing] = useState<Doing>(null);
  const close = () => setDoing(null);
  const add = may('create', 'identity') && (
    <Button look="primary" icon="plus" onPress={() => setDoing({ what: 'add' })}>
      {text('providers.add')}
    </Button>
  );
  const columns: Column<Provider>[] = [
    { id: 'title', head: text('providers.title'), cell: (row) => row.title },
    {
      id: 'state',
      head: text('users.state'),
      cell: (row) => (
        <Status tone={row.enabled ? 'good' : 'neutral'}>
          {text(row.enabled ? 'providers.state.on' : 'providers.state.off')}
        </Status>
      ),
    },
    { id: 'issuer', head: text('providers.issuer'), isExtra: true, cell: (row) => <code>{row.issuer}</code> },
    {
      id: 'rules',
      head: text('providers.rules'),
      isExtra: true,
      cell: (row) => <code className={styles.rules}>{written(row.rules, orgs)}</code>,
    },
  ];
  if (may('change', 'identity')) {
    columns.push({
      id: 'do',
      head: text('list.actions'),
      isHeadHidden: true,
      isRight: true,
      cell: (row) => (
        <>
          <Button
            isSmall
            look="quiet"
            aria-label={`${text('providers.change')} ${row.title}`}
            onPress={() => setDoing({ what: 'change', to: row })}
          >
            {text('providers.change')}
          </Button>
          <Button
            isSmall
            look="quiet"
            aria-label={`${text('providers.delete')} ${row.title}`}
            onPress={() => setDoing({ what: 'delete', to: row })}
          >
            {text('providers.delete')}
          </Button>
        </>
      ),
    });
  }
  return (
    <Page title={text('nav.providers')} words={text('providers.words')} actions={add}>
      <Whole
        label={text('nav.providers')}
        query={query}
        columns={columns}
        keyOf={(row) => row.uid}
        empty={
          <Empty icon="globe" title={text('providers.none.title')} actions={add}>
            {text('providers.none.words')}
          </Empty>
        }
      />
      {doing?.what === 'add' && (
        <ProviderDialog
          org={org}
          orgs={orgs}
          // Unless the one that was made has taken its place.
          onClose={() => setDoing((now) => (now?.what === 'add' ? null : now))}
          onMade={(made) => setDoing({ what: 'change', to: made })}
        />
      )}
      {doing?.what === 'change' && (
        <ProviderDialog org={org} orgs={orgs} changed={doing.to} onClose={close} />
      )}
      {doing?.what === 'delete' && (
        <ConfirmByName
          isOpen
          title={text('providers.delete.title', { name: doing.to.title })}
          name={doing.to.name}
          action={text('providers.delete')}
          onClose={close}
          onConfirm={() =>
            change(
              () => removeProvider(org, doing.to.uid),
              text('providers.deleted', { name: doing.to.title }),
              ['providers'],
            )
          }
        >
          {text('providers.delete.words')}
        </ConfirmByName>
      )}
    </Page>
  );
}
