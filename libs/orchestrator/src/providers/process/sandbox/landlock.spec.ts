import { describe, expect, it } from '@jest/globals';
import { ALLOW_LISTEN, FileRight, allowConnect, allowPath, knownRules, withheld } from './landlock.js';

describe('withheld', () => {
  // The numbers of access rights by version: linux/landlock.h.
  it.each([
    [1, [0x1fff]],
    [2, [0x3fff]],
    [3, [0x7fff]],
    [4, [0x7fff, 3]],
    [5, [0xffff, 3]],
    [6, [0xffff, 3, 3]],
    [7, [0xffff, 3, 3]],
  ])('by version %s is all that it knows', (abi, words) => expect(withheld(abi)).toEqual(words));
});

describe('knownRules', () => {
  const rules = [allowPath('/a', FileRight.writeFile | FileRight.truncate), allowConnect(5432), ALLOW_LISTEN];

  it('are all for a kernel that knows all', () => expect(knownRules(rules, 7)).toEqual(rules));

  it('are without ports and rights that an old one does not know, which refuses such rules', () => {
    expect(knownRules(rules, 1)).toEqual([allowPath('/a', FileRight.writeFile)]);
  });
});
