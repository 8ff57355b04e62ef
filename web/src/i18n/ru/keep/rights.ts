import type { rights as English } from '../../en/keep/rights';
import type { Translation } from '../../message';

export const rights: Translation<typeof English> = {
  'noun.installation': 'Установка',
  'noun.organization': 'Организации',
  'noun.user': 'Пользователи',
  'noun.identity': 'Провайдеры входа',
  'noun.session': 'Сеансы',
  'noun.API token': 'Токены API',
  'noun.repository': 'Хранилища',
  'noun.storage credential': 'Ключи к хранилищам',
  'noun.gateway credential': 'Доступ через шлюз',
  'noun.agent': 'Агенты',
  'noun.enrolment token': 'Токены подключения',
  'noun.certificate': 'Сертификаты',
  'noun.source': 'Источники',
  'noun.plan': 'Планы',
  'noun.job': 'Задания',
  'noun.lease': 'Аренды',
  'noun.snapshot': 'Снимки',
  'noun.hold': 'Удержания',
  'noun.grant': 'Доступы',
  'noun.ticket': 'Билеты на скачивание',
  'noun.audit log': 'Журнал действий',
  'verb.see': 'Видеть',
  'verb.create': 'Создавать',
  'verb.change': 'Изменять',
  'verb.delete': 'Удалять',
  'verb.run': 'Запускать',
  'verb.export': 'Выгружать',
  'roles.words':
    'Что роль может делать со всем этого вида в своей организации. Кроме того, каждый видит и восстанавливает свои файлы и то, к чему ему открыт доступ, и управляет своей учётной записью.',
  'roles.noun': 'Вид',
  'roles.all': 'всё',
  'roles.root.words':
    'Создаёт организации и их первых администраторов, следит за установкой. Файлов не видит.',
  'roles.admin.words':
    'Управляет организацией: людьми, машинами, хранилищами и планами. Может смотреть все файлы.',
  'roles.operator.words':
    'Следит за резервным копированием и восстанавливает для других, не заглядывая в файлы.',
  'roles.auditor.words': 'Читает, как всё устроено и что было сделано, и ничего не меняет.',
  'roles.user.words': 'Находит и восстанавливает своё и то, к чему открыт доступ.',
};
