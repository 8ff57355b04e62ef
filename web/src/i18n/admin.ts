import type { admin as adminEn } from './en/admin';
import type { adminKeep as keepEn } from './en/adminKeep';
import type { adminOverview as overviewEn } from './en/adminOverview';
import type { adminParts as partsEn } from './en/adminParts';
import type { adminPlans as plansEn } from './en/adminPlans';
import type { adminWatch as watchEn } from './en/adminWatch';
import type { adminWizard as wizardEn } from './en/adminWizard';
import type { common as commonEn } from './en/common';
import type { KeepWords } from './keep';
import { type Language, useSpeech } from './language';
import type { Catalogue, Text } from './message';

export type AdminWords = typeof commonEn &
  typeof adminEn &
  typeof partsEn &
  typeof watchEn &
  typeof plansEn &
  typeof wizardEn &
  typeof overviewEn &
  typeof keepEn &
  KeepWords;

/** All of them; those of `keep` are there on the pages that load them. */
export const useAdminText = (): Text<AdminWords> => useSpeech().text as unknown as Text<AdminWords>;

/** The words of one language: the others are not loaded. */
export async function adminWords(language: Language): Promise<Catalogue> {
  const [
    { common },
    { admin },
    { adminParts },
    { adminWatch },
    { adminPlans },
    { adminWizard },
    { adminOverview },
    { adminKeep },
  ] =
    language === 'ru'
      ? await Promise.all([
          import('./ru/common'),
          import('./ru/admin'),
          import('./ru/adminParts'),
          import('./ru/adminWatch'),
          import('./ru/adminPlans'),
          import('./ru/adminWizard'),
          import('./ru/adminOverview'),
          import('./ru/adminKeep'),
        ])
      : await Promise.all([
          import('./en/common'),
          import('./en/admin'),
          import('./en/adminParts'),
          import('./en/adminWatch'),
          import('./en/adminPlans'),
          import('./en/adminWizard'),
          import('./en/adminOverview'),
          import('./en/adminKeep'),
        ]);
  return {
    ...common,
    ...admin,
    ...adminParts,
    ...adminWatch,
    ...adminPlans,
    ...adminWizard,
    ...adminOverview,
    ...adminKeep,
  };
}
