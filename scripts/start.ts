// `npm start`: the Worker with its rooms and demo pages, on this machine only and open to whoever sits at it.
import { spawn } from 'node:child_process'
import process from 'node:process'

const loopback = ['localhost', '127.0.0.1', '::1']
const host = process.env.HOST ?? '127.0.0.1'
const port = process.env.PORT ?? '8787'

if (!loopback.includes(host)) {
  console.error(
    `Cannot start: HOST is "${host}", and npm start lets everyone in without a password, so it listens on this machine only.
Leave HOST unset, or use: EDGE_SSE_SECRET=… npx wrangler dev --ip ${host} --var EDGE_SSE_SECRET:…`,
  )
  process.exit(1)
}

const wrangler = spawn(
  process.execPath,
  ['node_modules/wrangler/bin/wrangler.js', 'dev', '--ip', host, '--port', port, '--var', 'EDGE_SSE_ACCESS:open'],
  {
    stdio: 'inherit',
    env: {
      WRANGLER_SEND_METRICS: 'false',
      WRANGLER_HIDE_BANNER: 'true',
      CLOUDFLARE_CF_FETCH_ENABLED: 'false',
      ...process.env,
    },
  },
)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => wrangler.kill(signal))
wrangler.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
