import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import { allOf } from '../../api/pages';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { useFormat } from '../../i18n/format';
import { Button } from '../../ui/Button';
import { Dialog } from '../../ui/Dialog';
import { ErrorNotice } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Badge } from '../../ui/Status';
import { type Column, Table } from '../../ui/Table';
import { useOrgUid } from '../console';
import { ofOrg } from '../keys';
import { useDo } from '../parts/useDo';
import { useMay } from '../rights';
import { type ChangedField, changedFields } from './changed';
import { type Plan, versionsQuery } from './plans';

type Version = Schemas['PlanVersionBody'];

/** Everything that a plan said, and a way back to it. */
export function Versions({ plan, tag }: { plan: Plan; tag: string }) {
  const text = useAdminText();
  const format = useFormat();
  const org = useOrgUid();
  const may = useMay();
  const people = usePeople(org);
  const versions = useQuery(versionsQuery(org, plan.uid));
  const [asked, setAsked] = useState<Version | null>(null);
  if (versions.error && !versions.data) {
    return <ErrorNotice error={versions.error} onRetry={() => void versions.refetch()} />;
  }
  if (!versions.data) return <Skeleton lines={5} />;
  const before = new Map(versions.data.map((one) => [one.version, one]));
  const columns: Column<Version>[] = [
    {
      id: 'version',
      head: text('plan.part.versions'),
      cell: ({ version }) => (
        <>
          {text('plan.version', { n: version })}{' '}
          {version === plan.version && <Badge tone="good">{text('plan.version.now')}</Badge>}
        </>
      ),
    },
    { id: 'at', head: text('plan.version.at'), cell: ({ at }) => format.dateTime(at) },
    {
      id: 'by',
      head: text('plan.version.by'),
      isExtra: true,
      cell: ({ by, by_kind }) =>
        people.get(by) ?? text(by_kind === 'token' ? 'job.by.token' : 'job.by.system'),
    },
    {
      id: 'changed',
      head: text('plan.version.changed'),
      cell: (one) => <Changed one={one} before={before.get(one.version - 1)} />,
    },
    {
      id: 'do',
      head: text('plan.version.back'),
      isHeadHidden: true,
      isRight: true,
      cell: (one) =>
        one.version !== plan.version &&
        may('change', 'plan') && (
          <Button
            isSmall
            icon="history"
            aria-label={`${text('plan.version.back')}: ${text('plan.version', { n: one.version })}`}
            onPress={() => setAsked(one)}
          >
            {text('plan.version.back')}
          </Button>
        ),
    },
  ];
  return (
    <>
      <Table
        label={text('plan.part.versions')}
        rows={versions.data}
        columns={columns}
        keyOf={({ version }) => String(version)}
      />
      {asked && <BringBack plan={plan} tag={tag} version={asked} onClose={() => setAsked(null)} />}
    </>
  );
}

function Changed({ one, before }: { one: Version; before: Version | undefined }) {
  const text = useAdminText();
  const format = useFormat();
  if (one.restored_from) return text('plan.version.from', { n: one.restored_from });
  if (!before) return one.version === 1 ? text('plan.version.first') : '–';
  const words = changedFields(before, one).map((field: ChangedField) => text(`plan.field.${field}`));
  return words.length > 0 ? format.list(words) : '–';
}

interface BringBackProps {
  plan: Plan;
  tag: string;
  version: Version;
  onClose: () => void;
}

function BringBack({ plan, tag, version: { version }, onClose }: BringBackProps) {
  const text = useAdminText();
  const org = useOrgUid();
  const act = useDo(org);
  const bringBack = async () => {
    const params = { path: { org, plan: plan.uid }, header: { 'If-Match': tag } };
    const send = () =>
      ask(() => api.POST('/api/v1/orgs/{org}/plans/{plan}/rollback', { params, body: { version } }));
    if (await act(send, text('plan.version.back.done'), ['plans'])) onClose();
  };
  return (
    <Dialog
      isOpen
      title={text('plan.version.back.title', { n: version })}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>{text('action.cancel')}</Button>
          <Button look="primary" onPress={() => void bringBack()}>
            {text('plan.version.back')}
          </Button>
        </>
      }
    >
      <p>{text('plan.version.back.words')}</p>
    </Dialog>
  );
}

/** Who changed plans. Where people may not be seen, they have no names here. */
function usePeople(org: string): ReadonlyMap<string, string> {
  const may = useMay();
  const { data } = useQuery({
    queryKey: ofOrg(org, 'users', 'all'),
    queryFn: ({ signal }) =>
      allOf((query) =>
        ask(() => api.GET('/api/v1/orgs/{org}/users', { params: { path: { org }, query }, signal })),
      ),
    enabled: may('see', 'user'),
  });
  return new Map((data ?? []).map(({ uid, name }) => [uid, name]));
}
