import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ask } from '../../api/client';
import type { Schemas } from '../../api/types';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { Notice } from '../../ui/Status';
import { ConfirmByName } from '../parts/ConfirmByName';
import { Facts } from '../parts/Facts';
import { Page, Part } from '../parts/Page';
import { EscrowPart } from './EscrowPart';
import { installationQuery } from './installation';

/** The installation as a whole: what it is, its key, and what is kept for the day on which it is no more. */
export default function Settings() {
  const text = useAdminText();
  const about = useQuery(installationQuery).data;
  return (
    <Page title={text('nav.settings')} words={text('settings.words')}>
      <Facts
        facts={[
          { name: text('settings.version'), value: about?.version },
          { name: text('settings.address'), value: about && (about.public_url ?? window.location.origin) },
          {
            name: text('settings.agents'),
            value:
              about && (about.agent_url ?? text('settings.agents.port', { port: String(about.agent_port) })),
          },
        ]}
      />
      <KeyPart />
      <EscrowPart org={null} />
    </Page>
  );
}

function KeyPart() {
  const text = useAdminText();
  const [isAsking, setAsking] = useState(false);
  const [rotated, setRotated] = useState<Schemas['RotatedBody'] | null>(null);
  return (
    <Part title={text('settings.key.title')}>
      <p>{text('settings.key.words')}</p>
      {rotated && (
        <Notice tone={rotated.finished ? 'good' : 'warn'}>
          <p>{text('settings.key.rotated', { n: rotated.values, key: rotated.key })}</p>
          {!rotated.finished && <p>{text('settings.key.again')}</p>}
        </Notice>
      )}
      <div>
        <Button look="danger" icon="key" onPress={() => setAsking(true)}>
          {text('settings.key.rotate')}
        </Button>
      </div>
      <ConfirmByName
        isOpen={isAsking}
        title={text('settings.key.rotate.title')}
        name={text('settings.key.rotate.name')}
        action={text('settings.key.rotate')}
        onClose={() => setAsking(false)}
        onConfirm={async () => setRotated(await ask(() => api.POST('/api/v1/secrets/rotate')))}
      >
        {text('settings.key.rotate.words')}
      </ConfirmByName>
    </Part>
  );
}
