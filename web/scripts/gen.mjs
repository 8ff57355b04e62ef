// Makes src/api/schema.d.ts from the server's description of its API. With --check it only says whether it is up to date.
import { readFile, writeFile } from 'node:fs/promises';
import openapiTypes, { astToString } from 'openapi-typescript';

const from = new URL('../../server/openapi.json', import.meta.url);
const to = new URL('../src/api/schema.d.ts', import.meta.url);

const description = JSON.parse(await readFile(from, 'utf8'));
describeWhatIsOnlyNamed(description);
const made = `// Made by \`npm run gen\` from server/openapi.json. Do not edit.\n${astToString(await openapiTypes(description))}`;

if (process.argv.includes('--check')) {
  const kept = await readFile(to, 'utf8').catch(() => '');
  if (kept !== made) {
    console.error('src/api/schema.d.ts is not what server/openapi.json says: run `npm run gen`');
    process.exit(1);
  }
} else {
  await writeFile(to, made);
}

/** A schema that is referred to and not described is a text: the generator would stop at it. */
function describeWhatIsOnlyNamed(root) {
  const schemas = root.components.schemas;
  const visit = (value) => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (value && typeof value === 'object') {
      const name = typeof value.$ref === 'string' ? value.$ref.replace('#/components/schemas/', '') : null;
      if (name && !(name in schemas)) schemas[name] = { type: 'string' };
      Object.values(value).forEach(visit);
    }
  };
  visit(root);
}
