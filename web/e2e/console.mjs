//! People of the console, beside those of the world: an auditor, and another organization with an admin of its own. What they are
//! asked before something is done, and told after.
import assert from 'node:assert/strict';
import { signIn } from './harness.mjs';

const PASSWORD = 'a long password of the console';

/** Adds somebody to an organization, who signs in as people do: with a link, and a password of their own. */
export async function addPerson(world, key, { org = world.org, email, name, role }) {
  const user = await world.root.post(`/api/v1/orgs/${org}/users`, { email, name, role });
  const link = await world.root.post(`/api/v1/orgs/${org}/users/${user.uid}/password-link`, {});
  await world.root.post('/api/v1/password-reset', { token: link.token, password: PASSWORD });
  world[key] = await signIn(world.url, { email, password: PASSWORD });
  return user.uid;
}

/** Another organization with a repository, of which nobody of the first may learn anything. */
export async function addRivals(world) {
  const org = (await world.root.post('/api/v1/orgs', { name: 'rival', title: 'Rival' })).uid;
  await addPerson(world, 'rita', { org, email: 'rita@rival.example', name: 'Rita', role: 'admin' });
  const repository = await world.rita.post(`/api/v1/orgs/${org}/repositories`, {
    name: 'secret-place',
    begin: 'create',
    password: 'of rivals',
  });
  return { org, repository: repository.uid };
}

/** The password that console people prove themselves with. */
export const CONSOLE_PASSWORD = PASSWORD;

/** Writes the name of a thing where a dialog asks for it, and does it; then proves oneself, if that is asked for. */
export async function confirm(page, name, verb, password) {
  const dialog = page.getByRole('dialog');
  const button = dialog.getByRole('button', { name: verb });
  assert.equal(await button.isDisabled(), true, 'nothing is done before the name is written');
  await dialog.getByRole('textbox').fill(name);
  await button.click();
  await prove(page, dialog.waitFor({ state: 'detached' }), password);
}

/** Proves oneself, if that is asked for before something is done. */
export async function prove(page, done, password) {
  const proof = page.getByRole('dialog', { name: 'Prove that it is you' });
  await Promise.race([proof.waitFor(), done]);
  if (!(await proof.isVisible())) return;
  await proof.getByLabel('Password', { exact: true }).fill(password);
  await proof.getByRole('button', { name: 'Go on' }).click();
  await proof.waitFor({ state: 'detached' });
}

/** Waits for what a page says that it did. */
export const told = (page, words) => page.getByRole('log', { name: 'Messages' }).getByText(words).waitFor();
