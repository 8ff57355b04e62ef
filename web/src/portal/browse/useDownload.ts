import { useMutation } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { useErrorText } from '../../ui/ErrorView';
import { useTell } from '../../ui/Toast';
import { type Item, itemBody } from './chosen';

export type Form = 'file' | 'zip' | 'tar';

interface Wanted {
  source: string;
  items: readonly Pick<Item, 'address' | 'at'>[];
  form: Form;
  name?: string;
}

/** Takes files away: asks for a ticket, and gives it to the browser, which downloads, shows how far it is, and resumes. */
export function useDownload() {
  const text = usePortalText();
  const format = useFormat();
  const errorText = useErrorText();
  const tell = useTell();
  return useMutation({
    mutationFn: ({ source, items, form, name }: Wanted) => {
      const body = { source, items: items.map(itemBody), as: form, ...(name && { name }) };
      return ask(() => api.POST('/portal/v1/tickets', { body }));
    },
    onSuccess: (ticket) => {
      follow(ticket.url, ticket.name);
      tell('good', text('download.begun', { name: ticket.name, size: format.size(ticket.bytes) }));
    },
    onError: (error) => tell('bad', errorText(error)),
  });
}

function follow(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}
