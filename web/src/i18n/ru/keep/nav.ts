import type { nav as English } from '../../en/keep/nav';
import type { Translation } from '../../message';

export const nav: Translation<typeof English> = {
  'nav.repositories': 'Хранилища',
  'nav.credentials': 'Ключи к хранилищам',
  'nav.snapshots': 'Снимки',
  'nav.holds': 'Удержания',
  'nav.orgs': 'Организации',
  'nav.organization': 'Организация',
  'nav.users': 'Пользователи',
  'nav.roots': 'Управляющие',
  'nav.roles': 'Роли',
  'nav.grants': 'Доступы',
  'nav.tokens': 'Токены API',
  'nav.providers': 'Провайдеры входа',
  'nav.audit': 'Журнал действий',
  'nav.settings': 'Установка',
  'nav.reference': 'Справочник API',
};
