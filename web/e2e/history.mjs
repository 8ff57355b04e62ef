//! A repository with half a year of two machines: documents that grow, are renamed and lost, pictures, and a folder of 100,000.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pdf, png, wav, windows1251 } from './media.mjs';

export const PASSWORD = 'the password of a repository that holds nothing of worth';
export const MANY = 100_000;
const DAY = 86_400_000;

/** The newest snapshot of the history; everything is some days before it. */
export const NEWEST = new Date(Math.floor(Date.now() / DAY) * DAY - DAY + 15 * 3_600_000);
export const daysBefore = (days, hour = 15) =>
  new Date(Math.floor(NEWEST.getTime() / DAY) * DAY - days * DAY + hour * 3_600_000);

/** What happens on Anna's laptop, by days before the newest snapshot. */
const days = [
  [170, (home) => begin(home)],
  [160, (home) => home.write('Документы/2026/Смета.csv', budget(4))],
  [150, (home) => home.write('Photos/IMG_0042.png', png(960, 640, 0.2))],
  [141, (home) => home.write('Документы/2026/План.md', plan(2))],
  [133, (home) => home.write('Photos/IMG_0043.png', png(960, 640, 0.5))],
  [120, (home) => home.write('Документы/2026/Смета.csv', budget(9))],
  [112, (home) => home.write('Документы/2026/Отчёт за март.txt', report('март', 6))],
  [104, (home) => home.write('Projects/website/index.html', site(2))],
  [97, (home) => home.write('Документы/2026/План.md', plan(3))],
  [90, (home) => home.write('Photos/Summer/lake.png', png(1200, 800, 0.8))],
  [83, (home) => home.write('Документы/2026/Отчёт за март.txt', report('март', 11))],
  [76, (home) => home.write('Projects/website/app.js', script(2))],
  [69, (home) => home.write('Документы/2026/Смета.csv', budget(14))],
  [61, (home) => home.move('Photos/IMG_0043.png', 'Photos/Summer/sunset.png')],
  [54, (home) => home.write('Документы/2026/План.md', plan(5))],
  [48, (home) => home.write('Projects/website/app.js', script(3))],
  [41, (home) => home.write('Документы/2026/Отчёт за март.txt', report('март', 14))],
  [35, (home) => home.write('Документы/2026/Смета.csv', budget(21))],
  [28, (home) => home.write('Музыка/звонок.wav', wav(440))],
  [24, (home) => home.remove('Photos/IMG_0042.png')],
  [20, (home) => home.write('Документы/2026/План.md', plan(6))],
  [18, (home) => home.remove('Документы/2026/Отчёт за март.txt')],
  [14, (home) => home.remove('Документы/Архив')],
  [11, (home) => home.write('Projects/website/index.html', site(4))],
  [7, (home) => home.write('Документы/2026/Смета.csv', budget(26))],
  [
    5,
    (home) =>
      home.write(
        'Документы/2026/Презентация.pdf',
        pdf(['Plans for 2027', 'What we keep', 'What we change', 'v2']),
      ),
  ],
  [3, (home) => home.remove('Документы/черновик.txt')],
  [2, (home) => home.write('Документы/2026/План.md', plan(8))],
  [1, (home) => home.write('Документы/2026/Смета.csv', budget(30))],
  [0, (home) => home.write('Projects/website/app.js', script(5))],
];

function begin(home) {
  home.write('Документы/2026/План.md', plan(1));
  home.write('Документы/2026/Отчёт за март.txt', report('март', 3));
  home.write('Документы/2026/Отчёт за февраль.txt', report('февраль', 5));
  home.write('Документы/2026/Презентация.pdf', pdf(['Plans for 2027', 'What we keep', 'What we change']));
  home.write(
    'Документы/Архив/2024/договор.txt',
    'Договор № 17\nСтороны договорились хранить всё.\n'.repeat(20),
  );
  home.write('Документы/Архив/2025/акт.txt', 'Акт выполненных работ\n'.repeat(30));
  home.write(
    'Документы/старое письмо.txt',
    windows1251('Здравствуйте!\nЭто письмо написано в кодировке Windows-1251.\n'),
  );
  home.write('Документы/черновик.txt', 'Черновик: мысли, которые потом понадобятся.\n');
  home.write('Photos/Summer/beach.png', png(1200, 800, 0.6));
  home.write('Projects/website/index.html', site(1));
  home.write('Projects/website/app.js', script(1));
  home.write(
    'Projects/website/evil.svg',
    '<svg xmlns="http://www.w3.org/2000/svg"><script>parent.hacked = true</script></svg>',
  );
  home.write('Projects/big.bin', noise(6 << 20));
  home.write('Projects/website/notes & <b>more</b>.txt', 'A name with signs that pages mean something by.\n');
}

