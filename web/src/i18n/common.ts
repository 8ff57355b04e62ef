import type { common } from './en/common';
import { useSpeech } from './language';
import type { Text } from './message';

/** The words that both pages have: everything in `ui/` uses these and no others. */
export const useText = (): Text<typeof common> => useSpeech().text as Text<typeof common>;
