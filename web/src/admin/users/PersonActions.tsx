import { useMemo, useState } from 'react';
import * as v from 'valibot';
import { useLocation } from 'wouter';
import { isProblem } from '../../api/problem';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { toKeep } from '../../routes/adminKeep';
import { Button } from '../../ui/Button';
import { useErrorText } from '../../ui/ErrorView';
import { Menu, type MenuEntry } from '../../ui/Menu';
import { useTell } from '../../ui/Toast';
import { useConsole } from '../console';
import { FormDialog } from '../form/FormDialog';
import { RadioInput, TextInput } from '../form/inputs';
import { email, line } from '../form/schema';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useChange } from '../parts/useChange';
import { ROLES, useMay } from '../rights';
import { askForLink, changePerson, removePerson, takeSecondFactor } from './calls';
import { PasswordLink } from './PasswordLink';
import type { Person } from './people';

interface ActionsProps {
  org: string | null;
  person: Person;
  tag: string;
}

type Asked = 'edit' | 'keepOut' | 'totp' | 'delete' | null;

/** What can be done to a person. What is done to oneself is in one's own settings. */
export function PersonActions({ org, person, tag }: ActionsProps) {
  const text = useAdminText();
  const may = useMay();
  const tell = useTell();
  const errorText = useErrorText();
  const change = useChange(org);
  const { me } = useConsole();
  const [, navigate] = useLocation();
  const [asked, setAsked] = useState<Asked>(null);
  const [link, setLink] = useState<Schemas['LinkBody'] | null>(null);
  const close = () => setAsked(null);
  const { name } = person;
  if (!may('change', 'user') || me.user.uid === person.uid) return null;

  const save = (body: Schemas['UserChangeBody'], done: string) =>
    change(() => changePerson(org, person.uid, tag, body), done, ['users']).catch((error: unknown) => {
      throw isProblem(error, 'precondition_failed')
        ? new Error(text('error.stale'), { cause: error })
        : error;
    });
  const told = (what: Promise<unknown>) => void what.catch((error) => tell('bad', errorText(error)));

  const entries: MenuEntry[] = [
    { id: 'edit', label: text('user.edit'), onAction: () => setAsked('edit') },
    {
      id: 'link',
      label: text('user.link'),
      onAction: () => told(askForLink(org, person.uid).then(setLink)),
    },
    person.disabled
      ? {
          id: 'letIn',
          label: text('user.letIn'),
          onAction: () => told(save({ disabled: false }, text('user.letIn.told', { name }))),
        }
      : { id: 'keepOut', label: text('user.keepOut'), isDanger: true, onAction: () => setAsked('keepOut') },
  ];
  if (person.has_totp) {
    entries.push({ id: 'totp', label: text('user.totp'), isDanger: true, onAction: () => setAsked('totp') });
  }
  if (may('delete', 'user')) {
    entries.push({
      id: 'delete',
      label: text('user.delete'),
      isDanger: true,
      onAction: () => setAsked('delete'),
    });
  }
  return (
    <>
      <Menu
        label={text('list.actions')}
        entries={entries}
        trigger={<Button icon="more">{text('list.actions')}</Button>}
      />
      {asked === 'edit' && <EditPerson org={org} person={person} onSave={save} onClose={close} />}
      {link && <PasswordLink person={person} link={link} onClose={() => setLink(null)} />}
      <ConfirmByName
        isOpen={asked === 'keepOut'}
        title={text('user.keepOut.title', { name })}
        name={name}
        action={text('user.keepOut')}
        onClose={close}
        onConfirm={() => save({ disabled: true }, text('user.keptOut.told', { name }))}
      >
        {text('user.keepOut.words')}
      </ConfirmByName>
      <ConfirmByName
        isOpen={asked === 'totp'}
        title={text('user.totp.title', { name })}
        name={name}
        action={text('user.totp')}
        onClose={close}
        onConfirm={() =>
          change(() => takeSecondFactor(org, person.uid), text('user.totp.told', { name }), ['users'])
        }
      >
        {text('user.totp.words')}
      </ConfirmByName>
      <ConfirmByName
        isOpen={asked === 'delete'}
        title={text('user.delete.title', { name })}
        name={name}
        action={text('user.delete')}
        onClose={close}
        onConfirm={async () => {
          await change(() => removePerson(org, person.uid), text('user.deleted', { name }), [
            'users',
            'grants',
          ]);
          navigate(toKeep.users());
        }}
      >
        {text('user.delete.words')}
      </ConfirmByName>
    </>
  );
}

interface EditProps {
  org: string | null;
  person: Person;
  onSave: (body: Schemas['UserChangeBody'], done: string) => Promise<unknown>;
  onClose: () => void;
}

function EditPerson({ org, person, onSave, onClose }: EditProps) {
  const text = useAdminText();
  const schema = useMemo(() => v.object({ name: line(), email: email(), role: v.picklist(ROLES) }), []);
  return (
    <FormDialog
      title={person.name}
      verb={text('action.save')}
      schema={schema}
      defaults={{ name: person.name, email: person.email, role: person.role }}
      onClose={onClose}
      onSubmit={async ({ role, ...rest }) => {
        const body = { ...rest, ...(role !== person.role && { role }) };
        await onSave(body, text('user.changed', { name: rest.name }));
      }}
    >
      {({ control }) => (
        <>
          <TextInput control={control} name="name" label={text('users.name')} />
          <TextInput control={control} name="email" type="email" label={text('users.email')} />
          {org !== null && (
            <>
              <RadioInput
                control={control}
                name="role"
                label={text('users.role')}
                options={(['user', 'operator', 'auditor', 'admin'] as const).map((role) => ({
                  value: role,
                  label: text(`role.${role}`),
                  hint: text(`roles.${role}.words`),
                }))}
              />
              <p>{text('user.role.words')}</p>
            </>
          )}
        </>
      )}
    </FormDialog>
  );
}
