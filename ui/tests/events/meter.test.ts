import { describe, expect, it } from 'vitest';
import { Stopwatch, WatchMeter } from '../../src/events/meter';

describe('WatchMeter', () => {
  it('adds up what was watched', () => {
    const meter = new WatchMeter(4_000);
    for (const at of [0, 250, 500, 1_000]) meter.tick(at);
    expect(meter.watchedMs).toBe(1_000);
    expect(meter.share).toBe(0.25);
  });

  it('counts a loop where the time falls back', () => {
    const meter = new WatchMeter(4_000);
    for (let at = 0; at <= 3_900; at += 300) meter.tick(at);
    meter.tick(200);
    expect(meter.loops).toBe(1);
    expect(meter.watchedMs).toBe(3_900 + 100 + 200);
  });

  it('does not count a jump, a pause or a small step back', () => {
    const meter = new WatchMeter(60_000);
    for (const at of [0, 1_000, 1_000, 30_000, 29_500]) meter.tick(at);
    expect(meter.watchedMs).toBe(1_000);
    expect(meter.loops).toBe(0);
  });
});

describe('Stopwatch', () => {
  it('runs only while told to', () => {
    let now = 0;
    const watch = new Stopwatch(() => now);
    watch.run(true);
    now = 100;
    watch.run(false);
    now = 500;
    watch.run(true);
    now = 520;
    expect(watch.ms).toBe(120);
  });
});
