//! The keeping pages of the console, by who finds them.

/** What everybody in the organization finds but its users. */
export const keepPages = (world) => [
  '/admin/repos',
  `/admin/repos/${world.repository}`,
  `/admin/repos/${world.repository}/immutable`,
  `/admin/repos/${world.repository}/keys`,
  `/admin/repos/${world.repository}/access`,
  '/admin/snapshots',
  '/admin/holds',
  '/admin/credentials',
  '/admin/users',
  `/admin/users/${world.users.anna}`,
  '/admin/grants',
  '/admin/roles',
  '/admin/tokens',
  '/admin/audit',
  '/admin/organization',
  '/admin/api',
];

/** What only who may change something finds. */
export const keepChanging = (world) => [
  '/admin/repos/new',
  `/admin/repos/${world.repository}/upkeep`,
  `/admin/repos/${world.repository}/settings`,
  `/admin/repos/${world.repository}/forget?last=3`,
  '/admin/providers',
];

/** What root has: the installation, and of organizations how they are used. */
export const rootPages = () => [
  '/admin/orgs',
  '/admin/users',
  '/admin/roles',
  '/admin/providers',
  '/admin/audit',
  '/admin/settings',
  '/admin/api',
  '/admin/o/acme/repos',
  '/admin/o/acme/users',
  '/admin/o/acme/audit',
];

/** The page of an address, when it is as it will be. */
export async function open(page, path) {
  await page.goto(path);
  await page.getByRole('heading').first().waitFor();
  await page.waitForFunction(() => !document.querySelector('[class*="_skeleton_"]'));
}
