import { useQuery } from '@tanstack/react-query';
import { Redirect } from 'wouter';
import { useAdminText } from '../../i18n/admin';
import { REPOSITORY_PARTS, type RepositoryPart, toKeep } from '../../routes/adminKeep';
import { toWatch } from '../../routes/adminWatch';
import { LinkButton } from '../../ui/Button';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { Notice } from '../../ui/Status';
import { Tabs } from '../../ui/Tabs';
import { useOrgUid } from '../console';
import { Page } from '../parts/Page';
import { type May, useMay } from '../rights';
import { GatewayPart } from './GatewayPart';
import { ImmutablePart } from './ImmutablePart';
import { KeysPart } from './KeysPart';
import { RepositoryState } from './RepositoryState';
import { repositoryQuery } from './repositories';
import { SettingsPart } from './SettingsPart';
import { UpkeepPart } from './UpkeepPart';
import { UsagePart } from './UsagePart';

/** Who may see what is behind a tab. */
const mayOpen: Record<RepositoryPart, (may: May) => boolean> = {
  usage: () => true,
  immutable: () => true,
  keys: () => true,
  access: (may) => may('see', 'gateway credential'),
  upkeep: (may) => may('create', 'job'),
  settings: (may) => may('change', 'repository'),
};

interface Params {
  repository: string;
  part?: string;
}

/** One repository: what it holds, who comes to it, and what is done to it. */
export default function Repository({ params }: { params: Params }) {
  const text = useAdminText();
  const may = useMay();
  const org = useOrgUid();
  const query = useQuery(repositoryQuery(org, params.repository));
  const parts = REPOSITORY_PARTS.filter((one) => mayOpen[one](may));
  const part = parts.find((one) => one === (params.part ?? 'usage'));
  if (!part) return <Redirect href={toKeep.repository(params.repository)} replace />;
  if (!query.data) {
    return query.error ? (
      <ErrorView error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton lines={8} height={24} />
    );
  }
  const { value: repository, tag } = query.data;
  return (
    <Page
      title={repository.name}
      status={<RepositoryState repository={repository} />}
      words={<code>{repository.location}</code>}
      up={{ href: toKeep.repositories(), label: text('nav.repositories') }}
      actions={
        <>
          {may('see', 'snapshot') && (
            <LinkButton icon="history" href={toKeep.snapshots({ repository: repository.uid })}>
              {text('repository.snapshots')}
            </LinkButton>
          )}
          <LinkButton icon="list" href={toWatch.jobs({ repository: repository.uid })}>
            {text('repository.jobs')}
          </LinkButton>
        </>
      }
    >
      {repository.fault && (
        <Notice tone="bad">
          <strong>{text('repository.fault')}</strong>
          <p>{repository.fault}</p>
        </Notice>
      )}
      <Tabs
        label={text('repositories.parts')}
        tabs={parts.map((one) => ({
          href: toKeep.repository(repository.uid, one),
          label: text(`repositories.part.${one}`),
          isCurrent: one === part,
        }))}
      />
      {part === 'usage' && <UsagePart org={org} repository={repository} />}
      {part === 'immutable' && <ImmutablePart org={org} repository={repository} />}
      {part === 'keys' && <KeysPart org={org} repository={repository} />}
      {part === 'access' && <GatewayPart org={org} repository={repository} />}
      {part === 'upkeep' && <UpkeepPart org={org} repository={repository} />}
      {part === 'settings' && <SettingsPart org={org} repository={repository} tag={tag} />}
    </Page>
  );
}
