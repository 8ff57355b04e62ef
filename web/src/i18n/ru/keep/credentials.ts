import type { credentials as English } from '../../en/keep/credentials';
import type { Translation } from '../../message';

export const credentials: Translation<typeof English> = {
  'credentials.words':
    'Чем открываются внешние хранилища. Секреты запечатаны: ими пользуются, но больше не показывают.',
  'credentials.add': 'Добавить ключ',
  'credentials.none.title': 'Ключей пока нет',
  'credentials.none.words':
    'Бакет, сервер SSH или REST спрашивает, кто пришёл: сохраните здесь нужное, затем добавьте хранилище.',
  'credentials.name': 'Имя',
  'credentials.kind': 'Для чего',
  'credentials.kind.s3': 'S3',
  'credentials.kind.sftp': 'SSH (SFTP)',
  'credentials.kind.rest': 'Сервер REST',
  'credentials.public': 'Что не секретно',
  'credentials.used': 'Хранилища',
  'credentials.replace': 'Заменить секрет',
  'credentials.replace.title': 'Другой секрет для {name}',
  'credentials.replace.words': 'Хранилища, которые им пользуются, с этого момента открываются новым.',
  'credentials.replaced': 'Секрет {name} заменён',
  'credentials.kept': 'Ключ {name} сохранён',
  'credentials.delete': 'Удалить…',
  'credentials.delete.title': 'Удалить {name}?',
  'credentials.delete.words': 'Пока ключ нужен хотя бы одному хранилищу, удалить его нельзя.',
  'credentials.deleted': 'Ключ {name} удалён',
  'credentials.accessKey': 'Ключ доступа',
  'credentials.secretKey': 'Секретный ключ',
  'credentials.region': 'Регион',
  'credentials.region.hint': 'Пусто — как у самого хранилища.',
  'credentials.pathStyle': 'Бакет указан в пути, а не в имени узла',
  'credentials.user': 'Пользователь',
  'credentials.user.hint': 'Пусто — из расположения.',
  'credentials.password': 'Пароль',
  'credentials.privateKey': 'Закрытый ключ',
  'credentials.privateKey.hint': 'Файл целиком — или пароль ниже.',
  'credentials.passphrase': 'Парольная фраза ключа',
  'credentials.knownHosts': 'Известные узлы',
  'credentials.knownHosts.hint':
    'Строки как в ~/.ssh/known_hosts: связь будет только с этими серверами. Их печатает ssh-keyscan.',
};
