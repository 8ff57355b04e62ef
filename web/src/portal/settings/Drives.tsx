import { usePortalText } from '../../i18n/portal';
import { ErrorNotice } from '../../ui/ErrorView';
import { Group } from './Group';
import { MountCommands } from './MountCommands';
import { NewTokenForm } from './NewTokenForm';
import { TokenList } from './TokenList';
import { isDrive, useTokens } from './tokens';

/** All snapshots as a drive: how, and with which password. */
export function Drives() {
  const text = usePortalText();
  const tokens = useTokens();
  return (
    <>
      <Group title={text('drives.title')} words={text('drives.words')}>
        <MountCommands />
      </Group>
      <Group title={text('drives.passwords')} words={text('drives.passwords.words')}>
        {tokens.error && <ErrorNotice error={tokens.error} onRetry={() => void tokens.refetch()} />}
        <TokenList label={text('drives.passwords')} tokens={tokens.data?.filter(isDrive) ?? []} />
        <NewTokenForm purposes={['drive']} action={text('drives.make')} />
      </Group>
    </>
  );
}
