import { Test } from '@nestjs/testing';
import { expect, it } from '@jest/globals';
import { APP_CONFIG, ConfigModule } from './config.module.js';
import { loadConfig } from './load.js';

it('injects the very object that was loaded', async () => {
  const config = loadConfig({
    env: { JWT_SECRET: 'x'.repeat(32) },
    cwd: '/nonexistent',
    rootFile: '/nonexistent',
  });
  const module = await Test.createTestingModule({ imports: [ConfigModule.forRoot(config)] }).compile();
  expect(module.get(APP_CONFIG)).toBe(config);
  await module.close();
});
