import type { personal as English } from '../en/personal';
import type { Translation } from '../message';

export const personal: Translation<typeof English> = {
  'door.signIn.title': 'С возвращением',
  'door.signIn.words': 'Найдите и верните свои файлы.',
  'door.providerRefused': 'Провайдер не пустил вас. Повторите или обратитесь к администратору.',
  'door.otherOrg': 'Моей организации нет в списке',
  'door.link.used': 'Ссылка больше не действует: она использована или истекла. Попросите другую.',
  'door.name': 'Ваше имя',
  'door.newPassword': 'Новый пароль',
  'door.newPassword.hint': {
    one: 'Не меньше {n} знака.',
    few: 'Не меньше {n} знаков.',
    many: 'Не меньше {n} знаков. Предложение запомнить легко.',
    other: 'Не меньше {n} знаков.',
  },
  'door.setUp.title': 'Настройка Bygone',
  'door.setUp.words':
    'Вы будете управлять этой установкой: создавать организации и назначать им администраторов.',
  'door.setUp.action': 'Начать',
  'door.setUp.noToken':
    'Откройте ссылку, которую сервер напечатал при первом запуске: она кончается длинным кодом.',
  'door.password.title': 'Выберите пароль',
  'door.password.words': 'После этого вы выйдете на всех остальных устройствах.',
  'door.password.done': 'Пароль задан. Войдите с ним.',
  'door.password.noToken': 'Ссылка неполная. Попросите другую у того, кто её дал.',
  'mount.system': 'Операционная система',
  'mount.system.linux': 'Linux',
  'mount.system.macos': 'macOS',
  'mount.system.windows': 'Windows',
  'mount.program': 'Программой',
  'mount.program.words': 'Быстро, и каждый снимок — папка. Войдите один раз, затем подключите:',
  'mount.program.windows':
    'Быстро, и каждый снимок — папка. Нужен WinFsp. Войдите один раз, затем подключите:',
  'mount.signIn': 'Войти',
  'mount.dav': 'Ничего не устанавливая (WebDAV)',
  'mount.dav.words': 'Имя любое. Пароль создаётся в настройках, в разделе «Диски».',
  'mount.dav.macos': 'В Finder выберите «Подключиться к серверу» в меню «Переход» и введите этот адрес:',
  'mount.dav.address': 'Адрес',
};
