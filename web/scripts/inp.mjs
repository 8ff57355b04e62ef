// How quickly search answers to keys over a million versions: `npm run inp -- REPOSITORY PASSWORD`, a repository of restic's format on
// this machine, which is copied by links and not written to (`cargo xtask bench data` makes one of a million files). Real keys in
// Chromium; the browser's own event timings. Fails above the goals.
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { addPeople, BYGONE, PEOPLE, signIn, startBrowser, startServer, until } from '../e2e/harness.mjs';
import { visit } from '../e2e/page.mjs';

/** Milliseconds: from a key to the next frame for nearly every key, and from a key to the hits of what is typed. */
const GOALS = { inp: 100, hits: 150 };
const KEY_MS = 110;
/** A question that is not answered for so long counts as unanswered, which no run may have. */
const ANSWER_WAIT_MS = 10_000;
const LOOK_MS = 3_000;
const INDEX_WAIT_MS = 15 * 60_000;
const QUERIES = ['entry_05', '0440', '99999', 'entry 77', '123456', 'zzz', '54403', 'txt'];

const [repository, password] = process.argv.slice(2);
if (!repository || !password) {
  console.error('npm run inp -- REPOSITORY PASSWORD');
  process.exit(2);
}
const world = await startServer();
const browser = await startBrowser();
let failed = false;
try {
  const place = join(world.folder, 'stores', 'acme', 'million');
  mkdirSync(join(world.folder, 'stores', 'acme'), { recursive: true });
  // Links: what the server would add, the repository itself does not get.
  execFileSync('cp', ['-al', repository, place]);
  Object.assign(world, await addPeople(world.url, world.link));
  const { admin, org } = world;
  const at = `/api/v1/orgs/${org}`;
  const env = { ...process.env, BYGONE_PASSWORD: password };
  const [snapshot] = JSON.parse(
    execFileSync(BYGONE, ['snapshots', '--json', '--quiet', '-r', place], { env }).toString(),
  );
  await world.enrolAgent();
  const agent = await until('the agent', async () => (await admin.get(`${at}/agents`)).items[0]);
  await admin.post(`${at}/sources`, {
    agent: agent.uid,
    name: 'Million',
    host: snapshot.hostname,
    paths: snapshot.paths,
    owner: world.users.anna,
  });
  const begin = { begin: 'adopt', location: place, password };
  const made = await admin.post(`${at}/repositories`, { name: 'million', ...begin });
  await admin.post(`${at}/repositories/${made.uid}/refresh`, {});
  world.anna = await signIn(world.url, PEOPLE.anna);
  const begun = Date.now();
  const found = await until(
    'the index',
    async () => {
      const answer = await world.anna.get('/portal/v1/search?q=entry');
      // As often as one looks, one takes time from who makes it.
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      return answer.hits.length > 0 && !answer.partial && answer;
    },
    INDEX_WAIT_MS,
  );
  console.log(
    `indexed in ${Math.round((Date.now() - begun) / 1000)} s; “entry” is in ${found.paths ?? found.total} names`,
  );
  console.log(`load of the machine ${loadavg()[0].toFixed(1)}`);
  const { events, hits, worst, unanswered } = await visit({ world, browser }, { path: '/search' }, typing);
  const inp = percentile(events, 0.98);
  report('key → next frame (INP)', inp, GOALS.inp, events);
  report('key → its hits painted, p95', percentile(hits, 0.95), GOALS.hits, hits);
  console.log(`worst long task ${worst} ms`);
  if (unanswered.length > 0)
    console.log(`not answered in ${ANSWER_WAIT_MS / 1000} s: ${unanswered.join(', ')}`);
  failed ||= unanswered.length > 0;
} finally {
  await browser.close();
  await world.end();
}
if (failed) process.exit(1);

function report(name, value, goal, all) {
  failed ||= value > goal;
  const median = Math.round(percentile(all, 0.5));
  console.log(
    `${name}: ${Math.round(value)} ms [${goal}]${value > goal ? ' ABOVE' : ''}; median ${median} ms of ${all.length}`,
  );
}

/** Types, and takes down what the browser measured. */
async function typing(page) {
  await page.getByRole('searchbox').first().waitFor();
  await page.evaluate(() => {
    window.seen = { events: new Map(), hits: [], worst: 0 };
    new PerformanceObserver((list) => {
      for (const { interactionId, duration } of list.getEntries()) {
        if (!interactionId) continue;
        // Several events of one key: the longest is the interaction's.
        window.seen.events.set(interactionId, Math.max(duration, window.seen.events.get(interactionId) ?? 0));
      }
    }).observe({ type: 'event', durationThreshold: 16 });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) window.seen.worst = Math.max(window.seen.worst, duration);
    }).observe({ type: 'longtask' });
    // From the letter to the frame in which the hits of exactly what stands in the box are painted.
    document.addEventListener('input', ({ target }) => {
      const [begun, typed] = [performance.now(), target.value.trim()];
      if (typed === '') return;
      const look = () => {
        if (target.value.trim() !== typed) return;
        if (document.querySelector('[data-q]')?.dataset.q !== typed) return void requestAnimationFrame(look);
        requestAnimationFrame(() => setTimeout(() => window.seen.hits.push(performance.now() - begun)));
      };
      requestAnimationFrame(look);
    });
  });
  const box = page.getByRole('searchbox').last();
  let keys = 0;
  const unanswered = [];
  for (const query of QUERIES) {
    await box.focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Delete');
    for (const letter of query) {
      await page.keyboard.press(letter === ' ' ? 'Space' : letter);
      keys += 1;
      await page.waitForTimeout(KEY_MS);
    }
    const settled = (typed) => document.querySelector('[data-q]')?.dataset.q === typed;
    const answered = page.waitForFunction(settled, query.trim(), { timeout: ANSWER_WAIT_MS });
    await answered.catch(() => unanswered.push(query));
    await page.waitForTimeout(300);
  }
  const seen = await page.evaluate(() => ({ ...window.seen, events: [...window.seen.events.values()] }));
  // What took less than 16 ms the browser does not tell.
  const quick = Array.from({ length: Math.max(0, keys - seen.events.length) }, () => 16);
  return { ...seen, unanswered, events: [...seen.events, ...quick] };
}

function percentile(values, share) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
}
