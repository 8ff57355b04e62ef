import { useState } from 'react';
import * as v from 'valibot';
import { useLocation } from 'wouter';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { toWatch } from '../../routes/adminWatch';
import { Button } from '../../ui/Button';
import { Menu, type MenuEntry } from '../../ui/Menu';
import { useOrgUid } from '../console';
import { FormDialog } from '../form/FormDialog';
import { TextInput } from '../form/inputs';
import { line } from '../form/schema';
import { ConfirmByName } from '../parts/ConfirmByName';
import { useDone } from '../parts/useDo';
import { useMay } from '../rights';
import type { Agent } from './agents';

const renaming = v.object({ name: line(100) });

/** What can be done with a machine. What cannot be undone asks for its name, and the server for the second factor. */
export function AgentActions({ agent, tag }: { agent: Agent; tag: string }) {
  const text = useAdminText();
  const org = useOrgUid();
  const may = useMay();
  const done = useDone(org);
  const [, navigate] = useLocation();
  const [asks, setAsks] = useState<'rename' | 'revoke' | 'unenrol' | null>(null);
  const close = () => setAsks(null);
  const params = { path: { org, agent: agent.uid } };

  const rename = async ({ name }: { name: string }) => {
    const header = { 'If-Match': tag };
    await ask(() =>
      api.PATCH('/api/v1/orgs/{org}/agents/{agent}', { params: { ...params, header }, body: { name } }),
    );
    await done(text('agent.renamed'), ['agents']);
  };
  const revoke = async () => {
    await ask(() => api.POST('/api/v1/orgs/{org}/agents/{agent}/revoke', { params }));
    await done(text('agent.revoked'), ['agents']);
  };
  const unenrol = async () => {
    await ask(() => api.DELETE('/api/v1/orgs/{org}/agents/{agent}', { params }));
    navigate(toWatch.agents());
    await done(text('agent.unenrolled'), ['agents']);
  };

  const entries: MenuEntry[] = [];
  if (may('change', 'agent')) {
    entries.push({
      id: 'rename',
      icon: 'text',
      label: text('agent.rename'),
      onAction: () => setAsks('rename'),
    });
  }
  if (may('delete', 'agent') && agent.state === 'active') {
    entries.push(
      {
        id: 'unenrol',
        icon: 'minus',
        label: text('agent.unenrol'),
        isDanger: true,
        onAction: () => setAsks('unenrol'),
      },
      {
        id: 'revoke',
        icon: 'lock',
        label: text('agent.revoke'),
        isDanger: true,
        onAction: () => setAsks('revoke'),
      },
    );
  }
  if (entries.length === 0) return null;
  return (
    <>
      <Menu
        label={text('agent.more')}
        entries={entries}
        trigger={<Button icon="more">{text('agent.more')}</Button>}
      />
      {asks === 'rename' && (
        <FormDialog
          title={text('agent.rename')}
          schema={renaming}
          defaults={{ name: agent.name }}
          verb={text('action.save')}
          onSubmit={rename}
          onClose={close}
        >
          {({ control }) => <TextInput control={control} name="name" label={text('agent.name')} autoFocus />}
        </FormDialog>
      )}
      <ConfirmByName
        title={text('agent.revoke.title', { machine: agent.name })}
        name={agent.name}
        action={text('agent.revoke')}
        isOpen={asks === 'revoke'}
        onClose={close}
        onConfirm={revoke}
      >
        {text('agent.revoke.words')}
      </ConfirmByName>
      <ConfirmByName
        title={text('agent.unenrol.title', { machine: agent.name })}
        name={agent.name}
        action={text('agent.unenrol')}
        isOpen={asks === 'unenrol'}
        onClose={close}
        onConfirm={unenrol}
      >
        {text('agent.unenrol.words')}
      </ConfirmByName>
    </>
  );
}
