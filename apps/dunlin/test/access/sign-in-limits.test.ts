import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { SignInLimits } from '../../src/access/sign-in-limits.ts';

function limits() {
  let time = 0;
  return {
    limits: new SignInLimits(() => time, { remembered: 100 }),
    pass: (seconds: number) => {
      time += seconds * 1000;
    },
  };
}

describe('limits of signing in', () => {
  it('let ten passwords be tried from an address, and then one each half minute', () => {
    const { limits: all, pass } = limits();
    for (let attempt = 0; attempt < 10; attempt += 1)
      assert.equal(all.attempt('192.0.2.1', `u${attempt}`), 0);
    assert.equal(all.attempt('192.0.2.1', 'admin'), 30);
    pass(29);
    assert.equal(all.attempt('192.0.2.1', 'admin'), 1);
    pass(1);
    assert.equal(all.attempt('192.0.2.1', 'admin'), 0);
    assert.equal(all.attempt('192.0.2.2', 'admin'), 0, 'another address has its own');
  });

  it('count an IPv6 network of 64 bits as one address', () => {
    const { limits: all } = limits();
    for (let host = 1; host <= 10; host += 1) all.attempt(`2001:db8:1:2::${host}`, `u${host}`);
    assert.equal(all.attempt('2001:db8:1:2:ffff::1', 'x'), 30);
    assert.equal(all.attempt('2001:db8:1:3::1', 'x'), 0);
  });

  it('slow down guesses for one user from many addresses, but not the user at home', () => {
    const { limits: all, pass } = limits();
    assert.equal(all.attempt('203.0.113.9', 'Admin'), 0);
    all.succeeded('203.0.113.9', 'Admin');
    for (let host = 1; host <= 30; host += 1) all.attempt(`192.0.2.${host}`, 'admin');
    assert.ok(all.attempt('192.0.2.99', 'ADMIN') > 0, 'strangers wait');
    assert.equal(all.attempt('203.0.113.9', 'admin'), 0, 'where the user signed in before');
    assert.equal(all.attempt('127.0.0.1', 'admin'), 0, 'at the machine itself');
    assert.equal(all.attempt('192.0.2.99', 'other'), 0, 'other users are not concerned');
    pass(60);
    assert.equal(all.attempt('192.0.2.98', 'admin'), 0, 'nobody is locked out for good');
  });

  it('do not count a password that is right, and go on counting those before it', () => {
    const { limits: all } = limits();
    for (let day = 0; day < 100; day += 1) {
      assert.equal(all.attempt('192.0.2.1', 'ada'), 0);
      all.succeeded('192.0.2.1', 'ada');
    }
    // Whoever has an account of his own does not get more guesses for another by signing in between them.
    let guesses = 0;
    for (let round = 0; round < 100; round += 1) {
      if (all.attempt('192.0.2.1', 'admin') === 0) guesses += 1;
      if (all.attempt('192.0.2.1', 'ada') === 0) all.succeeded('192.0.2.1', 'ada');
    }
    assert.equal(guesses, 10);
  });

  it('remember a bounded number of addresses and users', () => {
    const { limits: all } = limits();
    for (let attempt = 0; attempt < 10; attempt += 1) all.attempt('192.0.2.1', `u${attempt}`);
    assert.ok(all.attempt('192.0.2.1', 'x') > 0);
    for (let host = 0; host < 100; host += 1) all.attempt(`198.51.100.${host}`, `v${host}`);
    assert.equal(all.attempt('192.0.2.1', 'y'), 0, 'the oldest is forgotten');
  });
});
