//! Everything that a plan can say is said in the wizard, kept by the server word for word, and done by the machine.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from './harness.mjs';
import { faults, stage, visit } from './page.mjs';
import { addPlans } from './watch.mjs';

describe('the details of a plan', () => {
  const on = stage({ before, after });
  let at;
  let plan;
  before(async () => {
    await addPlans(on.world);
    at = `/api/v1/orgs/${on.world.org}/plans`;
  });

  const next = (page) => page.getByRole('button', { name: 'Next', exact: true }).click();
  const choose = async (page, label, option) => {
    await page.getByRole('button', { name: label }).click();
    await page.getByRole('option', { name: option, exact: true }).click();
  };
  const tick = (page, role, name) => page.getByRole(role, { name }).click({ force: true });
  const kept = async () => (await on.world.admin.get(`${at}/${plan}`)).spec;

  test('all of it is asked for in plain words, and kept word for word', () =>
    visit(on, { who: 'admin', path: '/admin/plans/new', width: 1360, height: 900 }, async (page) => {
      const touched = join(on.world.folder, 'touched by a command');
      await page.getByLabel('Name', { exact: true }).fill('Everything');
      await tick(page, 'checkbox', /^Documents/);
      await next(page);

      await page.getByText('More about reading and writing').click();
      await page.getByLabel('Patterns, whatever the case').fill('*.BAK');
      await tick(page, 'checkbox', /times of access/);
      await choose(page, /Compression/, 'as small as it gets');
      assert.deepEqual(await faults(page), []);
      await next(page);

      await tick(page, 'checkbox', /^nightly/);
      await tick(page, 'checkbox', /^main/);
      await tick(page, 'radio', /^Machines write to each/);
      await tick(page, 'radio', /^Cheaper to keep/);
      await tick(page, 'radio', /^owners, and whom/);
      assert.deepEqual(await faults(page), []);
      await next(page);

      await choose(page, /^every day/, 'on days of the month');
      await page.getByRole('button', { name: '1', exact: true }).click();
      await page.getByRole('button', { name: 'As the last Friday' }).click();
      await page.getByRole('button', { name: 'Another rule' }).click();
      await page.getByRole('textbox', { name: 'Time 1' }).last().fill('06:30');
      await tick(page, 'radio', 'make up for each of them');
      await page.getByLabel('At most so many').fill('4');
      await page.getByRole('button', { name: 'Add a window' }).click();
      await page.getByRole('group', { name: 'Only on' }).getByText('Fr', { exact: true }).click();
      await page.getByRole('button', { name: 'Add quiet days' }).click();
      await page.getByLabel('From', { exact: true }).last().fill('2026-12-24');
      await page.getByLabel('Why').fill('closed');
      await page.getByText('Before and after other plans, and events').click();
      await page.getByRole('button', { name: 'After another plan' }).click();
      await page.getByRole('button', { name: 'Wait for a plan' }).click();
      await tick(page, 'checkbox', /last run must have succeeded/);
      await page.getByLabel('Events that set it going').fill('deploy');
      const runs = page.getByRole('group', { name: 'Next runs' }).getByRole('row');
      await until('ten runs and their heads', async () => (await runs.count()) === 11);
      assert.deepEqual(await faults(page), []);
      await next(page);

      await page.getByText('By periods and labels, and among whom they count').click();
      await page.getByLabel('Daily within').fill('2w');
      await page.getByLabel('Quarterly').fill('8');
      await next(page);
      await page.getByText('A period is written as').waitFor();
      await page.getByLabel('Daily within').fill('14d');
      await choose(page, /Rules count among/, 'snapshots of the same folders');
      assert.deepEqual(await faults(page), []);
      await next(page);

      await page.getByRole('button', { name: 'Add a command' }).click();
      await page.getByRole('textbox', { name: 'Command' }).fill(`sh -c 'echo done > "${touched}`);
      await next(page);
      await page.getByText('every quote has to be closed').waitFor();
      await page.getByRole('textbox', { name: 'Command' }).fill(`sh -c 'echo done > "${touched}"'`);
      await page.getByLabel('Sends at most (MB/s)').fill('20');
      await page.getByLabel('Yields the processor').fill('10');
      await choose(page, /^as everybody Disk/, 'only when it is idle');
      await page.getByRole('button', { name: 'Other rates at certain hours' }).click();
      assert.deepEqual(await faults(page), []);
      await next(page);

      await page.getByText(/before anything is read: sh -c/).waitFor();
      await page.getByText(/08:00–18:00: sends at most 1/).waitFor();
      assert.deepEqual(await faults(page), []);
      await page.getByRole('button', { name: 'Make the plan' }).click();
      await page.getByRole('heading', { name: 'Everything', level: 1 }).waitFor();
      await page.getByText(/if it fails, so does the backup/).waitFor();
      assert.deepEqual(await faults(page), []);

      plan = page.url().split('/').at(-1);
      const spec = await kept();
      assert.equal(spec.capture.compression, 'max');
      assert.deepEqual([spec.capture.iexclude, spec.capture.with_atime], [['*.BAK'], true]);
      assert.deepEqual([spec.repositories.length, spec.repository_mode], [2, 'sequential']);
      assert.deepEqual([spec.storage_class, spec.visibility], ['warm', 'shared']);
      assert.deepEqual(spec.schedule.rules, [
        {
          calendar: { every: 'month', on: [{ weekday: { nth: 'last', day: 'friday' } }], at: ['22:00'] },
        },
        { calendar: { every: 'day', at: ['06:30'] } },
      ]);
      assert.deepEqual(spec.schedule.missed, { all: 4 });
      assert.deepEqual(spec.schedule.windows, [{ days: ['friday'], from: '20:00', to: '06:00' }]);
      assert.deepEqual(
        spec.schedule.blackouts.map(({ from, to, reason }) => [from, to, reason]),
        [['2026-12-24', '2026-12-24', 'closed']],
      );
      assert.deepEqual([spec.after.length, spec.depends_on[0].must_succeed], [1, true]);
      assert.deepEqual(spec.events, ['deploy']);
      assert.deepEqual([spec.retention.group_by, spec.retention.keep.within_daily], ['paths', '14d']);
      assert.equal(spec.retention.keep.quarterly, 8);
      assert.deepEqual(spec.hooks[0].command, ['sh', '-c', `echo done > "${touched}"`]);
      assert.deepEqual(
        [spec.limits.upload_bytes_per_second, spec.limits.nice, spec.limits.io_class],
        [20_000_000, 10, 'idle'],
      );
      assert.equal(spec.limits.bandwidth[0].upload_bytes_per_second, 1_000_000);
    }));

  test('opened and saved untouched, it says what it said', () =>
    visit(on, { who: 'admin', path: `/admin/plans/${plan}/change?step=check` }, async (page) => {
      const before = await kept();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { name: 'Everything', level: 1 }).waitFor();
      assert.deepEqual(await kept(), before);
    }));

  test('its command runs on the machine, before the backup', async () => {
    // It waits for a plan that must have succeeded: without that, it runs at once.
    const { spec } = await on.world.admin.get(`${at}/${plan}`);
    await visit(on, { who: 'admin', path: `/admin/plans/${plan}/change?step=when` }, async (page) => {
      await page.getByRole('button', { name: 'Remove plan waited for 1' }).click();
      await page.getByRole('button', { name: 'Remove window 1' }).click();
      await page.getByRole('button', { name: /Check$/ }).click();
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByRole('heading', { name: 'Everything', level: 1 }).waitFor();
      await page.getByRole('button', { name: 'Run now' }).click();
      await page.getByRole('menuitem', { name: 'Back up' }).click();
      await until('the command to have run', () => existsSync(spec.hooks[0].command[2].split('"')[1]));
    });
    assert.equal(readFileSync(join(on.world.folder, 'touched by a command'), 'utf8'), 'done\n');
  });

  test('an event that somebody tells of sets it going', () =>
    visit(on, { who: 'admin', path: '/admin/plans' }, async (page) => {
      await page.getByRole('button', { name: 'Tell of an event…' }).click();
      const dialog = page.getByRole('dialog', { name: 'What has happened?' });
      await dialog.getByText('Runs Everything').waitFor();
      assert.deepEqual(await faults(page), []);
      await dialog.getByRole('button', { name: 'It has happened' }).click();
      await page.waitForURL(/\/admin\/jobs/);
      const { items } = await until('the run', async () => {
        const found = await on.world.admin.get(`${at}/${plan}/history`);
        return found.items.some(({ origin }) => origin === 'event') && found;
      });
      assert.equal(items.filter(({ origin }) => origin === 'event').length, 1);
    }));

  test('in Russian, on a small phone, every step can be used', () =>
    visit(
      on,
      { who: 'admin', path: `/admin/plans/${plan}`, language: 'ru-RU', width: 320, height: 640 },
      async (page) => {
        const found = [];
        for (const step of ['what', 'capture', 'where', 'when', 'keep', 'around', 'check']) {
          await page.goto(`/admin/plans/${plan}/change?step=${step}`);
          await page.getByRole('button', { name: /^(Далее|Сохранить)$/ }).waitFor();
          const folds = page.locator('details:not([open]) > summary');
          while ((await folds.count()) > 0) await folds.first().click();
          found.push(...(await faults(page)).map((fault) => `${step}: ${fault}`));
          if (await page.evaluate(() => document.documentElement.scrollWidth > 320))
            found.push(`${step}: wider than the phone`);
        }
        assert.deepEqual(found, []);
      },
    ));
});
