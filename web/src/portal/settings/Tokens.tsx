import { usePortalText } from '../../i18n/portal';
import { ErrorNotice } from '../../ui/ErrorView';
import { Group } from './Group';
import { NewTokenForm } from './NewTokenForm';
import { TokenList } from './TokenList';
import { isDrive, useTokens } from './tokens';

/** For programs that act for one. */
export function Tokens() {
  const text = usePortalText();
  const tokens = useTokens();
  return (
    <Group title={text('tokens.title')} words={text('tokens.words')}>
      {tokens.error && <ErrorNotice error={tokens.error} onRetry={() => void tokens.refetch()} />}
      <TokenList
        label={text('tokens.title')}
        tokens={tokens.data?.filter((token) => !isDrive(token)) ?? []}
      />
      <NewTokenForm purposes={['read', 'all']} action={text('tokens.make')} />
    </Group>
  );
}
