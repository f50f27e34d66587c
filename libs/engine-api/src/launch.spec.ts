import { describe, expect, it } from '@jest/globals';
import { GENEROUS_LIMITS } from './limits.js';
import { parseEngineLaunch, parseEngineReport, type EngineLaunch } from './launch.js';

describe('parseEngineReport', () => {
  it.each([
    { event: 'ready', port: 4001, controlPort: 4002 },
    { event: 'failed', message: 'the library is of another version' },
  ])('reads %j', (report) => expect(parseEngineReport(JSON.stringify(report))).toEqual(report));

  it.each([
    '',
    'Listening on 4001',
    '{"event":"ready"',
    'null',
    '42',
    '[]',
    '"ready"',
    '{"event":"progress"}',
    '{}',
  ])('finds no report in %p', (line) => expect(parseEngineReport(line)).toBeUndefined());
});

describe('parseEngineLaunch', () => {
  it('reads what was written', () => {
    const launch: EngineLaunch = {
      id: '0123456789abcdef',
      host: '127.0.0.1',
      controlSecret: 'secret',
      duckdbLibrary: '/lib/libduckdb.so',
      tempDirectory: '/tmp/engine',
      memoryBytes: 536_870_912,
      cpus: 0.5,
      extensions: [],
      limits: GENEROUS_LIMITS,
      databases: [
        { alias: 'ä b', type: 'postgres', connectionString: "host=h password='x\ny'", readOnly: true },
      ],
    };
    const line = JSON.stringify(launch);
    expect(line).not.toContain('\n');
    expect(parseEngineLaunch(line)).toEqual(launch);
  });

  it('refuses what is not JSON, and repeats none of it', () => {
    const line = '{"controlSecret":"hunter2"';
    expect(() => parseEngineLaunch(line)).toThrow(expect.objectContaining({ kind: 'invalid_argument' }));
    expect(() => parseEngineLaunch(line)).not.toThrow(/hunter2/);
  });
});
