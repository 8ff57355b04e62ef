import { useMemo } from 'react';
import * as v from 'valibot';
import { api, ask } from '../../api/client';
import { useAdminText } from '../../i18n/admin';
import { Button } from '../../ui/Button';
import { CopyLine } from '../../ui/CopyLine';
import { Notice } from '../../ui/Status';
import { useTell } from '../../ui/Toast';
import styles from '../form/Form.module.css';
import { TextInput } from '../form/inputs';
import { say } from '../form/schema';
import { useServerForm } from '../form/useServerForm';
import { Part } from '../parts/Page';

const FILE = 'bygone-escrow.age';

/** Takes out what opens the repositories: of an organization, or, without one, of the whole installation. */
export function EscrowPart({ org }: { org: string | null }) {
  const text = useAdminText();
  const tell = useTell();
  const form = useServerForm({
    schema: useMemo(
      () =>
        v.object({
          recipient: v.pipe(v.string(), v.trim(), v.regex(/^age1[a-z0-9]+$/, say('escrow.recipient.wrong'))),
        }),
      [],
    ),
    defaults: { recipient: '' },
    submit: async (body) => {
      const parseAs = 'blob' as const;
      const sealed = await ask<Blob>(() =>
        org === null
          ? api.POST('/api/v1/secrets/escrow', { body, parseAs })
          : api.POST('/api/v1/orgs/{org}/escrow', { params: { path: { org } }, body, parseAs }),
      );
      save(sealed);
      tell('good', text('escrow.taken'));
    },
  });
  return (
    <Part title={text('escrow.title')}>
      <p>{text('escrow.words')}</p>
      <form noValidate className={styles.page} onSubmit={form.onSubmit}>
        {form.refusal && <Notice tone="bad">{form.refusal}</Notice>}
        <TextInput
          control={form.control}
          name="recipient"
          label={text('escrow.recipient')}
          hint={text('escrow.recipient.hint')}
          placeholder="age1…"
        />
        <div>
          <Button type="submit" icon="download" isPending={form.isBusy}>
            {text('escrow.take')}
          </Button>
        </div>
      </form>
      <div>
        <p className={styles.soft}>{text('escrow.open')}</p>
        <CopyLine label={text('escrow.open')} value={`age --decrypt --identity identity.txt ${FILE}`} />
      </div>
    </Part>
  );
}

/** Gives a file to the browser's downloads. */
function save(content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = FILE;
  link.click();
  URL.revokeObjectURL(url);
}
