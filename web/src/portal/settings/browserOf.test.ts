import { expect, test } from 'vitest';
import { browserOf } from './browserOf';

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0',
    'Edge · Windows',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0', 'Firefox · Linux'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) Version/26.0 Safari/605.1', 'Safari · iOS'],
  ['bygone/0.1', 'bygone'],
  ['', '–'],
])('%s is %s', (agent, words) => expect(browserOf(agent)).toBe(words));
