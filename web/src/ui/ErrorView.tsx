import { isProblem, Problem, Unreachable } from '../api/problem';
import { useText } from '../i18n/common';
import { Button, LinkButton } from './Button';
import { Empty } from './Empty';
import styles from './ErrorView.module.css';
import type { IconName } from './Icon';
import { Notice } from './Status';

interface ErrorProps {
  error: unknown;
  /** Asks again. */
  onRetry?: (() => void) | undefined;
}

/** What went wrong in place of a page, in words, with what to do and what to tell an administrator. */
export function ErrorView({ error, onRetry }: ErrorProps) {
  const text = useText();
  const { icon, title, advice } = useWords(error);
  return (
    <Empty
      isPage
      icon={icon}
      title={title}
      actions={
        <>
          {onRetry && !isProblem(error, 'not_found', 'forbidden') && (
            <Button look="primary" icon="refresh" onPress={onRetry}>
              {text('action.retry')}
            </Button>
          )}
          <LinkButton href="/" icon="search">
            {text('action.toStart')}
          </LinkButton>
        </>
      }
    >
      <p>{advice}</p>
      <Reference error={error} />
    </Empty>
  );
}

/** The same within a page. */
export function ErrorNotice({ error, onRetry }: ErrorProps) {
  const text = useText();
  const { title, advice } = useWords(error);
  return (
    <Notice tone="bad">
      <strong>{title}</strong>
      <p>{advice}</p>
      <Reference error={error} />
      {onRetry && (
        <Button isSmall icon="refresh" onPress={onRetry}>
          {text('action.retry')}
        </Button>
      )}
    </Notice>
  );
}

/** What an error comes to in a sentence: for forms. */
export function useErrorText(): (error: unknown) => string {
  const text = useText();
  return (error) => {
    if (error instanceof Unreachable) return text('error.unreachable.title');
    if (isProblem(error, 'too_many_requests')) return text('error.tooMany', { n: error.retryAfter ?? 60 });
    if (error instanceof Problem) return sentence(error.message);
    return text('error.unknown.title');
  };
}

function Reference({ error }: { error: unknown }) {
  const text = useText();
  if (!(error instanceof Problem) || !error.requestId) return null;
  return (
    <p className={styles.reference}>
      {text('error.reference')} <code>{error.requestId}</code>
    </p>
  );
}

function useWords(error: unknown): { icon: IconName; title: string; advice: string } {
  const text = useText();
  if (error instanceof Unreachable) {
    return {
      icon: 'offline',
      title: text('error.unreachable.title'),
      advice: text('error.unreachable.advice'),
    };
  }
  if (!(error instanceof Problem)) {
    return { icon: 'warning', title: text('error.unknown.title'), advice: text('error.unknown.advice') };
  }
  switch (error.code) {
    case 'not_found':
      return { icon: 'search', title: text('error.notFound.title'), advice: text('error.notFound.advice') };
    case 'gone':
      return { icon: 'clock', title: text('error.gone.title'), advice: text('error.gone.advice') };
    case 'forbidden':
      return { icon: 'lock', title: text('error.forbidden.title'), advice: text('error.forbidden.advice') };
    case 'unauthenticated':
      return { icon: 'lock', title: text('error.signedOut.title'), advice: text('error.signedOut.advice') };
    case 'storage_failed':
    case 'unavailable':
      return { icon: 'database', title: text('error.storage.title'), advice: text('error.storage.advice') };
    case 'too_many_requests':
      return {
        icon: 'clock',
        title: text('error.tooMany.title'),
        advice: text('error.tooMany', { n: error.retryAfter ?? 60 }),
      };
    default:
      return { icon: 'warning', title: text('error.refused.title'), advice: sentence(error.message) };
  }
}

/** The server's words begin small, as they may stand within a sentence. */
const sentence = (words: string) => {
  const begun = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
};
