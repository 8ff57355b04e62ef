import { useMutation } from '@tanstack/react-query';
import { api, ask } from '../../api/client';
import { useFormat } from '../../i18n/format';
import { usePortalText } from '../../i18n/portal';
import { type BrowseState, browseState, to } from '../../routes/portal';
import { useErrorText } from '../../ui/ErrorView';
import { useTell } from '../../ui/Toast';
import { pathOf } from '../data/address';

/** Makes a link for a colleague to what one sees, and copies it. It leads whoever may see it there, and gives nobody a right. */
export function useShare(source: string) {
  const text = usePortalText();
  const format = useFormat();
  const errorText = useErrorText();
  const tell = useTell();
  return useMutation({
    mutationFn: async ({ snapshot, state }: { snapshot: string; state: BrowseState }) => {
      const { at: _, p, ...shown } = state;
      const body = { source, at: snapshot, ...pathOf(p), shown: browseState.write(shown) };
      const place = await ask(() => api.POST('/portal/v1/places', { body }));
      const url = new URL(to.shared(place.uid), window.location.origin).href;
      // Without HTTPS browsers give nobody the clipboard: then the link is shown.
      const isCopied = await navigator.clipboard?.writeText(url).then(
        () => true,
        () => false,
      );
      return { url, isCopied: isCopied === true, until: place.expires_at };
    },
    onSuccess: ({ url, isCopied, until }) =>
      tell(
        isCopied ? 'good' : 'warn',
        isCopied ? text('share.copied', { date: format.date(until) }) : text('share.byHand', { url }),
      ),
    onError: (error) => tell('bad', errorText(error)),
  });
}
