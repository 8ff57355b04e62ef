//! What there is to watch in a world: a plan that works, one that fails, and the pages of the console that show it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until, ZONE } from './harness.mjs';

/** Adds plans, and runs them until they are over. */
export async function addPlans(world) {
  const at = `/api/v1/orgs/${world.org}`;
  const { admin } = world;
  const folder = join(world.folder, 'documents');
  mkdirSync(folder);
  for (let n = 0; n < 30; n++) writeFileSync(join(folder, `letter-${n}.txt`), `Letter ${n}\n`.repeat(400));
  const [agent] = (await admin.get(`${at}/agents`)).items;
  const source = (name, path) =>
    admin.post(`${at}/sources`, { agent: agent.uid, name, paths: [path], host: name.toLowerCase() });
  const documents = await source('Documents', folder);
  const missing = await source('Scanner', join(world.folder, 'not-mounted'));
  const repository = await admin.post(`${at}/repositories`, {
    name: 'nightly',
    begin: 'create',
    password: 'the password of the nightly repository',
  });
  const daily = (...times) => ({ rules: [{ calendar: { every: 'day', at: times } }], jitter_seconds: 1800 });
  const plan = (name, sources, schedule) =>
    admin.post(`${at}/plans`, {
      name,
      spec: {
        sources: sources.map(({ uid }) => uid),
        repositories: [repository.uid],
        schedule,
        retention: { keep: { daily: 7, weekly: 5, monthly: 12 } },
        verify: { schedule: { rules: [{ cron: '0 4 * * 0' }] }, depth: { depth: 'full' } },
      },
    });
  const works = await plan('Every night', [documents], daily('22:00', '03:00'));
  const fails = await plan('Scans', [missing], { ...daily('12:00'), zone: { named: 'Europe/Berlin' } });
  for (const { uid } of [works, fails]) await admin.post(`${at}/plans/${uid}/run`, {});
  const jobs = await until('both plans to have run', async () => {
    const { items } = await admin.get(`${at}/jobs?kind=backup`);
    const over = items.filter(({ ended_at }) => ended_at);
    return over.length === 2 && over;
  });
  const failed = jobs.find(({ state }) => state === 'failed');
  world.watched = {
    agent: agent.uid,
    plan: works.uid,
    job: jobs.find(({ state }) => state === 'succeeded').uid,
    failed: failed.uid,
    day: new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE }).format(new Date(failed.created_at)),
  };
}

const heading = (name) => (page) => page.getByRole('heading', { name }).first().waitFor();
const row = (name) => (page) => page.getByRole('row', { name }).first().waitFor();

/** The watching pages, and by what one knows that they are there. */
export const watchRoutes = [
  { name: 'dashboard', path: () => '/admin', ready: row(/Scanner.*(failed|ошибок)/) },
  { name: 'calendar', path: () => '/admin/calendar', ready: heading(/20\d\d/) },
  {
    name: 'calendar-day',
    path: ({ watched }) => `/admin/calendar?kind=all&day=${watched.day}`,
    ready: row(/Scanner/),
  },
  { name: 'jobs', path: () => '/admin/jobs', ready: row(/Documents/) },
  { name: 'job', path: ({ watched }) => `/admin/jobs/${watched.job}`, ready: heading(/Log|Журнал/) },
  {
    name: 'job-failed',
    path: ({ watched }) => `/admin/jobs/${watched.failed}`,
    ready: (page) =>
      page
        .getByText(/is not there|нет на месте/)
        .first()
        .waitFor(),
  },
  { name: 'plans', path: () => '/admin/plans', ready: row(/Every night/) },
  { name: 'plan', path: ({ watched }) => `/admin/plans/${watched.plan}`, ready: row(/Backup|Резервное/) },
  {
    name: 'plan-runs',
    path: ({ watched }) => `/admin/plans/${watched.plan}/runs`,
    ready: row(/by hand|вручную/),
  },
  { name: 'plan-versions', path: ({ watched }) => `/admin/plans/${watched.plan}/versions`, ready: row(/1/) },
  ...['what', 'capture', 'where', 'when', 'keep', 'around', 'check'].map((step) => ({
    name: `plan-change-${step}`,
    path: ({ watched }) => `/admin/plans/${watched.plan}/change?step=${step}`,
    ready: (page) => page.getByRole('button', { name: /^(Next|Save|Далее|Сохранить)$/ }).waitFor(),
  })),
  { name: 'agents', path: () => '/admin/agents', ready: (page) => page.getByRole('grid').waitFor() },
  { name: 'agent', path: ({ watched }) => `/admin/agents/${watched.agent}`, ready: row(/Scanner/) },
  { name: 'enrol', path: () => '/admin/agents/enrol', ready: heading(/Open tokens|Действующие токены/) },
];
