import { describe, expect, it } from '@jest/globals';
import { containerName, DEPLOYMENT_LABEL, ENGINE_LABEL, labelled } from './labels.js';

describe('labelled', () => {
  it("asks for this deployment's engines, all or one", () => {
    const deployment = `${DEPLOYMENT_LABEL}=abc`;
    expect(labelled('abc')).toEqual({ label: [deployment, ENGINE_LABEL] });
    expect(labelled('abc', 'one')).toEqual({ label: [deployment, `${ENGINE_LABEL}=one`] });
  });
});

describe('containerName', () => {
  it('is a name that Docker takes', () => {
    expect(containerName('0123456789abcdef')).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/);
  });
});
