//! Who may not do something is not offered it, and is refused when they try; of another organization nobody learns that it is there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { addPerson, addRivals } from './console.mjs';
import { keepChanging, keepPages, open } from './keep.mjs';
import { stage, visit } from './page.mjs';
import { addPlans, watchRoutes } from './watch.mjs';

const API = JSON.parse(readFileSync(new URL('../../server/openapi.json', import.meta.url), 'utf8'));

/** What only reads, although it is sent as a body. */
const READING = ['/plans/preview', '/retention-preview'];

/** Buttons that change nothing but what is shown. */
const HARMLESS = [
  /^(The month before|The month after|Close the day)$/,
  /^(As a table|As a chart|Show more|Copy.*)$/,
  /^(Is it whole\?|Follow the last line|See what happens)$/,
];

/** Every page of the console that belongs to our organization, with its uids. */
const everywhere = (world) => [
  ...watchRoutes.map(({ path }) => path(world)),
  ...keepPages(world),
  ...keepChanging(world),
];

describe('apart', () => {
  const on = stage({ before, after });
  const uids = {};

  before(async () => {
    const { world } = on;
    await addPlans(world);
    await addPerson(world, 'auditor', { email: 'arthur@example.org', name: 'Arthur', role: 'auditor' });
    world.rivals = await addRivals(world);
    const at = `/api/v1/orgs/${world.org}`;
    const first = async (list) => (await world.admin.get(`${at}/${list}`)).items[0];
    Object.assign(uids, {
      org: world.org,
      agent: world.watched.agent,
      plan: world.watched.plan,
      job: world.watched.failed,
      repository: world.repository,
      user: world.users.anna,
      source: world.sources.laptop,
      snapshot: (await first(`snapshots?repository=${world.repository}`)).id,
      grant: (await first('grants')).uid,
      token: (await first('enrolment-tokens')).uid,
      case: 'none',
    });
  });

  /** Sends a request as somebody; the status, and what was said. */
  async function send(who, method, path, body) {
    const { url } = on.world;
    const stop = new AbortController();
    const response = await fetch(url + path, {
      method,
      signal: stop.signal,
      headers: {
        origin: url,
        cookie: on.world[who].cookie,
        'if-match': '"1"',
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const isStream = response.headers.get('content-type')?.includes('event-stream');
    const text = isStream ? '' : await response.text();
    stop.abort();
    return { status: response.status, text };
  }

  /** Every call of the API on something of our organization. */
  function* calls() {
    for (const [path, methods] of Object.entries(API.paths)) {
      if (!path.includes('{org}')) continue;
      // What nobody has in this world has the uid of something else, which is as well not there.
      const filled = path.replace(/\{(\w+)\}/g, (_, name) => uids[name] ?? uids.org);
      for (const method of Object.keys(methods)) yield { method: method.toUpperCase(), path, filled };
    }
  }

  /** Bodies that would be done if who sends them might. */
  function bodyOf(path) {
    const { agent, user, source } = uids;
    const spec = { sources: [source], repositories: [uids.repository] };
    const provider = {
      name: 'mine',
      title: 'Mine',
      issuer: 'https://example.org',
      client_id: 'x',
      rules: [{ group: '*', role: 'admin' }],
    };
    const bodies = [
      [/\/grants$/, { user, source, path: '/', effect: 'allow', actions: ['see'] }],
      [/\/jobs$/, { spec: { kind: 'catalog', repository: uids.repository } }],
      [/\/plan-events$/, { event: 'deploy' }],
      [/\/plans(\/\{plan\})?$/, { name: 'mine', spec }],
      [/\/rollback$/, { version: 1 }],
      [/\/providers(\/\{provider\})?$/, provider],
      [/\/repositories$/, { name: 'mine', begin: 'create', password: 'a long password' }],
      [/\/repositories\/try$/, { location: 'rest:http://127.0.0.1:9/x' }],
      [/\/gateway-credentials$/, { name: 'mine' }],
      [/\/keys$/, { kind: 'recovery', user: 'mine' }],
      [/\/holds$/, { case: '1', reason: 'mine' }],
      [/\/sources(\/\{source\})?$/, { agent, name: 'mine', paths: ['/'] }],
      [
        /\/storage-credentials(\/\{credential\})?$/,
        { name: 'mine', secret: { kind: 's3', access_key: 'a', secret_key: 'b' } },
      ],
      [/\/users$/, { email: 'x@example.org', name: 'X', role: 'admin' }],
      [/\/escrow$/, { recipient: 'age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg' }],
    ];
    return bodies.find(([pattern]) => pattern.test(path))?.[1] ?? {};
  }

  test('an auditor finds every page, and on none of them anything to change', () =>
    visit(on, { who: 'auditor', path: '/admin/roles' }, async (page) => {
      const offered = [];
      for (const path of everywhere(on.world)) {
        await open(page, path);
        // What opens a choice is a filter here: on pages of an auditor there is no form.
        const buttons = page.locator('main button:not(:disabled):not([aria-haspopup=listbox])');
        // What a rule would forget may be asked by everybody who sees the snapshots.
        const isAsking = path.includes('/forget');
        assert.equal(await page.locator('main form').count(), isAsking ? 1 : 0, `${path}: a form`);
        for (const button of await buttons.all()) {
          const name = (await button.getAttribute('aria-label')) ?? (await button.textContent());
          if (!HARMLESS.some((pattern) => pattern.test(name.trim()))) offered.push(`${path}: ${name}`);
        }
      }
      assert.deepEqual(offered, []);
    }));

  test('what an auditor is not offered is refused to them as well: every call that changes something', async () => {
    const done = [];
    for (const { method, path, filled } of calls()) {
      if (method === 'GET' || READING.some((end) => path.endsWith(end))) continue;
      const { status, text } = await send('auditor', method, filled, bodyOf(path));
      // What they may not even see is not there for them.
      if (status !== 403 && status !== 404) done.push(`${method} ${path}: ${status} ${text}`);
    }
    assert.deepEqual(done, []);
  });

  test('for another organization nothing of ours is there: no call of the API says otherwise', async () => {
    const told = [];
    for (const { method, path, filled } of calls()) {
      const { status, text } = await send('rita', method, filled, method === 'GET' ? null : bodyOf(path));
      if (status !== 404) told.push(`${method} ${path}: ${status} ${text}`);
    }
    assert.deepEqual(told, []);
  });

  test('for another organization nothing of ours is there: no page shows a name of it, and no answer has one', () =>
    visit(on, { who: 'rita', path: '/admin/roles' }, async (page) => {
      const ours =
        /Anna|Boris|Arthur|acme|anna-laptop|laptop|File server|Documents|Scanner|nightly|Every night|Scans/i;
      const found = [];
      page.on('response', async (response) => {
        if (!/\/(api|portal)\//.test(response.url()) || response.url().includes('/events')) return;
        const text = await response.text().catch(() => '');
        // The description of the API is the same for everybody.
        if (!response.url().endsWith('openapi.json') && (ours.test(text) || text.includes(on.world.org)))
          found.push(`${response.url()}: ${ours.exec(text)?.[0]}`);
      });
      for (const path of everywhere(on.world)) {
        await open(page, path);
        const shown = (await page.locator('#root').textContent()) + (await page.title());
        // The reference shows examples of its own.
        if (path !== '/admin/api' && ours.test(shown)) found.push(`${path}: ${ours.exec(shown)[0]}`);
      }
      assert.deepEqual(found, []);
    }));

  test('and for us nothing of theirs', async () => {
    await visit(on, { who: 'admin', path: `/admin/repos/${on.world.rivals.repository}` }, (page) =>
      page.getByText('Nothing is here for you').waitFor(),
    );
    // Not even root looks into snapshots: there is no way to them.
    await visit(on, { who: 'root', path: '/admin/o/rival/repos' }, async (page) => {
      await page.getByRole('link', { name: 'secret-place' }).click();
      await page.getByRole('heading', { name: 'secret-place' }).waitFor();
      assert.equal(await page.getByRole('link', { name: /snapshots/i }).count(), 0);
    });
  });
});