/** Bytes that nothing can make smaller, and always the same. */
function noise(length) {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, n) =>
    createHash('sha512').update(`block ${n}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

const plan = (steps) =>
  `# План\n\n${Array.from({ length: steps }, (_, n) => `${n + 1}. Шаг ${n + 1}: сделать и проверить`).join('\n')}\n`;
const report = (month, lines) =>
  `Отчёт за ${month}\n\n${Array.from({ length: lines }, (_, n) => `Неделя ${n + 1}: выручка ${120 + n * 7} тыс. руб., расходы ${80 + n * 3}`).join('\n')}\n`;
const budget = (rows) =>
  `статья;сумма\n${Array.from({ length: rows }, (_, n) => `Позиция ${n + 1};${(n + 3) * 1750}`).join('\n')}\n`;
const site = (n) =>
  `<!doctype html>\n<title>Site ${n}</title>\n<script>parent.hacked = true</script>\n${'<p>Hello</p>\n'.repeat(n * 4)}`;
const script = (n) =>
  Array.from({ length: n * 6 }, (_, line) => `export const part${line} = ${line * n};`).join('\n');

/** A folder of a machine, on a day. */
const folder = (root, at) => ({
  write(path, data) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), data);
    utimesSync(join(root, path), at, at);
  },
  move(from, to) {
    mkdirSync(dirname(join(root, to)), { recursive: true });
    renameSync(join(root, from), join(root, to));
  },
  remove: (path) => rmSync(join(root, path), { recursive: true }),
});

/** Where one history lies for all files of tests: beside what npm has installed, and as easily made again. */
const KEPT = fileURLToPath(new URL('../node_modules/.cache/bygone-history', import.meta.url));

/** Makes the repository in a folder, or copies the one that was made before today. `home` is left as Anna's laptop has it. */
export function makeHistory(bygone, repository, home) {
  const own = ['history.mjs', 'media.mjs'].map((name) => readFileSync(new URL(name, import.meta.url)));
  const key = createHash('sha256')
    .update(Buffer.concat(own))
    .update(NEWEST.toISOString())
    .digest('hex')
    .slice(0, 12);
  const kept = join(KEPT, key);
  if (!existsSync(join(kept, 'done'))) {
    rmSync(KEPT, { recursive: true, force: true });
    mkdirSync(join(kept, 'home'), { recursive: true });
    write(bygone, join(kept, 'repository'), join(kept, 'home'));
    writeFileSync(join(kept, 'done'), '');
  }
  cpSync(join(kept, 'repository'), repository, { recursive: true });
  cpSync(join(kept, 'home'), home, { recursive: true, preserveTimestamps: true });
}

function write(bygone, repository, home) {
  const env = { ...process.env, BYGONE_PASSWORD: PASSWORD };
  const run = (...args) =>
    execFileSync(bygone, [...args, '-r', repository, '--quiet'], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const capture = (host, at, as, what) =>
    run(
      'backup',
      '--host',
      host,
      '--time',
      at.toISOString(),
      '--as-path',
      as,
      '--ignore-inode',
      '--ignore-ctime',
      what,
    );
  run('init');
  for (const [ago, change] of days) {
    change(folder(home, daysBefore(ago, 11)));
    capture('anna-laptop', daysBefore(ago), '/home/anna', home);
  }
  const server = `${home}-server`;
  const files = folder(server, daysBefore(9, 11));
  for (let n = 0; n < MANY; n++) {
    if (n === 0) files.write('Снимки/0', '');
    writeFileSync(join(server, 'Снимки', `IMG_${String(n).padStart(6, '0')}.jpg`), '');
  }
  rmSync(join(server, 'Снимки/0'));
  files.write('Бухгалтерия/отчет.csv', budget(40));
  capture('files', daysBefore(9), '/srv/files', server);
  files.write('Бухгалтерия/отчет.csv', budget(44));
  capture('files', daysBefore(1), '/srv/files', server);
  rmSync(server, { recursive: true });
}
