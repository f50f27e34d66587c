import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplication } from '@nestjs/common';
import { ConfigModule, loadConfig } from '@pondpilot/config';
import { FrameworkLogger } from './framework-logger.js';
import { Log } from './log.js';
import { ObservabilityModule } from './observability.module.js';

@Controller()
class Paths {
  constructor(private readonly log: Log) {}

  @Get('health')
  health() {
    return 'healthy';
  }

  @Get('work')
  work() {
    this.log.info('Container spawned', { user_id: 'abc123', container_id: 'def456' });
    return 'done';
  }
}

const lines: string[] = [];
let app: INestApplication;
let url: string;

beforeAll(async () => {
  const config = loadConfig({
    env: { JWT_SECRET: 'x'.repeat(32) },
    cwd: '/nonexistent',
    rootFile: '/nonexistent',
  });
  const imports = [
    ConfigModule.forRoot(config),
    ObservabilityModule.forRoot({ write: (line) => lines.push(line) }),
  ];
  const module = await Test.createTestingModule({ imports, controllers: [Paths] }).compile();
  app = module.createNestApplication({ bufferLogs: true });
  app.useLogger(app.get(FrameworkLogger));
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});
afterAll(() => app.close());
beforeEach(() => {
  lines.length = 0;
});

describe('the log of an application', () => {
  it('has the promised line, also when it is written during a request', async () => {
    await (await fetch(`${url}/work`)).text();
    expect(lines[0]).toMatch(
      /^level=info msg="Container spawned" user_id=abc123 container_id=def456 request_id=\w+ time=\S+Z\n$/,
    );
  });

  it('has a line for a request, without its query and its headers', async () => {
    await (await fetch(`${url}/work?token=planted`, { headers: { authorization: 'Bearer planted' } })).text();
    expect(lines[1]).toMatch(
      /^level=info msg="Request completed" method=GET path=\/work status=200 duration_ms=\d+ /,
    );
    expect(lines.join('')).not.toContain('planted');
  });

  it('has no line for health checks', async () => {
    await (await fetch(`${url}/health?x=1`)).text();
    expect(lines).toEqual([]);
  });

  it('shows no credentials of objects that are logged', () => {
    const headers = { authorization: 'Bearer planted', cookie: 'planted' };
    app.get(Log).error('Odd call', { headers, call: { headers }, token: 'planted' });
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('planted');
    expect(lines[0]).toContain('headers.authorization=[redacted]');
  });

  it('leaves out what the framework tells, but not its errors', () => {
    app.get(FrameworkLogger).log('Mapped {/work, GET} route', 'RouterExplorer');
    app.get(FrameworkLogger).error('broken', 'Router');
    expect(lines).toEqual([expect.stringMatching(/^level=error msg=broken context=Router time=/)]);
  });
});
