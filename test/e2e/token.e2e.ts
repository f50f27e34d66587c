import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

const JWT_SECRET = 'a secret of this test, long enough to sign with';

function token(...args: string[]) {
  const env = { PATH: process.env['PATH'], JWT_SECRET };
  return spawnSync(process.execPath, ['scripts/token.mjs', ...args], { env, encoding: 'utf8' });
}

describe('npm run token', () => {
  it.each(['--help', '-h'])('tells with %s what it takes and which secret it signs with', (option) => {
    const { status, stdout, stderr } = token(option);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^Usage: npm run token -- USER \[--ttl 8h\]\n/);
    for (const word of ['--ttl', 'JWT_SECRET_FILE', 'JWT_SECRET,', '/run/secrets/jwt_secret', '.pondpilot/'])
      expect(stdout).toContain(word);
    expect(stdout).not.toContain(JWT_SECRET);
  });

  it('prints nothing but the token, which says who it is for and how long', () => {
    const { status, stdout } = token('ada', '--ttl', '30m');
    expect(status).toBe(0);
    const [, claims = ''] = stdout.split('.');
    const { sub, iat, exp } = JSON.parse(Buffer.from(claims, 'base64url').toString());
    expect({ sub, seconds: exp - iat }).toEqual({ sub: 'ada', seconds: 1800 });
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
  });

  it.each([[[]], [['ada', 'bob']], [['ada', '--tll', '8h']], [['ada', '--ttl', 'long']]])(
    'refuses %j in one line that shows the usage',
    (args) => {
      const { status, stdout, stderr } = token(...args);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
      expect(stderr).toMatch(/^.+Usage: npm run token -- USER \[--ttl 8h\].*\n$/);
    },
  );
});
