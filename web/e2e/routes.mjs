//! Every page of the portal, and by what one knows that it is there.

const heading = (name) => (page) => page.getByRole('heading', { name }).first().waitFor();
const row = (name) => (page) => page.getByRole('row', { name }).first().waitFor();

const home = '/home/anna';

export const portalRoutes = [
  {
    name: 'sign-in',
    path: () => '/sign-in',
    who: null,
    ready: (page) => page.locator('input[type=email]').waitFor(),
  },
  {
    name: 'set-up',
    path: () => '/set-up#token',
    who: null,
    ready: (page) => page.locator('input[type=email]').waitFor(),
  },
  {
    name: 'password',
    path: () => '/password#token',
    who: null,
    ready: (page) => page.locator('input[type=password]').waitFor(),
  },
  { name: 'let-in', path: () => '/let-in', ready: (page) => page.getByPlaceholder('BCDF-GHJK').waitFor() },
  { name: 'home', path: () => '/', ready: (page) => page.getByRole('link', { name: /черновик/ }).waitFor() },
  { name: 'search', path: () => '/search?q=отчет', ready: row(/Отчёт за март/) },
  {
    name: 'search-preview',
    path: ({ sources }) => `/search?q=отчет&sel=${sources.laptop}${home}/Документы/2026/Отчёт за март.txt`,
    ready: (page) => page.getByText('Неделя 14').waitFor(),
  },
  { name: 'search-nothing', path: () => '/search?q=jnxtn', ready: heading(/jnxtn/) },
  { name: 'device', path: ({ sources }) => `/d/${sources.laptop}`, ready: row(/Nov|нояб/) },
  {
    name: 'browse',
    path: ({ sources }) => `/d/${sources.laptop}/browse?p=${home}/Документы`,
    ready: row(/старое письмо/),
  },
  {
    name: 'browse-past',
    path: ({ sources }) =>
      `/d/${sources.laptop}/browse?p=${home}/Photos&at=2026-09-01T00:00:00Z&pv=${home}/Photos/IMG_0043.png`,
    ready: (page) => page.getByRole('img', { name: 'IMG_0043.png' }).waitFor(),
  },
  {
    name: 'browse-many',
    path: ({ sources }) => `/d/${sources.files}/browse?p=/srv/files/Снимки`,
    ready: row(/IMG_000001/),
  },
  {
    name: 'file',
    path: ({ sources }) => `/d/${sources.laptop}/file?p=${home}/Документы/2026/План.md`,
    ready: (page) => page.getByText('8. Шаг 8').waitFor(),
  },
  {
    name: 'diff',
    path: ({ sources }) => `/d/${sources.laptop}/diff?a=2026-10-01T00:00:00Z`,
    ready: row(/План\.md/),
  },
  { name: 'restores', path: () => '/restores', ready: heading(/Restores|Восстановления/) },
  { name: 'settings', path: () => '/settings', ready: heading(/Settings|Настройки/) },
  { name: 'settings-account', path: () => '/settings/account', ready: heading(/Password|Пароль/) },
  { name: 'settings-security', path: () => '/settings/security', ready: row(/HeadlessChrome|Chrome|node/) },
  {
    name: 'settings-drives',
    path: () => '/settings/drives',
    ready: heading(/All snapshots as a drive|Все снимки как диск/),
  },
  { name: 'settings-tokens', path: () => '/settings/tokens', ready: heading(/API/) },
  { name: 'nowhere', path: () => '/no/such/page', ready: heading(/no such page|Такой страницы нет/) },
];
