import { useMemo, useRef } from 'react';
import * as v from 'valibot';
import { newKey } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { CopyLine } from '../../ui/CopyLine';
import styles from '../form/Form.module.css';
import { FormDialog } from '../form/FormDialog';
import { CheckboxInput, TextInput } from '../form/inputs';
import { line, lineOrNot, say, slug } from '../form/schema';
import { useChange } from '../parts/useChange';
import { keepProvider, type Provider } from './providers';
import { type OrgNames, rulesOf, written } from './rules';

interface DialogProps {
  org: string | null;
  /** Organizations that rules may name; null: the provider is of one. */
  orgs: OrgNames | null;
  changed?: Provider;
  onClose: () => void;
  /** A new one is kept: now it has addresses, which the provider has to be told. */
  onMade?: (made: Provider) => void;
}

/** As the server has them: without groups nobody gets a role, without offline access nobody is looked after again. */
const USUAL_SCOPES = ['email', 'profile', 'groups', 'offline_access'];

/** Plain HTTP on loopback reaches the server's own machine, which is whose the installation is. */
const isSafe = (address: string, isRoots: boolean): boolean =>
  address.startsWith('https://') ||
  (isRoots && /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|\/|$)/.test(address));

const schemaOf = (orgs: OrgNames | null) =>
  v.object({
    name: slug(),
    title: line(),
    issuer: v.pipe(
      v.string(),
      v.trim(),
      v.url(say('providers.issuer.wrong')),
      v.check((address) => isSafe(address, orgs !== null), say('providers.issuer.wrong')),
    ),
    client_id: line(500),
    client_secret: v.string(),
    scopes: v.pipe(
      lineOrNot(500),
      v.transform((words) => words.split(/[\s,]+/).filter(Boolean)),
    ),
    groups_claim: line(),
    rules: v.pipe(
      v.string(),
      v.check(
        (text) => rulesOf(text, orgs) !== null,
        say(orgs === null ? 'providers.rules.wrong' : 'providers.rulesRoot.wrong'),
      ),
      v.transform((text) => rulesOf(text, orgs) ?? []),
    ),
    links_email: v.boolean(),
    enabled: v.boolean(),
  });

/** All settings of a provider: they are changed together, or not at all. */
export function ProviderDialog({ org, orgs, changed, onClose, onMade }: DialogProps) {
  const text = useAdminText();
  const change = useChange(org);
  const key = useRef(newKey());
  const schema = useMemo(() => schemaOf(orgs), [orgs]);
  return (
    <FormDialog
      isWide
      title={changed?.title ?? text('providers.add')}
      verb={text('action.save')}
      schema={schema}
      defaults={{
        name: changed?.name ?? '',
        title: changed?.title ?? '',
        issuer: changed?.issuer ?? '',
        client_id: changed?.client_id ?? '',
        client_secret: '',
        scopes: (changed?.scopes ?? USUAL_SCOPES).join(' '),
        groups_claim: changed?.groups_claim ?? 'groups',
        rules: written(changed?.rules ?? [], orgs),
        links_email: changed?.links_email ?? false,
        enabled: changed?.enabled ?? true,
      }}
      onClose={onClose}
      onSubmit={async ({ client_secret, ...rest }) => {
        const body = { ...rest, client_secret: client_secret || null };
        const kept = await change(
          () => keepProvider(org, changed?.uid, body, key.current),
          text('providers.saved', { name: rest.title }),
          ['providers'],
        );
        if (!changed) onMade?.(kept);
      }}
    >
      {({ control }) => (
        <>
          <div className={styles.pair}>
            <TextInput control={control} name="title" label={text('providers.title')} autoFocus />
            <TextInput
              control={control}
              name="name"
              label={text('providers.name')}
              hint={text('providers.name.hint')}
            />
          </div>
          <TextInput
            control={control}
            name="issuer"
            type="url"
            label={text('providers.issuer')}
            hint={text('providers.issuer.hint')}
            placeholder="https://…"
          />
          <div className={styles.pair}>
            <TextInput
              control={control}
              name="client_id"
              label={text('providers.clientId')}
              {...(!changed && { hint: text('providers.clientId.later') })}
            />
            <TextInput
              control={control}
              name="client_secret"
              type="password"
              label={text('providers.clientSecret')}
              {...(changed?.has_secret && { hint: text('providers.clientSecret.kept') })}
            />
          </div>
          <div className={styles.pair}>
            <TextInput
              control={control}
              name="scopes"
              label={text('providers.scopes')}
              hint={text('providers.scopes.hint')}
            />
            <TextInput control={control} name="groups_claim" label={text('providers.groupsClaim')} />
          </div>
          <TextInput
            control={control}
            name="rules"
            lines={4}
            label={text('providers.rules')}
            hint={text(orgs === null ? 'providers.rules.hint' : 'providers.rulesRoot.hint')}
          />
          <CheckboxInput control={control} name="links_email" label={text('providers.linksEmail')} />
          <CheckboxInput control={control} name="enabled" label={text('providers.enabled')} />
          {changed && <Addresses provider={changed} />}
        </>
      )}
    </FormDialog>
  );
}

/** What has to be registered at the provider. */
function Addresses({ provider }: { provider: Provider }) {
  const text = useAdminText();
  const { origin } = window.location;
  return (
    <>
      <div>
        <p className={styles.soft}>{text('providers.redirect')}</p>
        <CopyLine label={text('providers.redirect')} value={origin + provider.redirect_path} />
      </div>
      <div>
        <p className={styles.soft}>{text('providers.logout')}</p>
        <CopyLine label={text('providers.logout')} value={origin + provider.back_channel_logout_path} />
      </div>
    </>
  );
}
