//! Files of the types that people have: small, and real ones, so that what shows them has something to show.
import { deflateSync } from 'node:zlib';

/** A picture: hills under a sky, whose hour is given from 0 to 1. */
export function png(width, height, hour) {
  const rows = Buffer.alloc((width * 3 + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * (width * 3 + 1) + 1 + x * 3;
      const hill = height * (0.62 + 0.1 * Math.sin(x / 37 + hour * 9) + 0.05 * Math.sin(x / 11));
      const far = height * (0.5 + 0.08 * Math.sin(x / 61 + 2));
      const sky = y / height;
      const color =
        y > hill
          ? [34 + 40 * hour, 82 + 50 * hour, 62]
          : y > far
            ? [86, 120 + 40 * hour, 130]
            : [140 + 110 * sky * hour + 30, 175 + 40 * sky, 235 - 90 * sky * hour];
      color.forEach((value, index) => {
        rows[at + index] = Math.max(0, Math.min(255, value));
      });
    }
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    ...[
      ['IHDR', header],
      ['IDAT', deflateSync(rows)],
      ['IEND', Buffer.alloc(0)],
    ].map(([name, data]) => chunk(name, data)),
  ]);
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/** A page of PDF with lines of text. */
export function pdf(lines) {
  const text = lines
    .map((line, index) => `BT /F1 ${index ? 12 : 20} Tf 72 ${740 - index * 26} Td (${line}) Tj ET`)
    .join('\n');
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>',
    `<< /Length ${text.length} >>\nstream\n${text}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let out = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const at = out.length;
    out += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return at;
  });
  const table = out.length;
  const entries = places.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('');
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}`;
  return Buffer.from(
    `${out}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${table}\n%%EOF\n`,
    'latin1',
  );
}

/** A second of a tone. */
export function wav(hertz) {
  const rate = 8000;
  const data = Buffer.alloc(rate * 2);
  for (let at = 0; at < rate; at++)
    data.writeInt16LE(Math.round(9000 * Math.sin((at / rate) * hertz * 2 * Math.PI)), at * 2);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

/** Letters as Windows wrote them before UTF-8. */
export function windows1251(text) {
  const letters = new TextDecoder('windows-1251').decode(Uint8Array.from({ length: 256 }, (_, code) => code));
  return Buffer.from([...text].map((letter) => Math.max(0, letters.indexOf(letter))));
}
