import type { admin as English } from '../en/admin';
import type { Translation } from '../message';

export const admin: Translation<typeof English> = {
  'nav.label': 'Консоль',
  'nav.dashboard': 'Обзор',
  'dashboard.title': 'Обзор',
  'dashboard.empty.title': 'Пока ничего не защищено',
  'dashboard.empty.words': 'Когда появятся машины и заработают планы, здесь будет видно, как обстоят дела.',
};
