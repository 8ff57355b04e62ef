import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { type ForgetState, forgetState, toKeep } from '../../routes/adminKeep';
import { useSearchState } from '../../routes/useSearchState';
import { Button } from '../../ui/Button';
import { ErrorView } from '../../ui/ErrorView';
import { Skeleton } from '../../ui/Skeleton';
import { useOrgUid } from '../console';
import styles from '../form/Form.module.css';
import { TextInput } from '../form/inputs';
import { useServerForm } from '../form/useServerForm';
import { ofOrg } from '../keys';
import { Page, Part } from '../parts/Page';
import { type Repository, repositoryQuery } from '../repositories/repositories';
import { Fates } from './Fates';
import { COUNTS, keepsSomething, ruleSchema, wantedOf } from './forget';

/** Forgetting by a rule, after a look at what it does to each snapshot. */
export default function Forget({ params }: { params: { repository: string } }) {
  const text = useAdminText();
  const org = useOrgUid();
  const query = useQuery(repositoryQuery(org, params.repository));
  if (!query.data) {
    return query.error ? (
      <ErrorView error={query.error} onRetry={() => void query.refetch()} />
    ) : (
      <Skeleton lines={8} height={24} />
    );
  }
  const repository = query.data.value;
  return (
    <Page
      title={text('forget.title')}
      words={text('forget.words')}
      up={{ href: toKeep.repository(repository.uid, 'upkeep'), label: repository.name }}
    >
      <RuleAndFates org={org} repository={repository} />
    </Page>
  );
}

function RuleAndFates({ org, repository }: { org: string; repository: Repository }) {
  const [rule, setRule] = useSearchState(forgetState);
  const wanted = useMemo(() => wantedOf(rule), [rule]);
  const preview = useQuery({
    queryKey: ofOrg(org, 'snapshots', 'fates', repository.uid, wanted),
    queryFn: ({ signal }) => {
      const { retention: policy, ...rest } = wanted;
      return ask(() =>
        api.POST('/api/v1/orgs/{org}/repositories/{repository}/retention-preview', {
          params: { path: { org, repository: repository.uid } },
          body: { policy, ...rest },
          signal,
        }),
      );
    },
    enabled: keepsSomething(rule),
    placeholderData: (before) => before,
  });
  return (
    <>
      <RuleForm rule={rule} onRule={(next) => setRule(next, { isStep: true })} />
      {preview.data ? (
        <Fates org={org} repository={repository} wanted={wanted} fates={preview.data} />
      ) : preview.error ? (
        <ErrorView error={preview.error} onRetry={() => void preview.refetch()} />
      ) : (
        preview.isFetching && <Skeleton lines={6} height={34} />
      )}
    </>
  );
}

function RuleForm({ rule, onRule }: { rule: ForgetState; onRule: (rule: Partial<ForgetState>) => void }) {
  const text = useAdminText();
  const form = useServerForm({
    schema: useMemo(ruleSchema, []),
    defaults: rule,
    submit: async (written) => onRule(written),
  });
  const { control } = form;
  return (
    <form noValidate className={styles.form} onSubmit={form.onSubmit}>
      <Part title={text('forget.keep')}>
        <div className={styles.many}>
          {COUNTS.map((name) => (
            <TextInput key={name} control={control} name={name} label={text(`forget.${name}`)} />
          ))}
          <TextInput
            control={control}
            name="within"
            label={text('forget.within')}
            hint={text('forget.within.hint')}
          />
        </div>
      </Part>
      <Part title={text('forget.only')}>
        <div className={styles.many}>
          <TextInput control={control} name="host" label={text('forget.host')} />
          <TextInput control={control} name="tag" label={text('forget.tag')} />
        </div>
      </Part>
      <div>
        <Button type="submit" look="primary" icon="eye">
          {text('forget.preview')}
        </Button>
      </div>
    </form>
  );
}
