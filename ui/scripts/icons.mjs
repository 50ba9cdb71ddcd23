// Draws the app icons as PNG, without any image library: `node scripts/icons.mjs`.
import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';

const INK = [12, 15, 17];
const PAPER = [243, 245, 241];
const CITRON = [212, 241, 60];
const SAMPLES = 4;

// The mark on its 64 × 64 grid: a leaning stem and the play triangle that hangs on it.
const STEM = [[25.5, 12], [32.7, 12], [22.6, 52], [15.4, 52]];
const PLAY = [[35.6, 13.6], [52.9, 25.5], [53.5, 26.1], [53.8, 26.8], [53.9, 27.6], [53.7, 28.4], [53.2, 29.1], [52.5, 29.5], [30, 38.4]];

function inside([x, y], points) {
  let within = false;
  for (let i = 0, j = points.length - 1; i < points.length; j = i++) {
    const [xi, yi] = points[i];
    const [xj, yj] = points[j];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) within = !within;
  }
  return within;
}

function inRoundedSquare([x, y], radius) {
  const dx = Math.max(radius - x, x - (64 - radius), 0);
  const dy = Math.max(radius - y, y - (64 - radius), 0);
  return dx * dx + dy * dy <= radius * radius;
}

/** RGBA of one sample. `scale` shrinks the mark into the safe zone of a maskable icon. */
function colourAt(point, radius, scale) {
  if (radius && !inRoundedSquare(point, radius)) return [0, 0, 0, 0];
  const mark = point.map((value) => (value - 32) / scale + 32);
  if (inside(mark, STEM)) return [...PAPER, 255];
  if (inside(mark, PLAY)) return [...CITRON, 255];
  return [...INK, 255];
}

function draw(pixels, radius, scale) {
  const rows = Buffer.alloc(pixels * (pixels * 4 + 1));
  for (let y = 0; y < pixels; y++) {
    for (let x = 0; x < pixels; x++) {
      const sum = [0, 0, 0, 0];
      for (let s = 0; s < SAMPLES * SAMPLES; s++) {
        const at = [x + ((s % SAMPLES) + 0.5) / SAMPLES, y + (Math.floor(s / SAMPLES) + 0.5) / SAMPLES];
        const colour = colourAt(at.map((value) => (value * 64) / pixels), radius, scale);
        for (let c = 0; c < 3; c++) sum[c] += (colour[c] * colour[3]) / 255;
        sum[3] += colour[3];
      }
      const place = y * (pixels * 4 + 1) + 1 + x * 4;
      const cover = sum[3] / 255;
      for (let c = 0; c < 3; c++) rows[place + c] = cover ? Math.round(sum[c] / cover) : 0;
      rows[place + 3] = Math.round(sum[3] / (SAMPLES * SAMPLES));
    }
  }
  return png(pixels, rows);
}

function crc(bytes) {
  let value = ~0;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}

function chunk(name, data) {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(data.length);
  const body = Buffer.concat([Buffer.from(name), data]);
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(crc(body));
  return Buffer.concat([head, body, tail]);
}

function png(pixels, rows) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(pixels, 0);
  header.writeUInt32BE(pixels, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(rows, { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

const PUBLIC = new URL('../public/icons/', import.meta.url);
for (const [name, pixels, radius, scale] of [
  ['icon-180.png', 180, 0, 0.95],
  ['icon-192.png', 192, 15, 1],
  ['icon-512.png', 512, 15, 1],
  ['icon-maskable-512.png', 512, 0, 0.78],
]) {
  const file = draw(pixels, radius, scale);
  writeFileSync(new URL(name, PUBLIC), file);
  console.log(`${name} ${file.length} bytes`);
}
