// provider.mjs PORT [ask]: an OpenID Connect provider on loopback, for tests. Clients register themselves (POST /reg); people
// are those below, and POST /people/NAME changes one: { "groups": [...] } or { "gone": true }. With `ask` they are asked
// whether they agree, as people are in a browser.
import http from 'node:http';
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const asks = process.argv[3] === 'ask';
const issuer = `http://127.0.0.1:${port}`;
const people = {
  alice: { password: 'alice-pw', groups: ['backup-admins', 'staff'] },
  bob: { password: 'bob-pw', groups: ['staff'] },
  mallory: { password: 'mallory-pw', groups: [] },
};

const provider = new Provider(issuer, {
  pkce: { required: () => true },
  claims: {
    openid: ['sub', 'sid'],
    email: ['email', 'email_verified'],
    profile: ['name', 'preferred_username'],
    groups: ['groups'],
  },
  scopes: ['openid', 'offline_access', 'email', 'profile', 'groups'],
  // The claims of scopes are in the ID token too, where a refresh shows them.
  conformIdTokenClaims: false,
  features: {
    devInteractions: { enabled: false },
    registration: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: leave, postLogoutSuccessSource: form },
    backchannelLogout: { enabled: true },
  },
  clientDefaults: { grant_types: ['authorization_code', 'refresh_token'] },
  cookies: { keys: ['only-for-tests'] },
  ttl: { AccessToken: 300, IdToken: 300, AuthorizationCode: 60, Session: 3600, Interaction: 600, Grant: 3600, RefreshToken: 3600 },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(_, id) {
    const person = people[id];
    if (!person || person.gone) return undefined;
    const claims = { sub: id, email: `${id}@example.test`, email_verified: true, name: id, preferred_username: id };
    return { accountId: id, claims: () => ({ ...claims, groups: person.groups }) };
  },
});

async function form(context, html) {
  context.body = html ?? 'signed out';
}

async function leave(context, html) {
  context.body = page(`${html}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`);
}

const page = (inside) => `<!doctype html><html lang="en"><title>Corporation</title>${inside}</html>`;

async function body(request) {
  let text = '';
  for await (const piece of request) text += piece;
  return text;
}

async function interact(request, response) {
  const details = await provider.interactionDetails(request, response);
  if (details.prompt.name === 'consent') {
    if (asks) {
      if (request.method !== 'POST') return show(response, details.uid, AGREEMENT);
      if (new URLSearchParams(await body(request)).get('answer') !== 'agree') {
        const refusal = { error: 'access_denied', error_description: 'the person did not agree' };
        return provider.interactionFinished(request, response, refusal, { mergeWithLastSubmission: false });
      }
    }
    const client = { accountId: details.session.accountId, clientId: details.params.client_id };
    const grant = details.grantId ? await provider.Grant.find(details.grantId) : new provider.Grant(client);
    grant.addOIDCScope(details.params.scope);
    const consent = { grantId: await grant.save() };
    return provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  }
  if (request.method === 'POST') {
    const given = new URLSearchParams(await body(request));
    const name = given.get('login');
    if (people[name]?.password === given.get('password')) {
      return provider.interactionFinished(request, response, { login: { accountId: name } });
    }
    response.writeHead(401);
    return response.end('wrong');
  }
  return show(response, details.uid, CREDENTIALS);
}

const CREDENTIALS =
  '<label>Name <input name="login"></label><label>Password <input name="password" type="password"></label><button type="submit">Sign in</button>';
const AGREEMENT =
  '<button name="answer" value="agree">I agree</button><button name="answer" value="refuse">I do not</button>';

function show(response, uid, inside) {
  response.setHeader('content-type', 'text/html');
  response.end(page(`<form method="post" action="/interaction/${uid}">${inside}</form>`));
}

const callback = provider.callback();
http
  .createServer(async (request, response) => {
    try {
      const person = request.url.match(/^\/people\/(\w+)$/);
      if (person) {
        Object.assign(people[person[1]], JSON.parse(await body(request)));
        return response.end('ok');
      }
      if (request.url.startsWith('/interaction/')) return await interact(request, response);
      return await callback(request, response);
    } catch (error) {
      response.writeHead(500);
      return response.end(String(error));
    }
  })
  .listen(port, '127.0.0.1');
