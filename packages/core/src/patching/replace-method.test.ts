import { describe, expect, test } from 'vitest';
import { isPatched, patchOnce } from './patch-once.js';
import { replaceMethod } from './replace-method.js';

class Client {
  greet(name: string) {
    return `hello ${name}`;
  }
}
class Special extends Client {}

const shouting = (greet: Client['greet']): Client['greet'] =>
  function greetLoudly(this: Client, ...args) {
    return greet.apply(this, args).toUpperCase();
  };

describe('a replaced method', () => {
  test('is replaced for all objects, and is as before when it is taken back', () => {
    const before = Object.getOwnPropertyDescriptor(Client.prototype, 'greet');
    const client = new Client();
    const restore = replaceMethod(Client.prototype, 'greet', shouting);
    expect(client.greet('you')).toBe('HELLO YOU');
    expect(Object.keys(Client.prototype)).toEqual([]);
    restore();
    expect(Object.getOwnPropertyDescriptor(Client.prototype, 'greet')).toEqual(before);
  });

  test('may be inherited; then nothing of it is left', () => {
    const restore = replaceMethod(Special.prototype, 'greet', shouting);
    expect([new Special().greet('a'), new Client().greet('a')]).toEqual(['HELLO A', 'hello a']);
    restore();
    expect(Object.hasOwn(Special.prototype, 'greet')).toBe(false);
    expect(new Special().greet('a')).toBe('hello a');
  });

  test('stays where somebody has wrapped it since', () => {
    const client = { greet: () => 'hello' };
    const restore = replaceMethod(client, 'greet', (greet) => () => `${greet()}!`);
    const wrapped = client.greet;
    client.greet = () => `${wrapped()}?`;
    restore();
    expect(client.greet()).toBe('hello!?');
  });

  test('has to be there, and a method', () => {
    const odd = {
      text: 'a',
      get greet(): () => void {
        throw new Error('read');
      },
    };
    for (const name of ['text', 'greet', 'none']) {
      expect(() => replaceMethod(odd as object, name, (original) => original)).toThrow(`no method '${name}'`);
    }
  });
});

describe('a patch', () => {
  test('is put on once, by name, and can be put on again when it was taken back', () => {
    class Patched extends Client {
      override greet(name: string) {
        return super.greet(name);
      }
    }
    const put = (name: string) =>
      patchOnce(Patched.prototype, name, (patch) => patch.replace(Patched.prototype, 'greet', shouting));
    const undo = put('one');
    const again = Patched.prototype.greet;
    put('one')();
    expect(Patched.prototype.greet).toBe(again);
    expect(isPatched(Patched.prototype, 'one')).toBe(true);
    expect(isPatched(Object.create(Patched.prototype), 'one')).toBe(false);
    expect(isPatched(new Patched(), 'one', { inherited: true })).toBe(true);
    expect(isPatched(Patched.prototype, 'other')).toBe(false);
    undo();
    expect(new Patched().greet('a')).toBe('hello a');
    put('one')();
    expect(Object.getOwnPropertySymbols(Patched.prototype)).toEqual([]);
  });

  test('is taken back as a whole where a part of it fails, and tells its methods when it is over', () => {
    const client = { a: () => 'a', b: () => 'b' };
    const states: boolean[] = [];
    const before = { ...client };
    expect(() =>
      patchOnce(client, 'part', (patch) => {
        patch.onUndo(() => states.push(patch.active));
        patch.replace(client, 'a', () => () => 'replaced');
        patch.replace(client as object, 'none', (original) => original);
      }),
    ).toThrow("no method 'none'");
    expect(client).toEqual(before);
    expect(states).toEqual([false]);
    expect(isPatched(client, 'part')).toBe(false);
  });
});
