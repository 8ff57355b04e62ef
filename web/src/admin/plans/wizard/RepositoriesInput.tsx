import { useQuery } from '@tanstack/react-query';
import { useController, useFormContext } from 'react-hook-form';
import { useAdminText } from '../../../i18n/admin';
import { toKeep } from '../../../routes/adminKeep';
import { LinkButton } from '../../../ui/Button';
import { Checkbox, Radios } from '../../../ui/Choice';
import { Empty } from '../../../ui/Empty';
import { Skeleton } from '../../../ui/Skeleton';
import { Badge } from '../../../ui/Status';
import { useOrgUid } from '../../console';
import { repositoriesQuery } from '../../names';
import { useMay } from '../../rights';
import type { Draft } from './draft';
import styles from './Wizard.module.css';

/** Where snapshots go: the first that was chosen is written by machines, the others as one says. */
export function RepositoriesInput() {
  const text = useAdminText();
  const may = useMay();
  const { control } = useFormContext<Draft>();
  const { field, fieldState } = useController({ control, name: 'repositories' });
  const mode = useController({ control, name: 'mode' }).field;
  const repositories = useQuery(repositoriesQuery(useOrgUid())).data;
  if (!repositories) return <Skeleton lines={4} />;
  if (repositories.length === 0) {
    return (
      <Empty
        icon="database"
        title={text('wizard.repositories.none')}
        actions={
          may('create', 'repository') && (
            <LinkButton href={toKeep.newRepository()}>{text('nav.repositories')}</LinkButton>
          )
        }
      >
        {text('wizard.repositories.none.words')}
      </Empty>
    );
  }
  const toggle = (uid: string, isChosen: boolean) => {
    const rest = field.value.filter((one) => one !== uid);
    field.onChange(isChosen ? [...rest, uid] : rest);
  };
  return (
    <>
      <fieldset className={styles.set}>
        <legend>{text('plans.repositories')}</legend>
        {repositories.map((repository) => {
          const place = field.value.indexOf(repository.uid);
          return (
            <Checkbox
              key={repository.uid}
              isSelected={place >= 0}
              onChange={(isChosen) => toggle(repository.uid, isChosen)}
            >
              <span>
                {repository.name} <code className={styles.soft}>{repository.location}</code>{' '}
                {field.value.length > 1 && place >= 0 && (
                  <Badge tone={place === 0 ? 'good' : 'neutral'}>
                    {text(place === 0 ? 'wizard.repositories.first' : 'wizard.repositories.copy')}
                  </Badge>
                )}
              </span>
            </Checkbox>
          );
        })}
        {fieldState.error?.message && (
          <p className={styles.error} role="alert">
            {text('wizard.wrong.repositories')}
          </p>
        )}
      </fieldset>
      {field.value.length > 1 && (
        <Radios
          label={text('plan.mode')}
          value={mode.value}
          onChange={mode.onChange}
          options={(['copy', 'sequential'] as const).map((value) => ({
            value,
            label: text(`wizard.mode.${value}`),
            hint: text(`wizard.mode.${value}.hint`),
          }))}
        />
      )}
    </>
  );
}
