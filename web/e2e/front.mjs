//! The files of `dist/` in front of a server that holds older ones: a screen is tried without building the program anew.
//! What pages may do is still said by the server, whose headers are sent with them.
//!
//! A process of its own, as journeys run other programs and wait for them: `node front.mjs DIST PORT SERVER_PORT`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SELF = fileURLToPath(import.meta.url);
/** What programs ask below `/`, as `server/src/web.rs` has it. */
const PROGRAMS = ['api', 'portal', 'restic', 'dav', 'dl', 'p', 'healthz', 'readyz', 'metrics'];
const TYPES = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
};

/** Listens at a port, for a server at another one; ends with what it returns. */
export async function startFront(...where) {
  const child = spawn(process.execPath, [SELF, ...where.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  await once(child.stdout, 'data');
  return () => {
    child.kill();
    return ended;
  };
}

function listen(dist, port, serverPort) {
  const front = createServer((asked, answer) => {
    const path = new URL(asked.url, 'http://front').pathname;
    const first = path.split('/')[1];
    if (PROGRAMS.includes(first)) return pass(asked, answer, serverPort);
    const entry = first === 'admin' ? 'admin.html' : 'index.html';
    const [name, bytes, encoding] = fileOf(dist, path) ?? fileOf(dist, `/${entry}`);
    const type = TYPES[name.split('.').at(-1)] ?? 'image/svg+xml';
    const own = {
      'content-type': type,
      ...(encoding && { 'content-encoding': encoding }),
      ...(first === 'assets' && { 'cache-control': 'public, max-age=31536000, immutable' }),
    };
    // The page's own headers, for the page and for its files.
    const ask = request(
      { port: serverPort, path: first === 'admin' ? '/admin' : '/', method: 'HEAD' },
      (like) => {
        const { etag, 'content-length': length, 'content-encoding': _, ...headers } = like.headers;
        answer.writeHead(200, { ...headers, ...own }).end(bytes);
      },
    );
    ask.on('error', () => answer.writeHead(502).end());
    ask.end();
  });
  front.listen(port, '127.0.0.1', () => console.log('listening'));
}

function fileOf(dist, path) {
  if (path === '/' || path.includes('..')) return null;
  try {
    // As the server sends it: compressed, where that was worth a file.
    const packed = `${join(dist, path)}.br`;
    return existsSync(packed) ? [path, readFileSync(packed), 'br'] : [path, readFileSync(join(dist, path))];
  } catch {
    return null;
  }
}

function pass(asked, answer, port) {
  const ask = request({ port, path: asked.url, method: asked.method, headers: asked.headers }, (got) => {
    answer.writeHead(got.statusCode, got.headers);
    got.pipe(answer);
  });
  answer.on('close', () => ask.destroy());
  ask.on('error', () => answer.destroy());
  asked.pipe(ask);
}

if (process.argv[1] === SELF) {
  const [, , dist, port, serverPort] = process.argv;
  listen(dist, Number(port), Number(serverPort));
}
