import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { causeText, SseError } from '../../src/errors.ts'
import { openaiCompatible } from '../../src/relay/openai-compatible.ts'
import { failed, fin, head, raw, type Script, stream } from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'
import { answered, asked } from './asking.ts'

/** Has what JSON may escape. */
const KEY = 'sk-Canary/9b1+x"\\<7'

describe('openaiCompatible', () => {
  let upstream: ScriptedUpstream
  beforeAll(async () => {
    upstream = await ScriptedUpstream.start()
  })
  afterAll(() => upstream.close())

  /** What it fails with. */
  async function failure(script: Script, apiKey = KEY): Promise<SseError> {
    upstream.play('m', script)
    const ask = openaiCompatible({ baseUrl: upstream.baseUrl, apiKey })
    const error = await answered(ask, asked('Hello', { model: 'm' })).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(SseError)
    return error as SseError
  }
  const said = (text: string): Script => [stream(), raw(`${text}\n\n`), fin()]

  it.each<[string, Script, string, string]>([
    ['a status', failed(401, 'No'), 'upstream-refused', 'It answered 401 with application/json'],
    ['a status alone', [head(503), fin()], 'upstream-refused', 'It answered 503'],
    [
      'a page',
      [head(200, { 'content-type': 'text/html' }), fin()],
      'upstream-malformed',
      'It answered 200 with text/html',
    ],
    ['too many', failed(429, 'No'), 'upstream-busy', 'It answered 429 with application/json'],
    ['an error', said('data: {"error":{"message":"GPU on fire"}}'), 'upstream-failed', 'GPU on fire'],
    ['an event named so', said('event: error\ndata: GPU on fire'), 'upstream-failed', 'GPU on fire'],
    ['no JSON', said('data: GPU on fire'), 'upstream-malformed', 'GPU on fire'],
    ['no chunk', said('data: {"detail":"GPU on fire"}'), 'upstream-malformed', 'GPU on fire'],
    ['no object', said('data: "GPU on fire"'), 'upstream-malformed', 'GPU on fire'],
  ])('fails with why, for the log: %s', async (_, script, code, why) => {
    const error = await failure(script)
    expect(error).toMatchObject({ code, cause: expect.stringContaining(why) })
    expect(error.message).not.toContain('GPU')
  })

  const json = JSON.stringify(KEY)
  const slashed = json.replaceAll('/', '\\/')
  const numbered = `"${[...KEY].map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')}"`
  const within = JSON.stringify(`{"why":${slashed}}`)
  const far = 'x'.repeat(485)
  it.each<[string, Script, string]>([
    ['an error', said(`data: {"error":${json}}`), 'upstream-failed'],
    ['an error with slashes', said(`data: {"error":${slashed}}`), 'upstream-failed'],
    ['an error with numbers', said(`data: {"error":${numbered}}`), 'upstream-failed'],
    ['JSON in an error', said(`data: {"error":${within}}`), 'upstream-failed'],
    ['an error that is cut within it', said(`data: {"error":"${far}",${json}:1}`), 'upstream-failed'],
    ['an event named so', said(`event: error\ndata: Not ${KEY}`), 'upstream-failed'],
    ['an event that is cut within it', said(`event: error\ndata: ${far}${KEY}`), 'upstream-failed'],
    ['no JSON', said(`data: Bearer ${KEY}`), 'upstream-malformed'],
    ['half of a chunk', said(`data: {"choices":[{"x":${json}`), 'upstream-malformed'],
    ['no chunk', said(`data: [${slashed}]`), 'upstream-malformed'],
    ['a media type', [head(500, { 'content-type': `text/${KEY}` }), fin()], 'upstream-refused'],
    ['a complaint', failed(400, `Not with ${KEY}`), 'upstream-rejected'],
    ['JSON in a complaint', failed(422, `Not with ${slashed}`), 'upstream-rejected'],
  ])('never fails with its key: %s', async (_, script, code) => {
    const error = await failure(script)
    expect(error.code).toBe(code)
    const text = causeText(error)
    expect(text).not.toMatch(/sk-|Canary|9b1|u0073/)
    if (code !== 'upstream-rejected') expect(text).toContain('repeats the API key')
  })

  it('looks through many backslashes at once, which one after the other took seconds', { timeout: 3_000 }, async () => {
    const error = await failure(said(`data: ${'\\'.repeat(130_000)}`))
    expect(error.code).toBe('upstream-malformed')
  })

  it('says nothing of a key that cannot be sent', async () => {
    const error = await failure([], 'sk-Canary\n9b1')
    expect(error.code).toBe('upstream-refused')
    expect(causeText(error)).not.toMatch(/Canary|9b1/)
  })

  it('says all it was told where it was asked without a key', async () => {
    const error = await failure(said('data: {"error":"GPU on fire"}'), '')
    expect(error.cause).toBe('{"error":"GPU on fire"}')
  })
})
