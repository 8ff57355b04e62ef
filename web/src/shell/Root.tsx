import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { newQueryClient } from '../api/query';
import { chosenLanguage, type Language, Speaks } from '../i18n/language';
import type { Catalogue } from '../i18n/message';
import { useStored } from '../lib/stored';
import '../ui/tokens.css';
import { Toasts } from '../ui/Toast';
import { Offline } from './Offline';
import { PageErrors } from './PageErrors';
import { Questions } from './Questions';

const queries = newQueryClient();

interface RootProps {
  words: (language: Language) => Promise<Catalogue>;
  page: React.ComponentType;
}

/** What both pages stand in: their words, the server's answers, messages, and the dialogs that requests wait for. */
function Root({ words, page: Page }: RootProps) {
  const language = useStored(chosenLanguage);
  const [catalogue, setCatalogue] = useState<Catalogue | null>(null);
  useEffect(() => {
    let isCurrent = true;
    // Until the other language is there, the page goes on in this one.
    void words(language).then((loaded) => isCurrent && setCatalogue(loaded));
    return () => {
      isCurrent = false;
    };
  }, [words, language]);
  if (!catalogue) return null;
  return (
    <QueryClientProvider client={queries}>
      <Speaks catalogue={catalogue}>
        <Toasts>
          <Offline />
          <PageErrors>
            <Page />
          </PageErrors>
          <Questions />
        </Toasts>
      </Speaks>
    </QueryClientProvider>
  );
}

export function start(props: RootProps): void {
  const element = document.getElementById('root');
  if (!element) throw new Error('the page has no root');
  createRoot(element).render(
    <StrictMode>
      <Root {...props} />
    </StrictMode>,
  );
}
