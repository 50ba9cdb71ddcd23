// tus-js-client under Node: `node tus_client.mjs CLIENT ENDPOINT COOKIE FILE URLS [MOST]`; stops dead after MOST bytes.
import { createReadStream, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [client, endpoint, cookie, file, urls, most] = process.argv.slice(2);
const { Upload, FileUrlStorage } = await import(pathToFileURL(client).href);

const upload = new Upload(createReadStream(file), {
  endpoint,
  chunkSize: 500_000,
  uploadSize: statSync(file).size,
  retryDelays: Array(90).fill(1000),
  headers: { Cookie: cookie },
  metadata: { filename: 'clip.mp4', title: 'by tus-js-client' },
  fingerprint: async () => `${endpoint.replace(/:\d+/, '')}-${file}`,
  urlStorage: new FileUrlStorage(urls),
  onChunkComplete: (_, sent) => {
    process.stdout.write(`${sent}\n`);
    if (most && sent >= Number(most)) process.kill(process.pid, 'SIGKILL');
  },
  onSuccess: () => process.stdout.write(`done ${new URL(upload.url).pathname}\n`),
  onError: (error) => {
    process.stderr.write(`${error}\n`);
    process.exit(1);
  },
});
const [before] = await upload.findPreviousUploads();
process.stdout.write(before ? 'going on\n' : 'new\n');
if (before) upload.resumeFromPreviousUpload(before);
upload.start();
