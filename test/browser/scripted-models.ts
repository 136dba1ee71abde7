/** Models whose server is in the process of the test: it says when each piece comes, and how often it was asked. */
import { afterAll } from 'vitest'
import * as play from '../upstream/script.ts'
import { ScriptedUpstream } from '../upstream/scripted-upstream.ts'

/** Milliseconds that nothing here takes, however slow the machine. */
const NEVER = 120_000

export interface ScriptedModels {
  upstream: ScriptedUpstream
  /** For `visitors`: a server that knows them, besides `offline`. */
  vars(): Record<string, string>
}

/** Starts their server, for one test file. */
export async function scriptedModels(...models: string[]): Promise<ScriptedModels> {
  const upstream = await ScriptedUpstream.start()
  afterAll(() => upstream.close())
  const timeouts = { firstByte: NEVER, silence: NEVER, total: NEVER }
  const providers = { scripted: { baseUrl: upstream.baseUrl, models, timeouts } }
  return { upstream, vars: () => ({ EDGE_SSE_ACCESS: 'open', LLM_PROVIDERS: JSON.stringify(providers) }) }
}

/** An answer of these parts, one after the other each so many milliseconds; `onPart` is told how many were said. */
export function slowAnswer(parts: string[], pace: number, onPart: (said: number) => void = () => {}): play.Script {
  const said = parts.map((part, index): play.Step => {
    const step = play.said(part)
    return {
      texts: [part],
      async play(call) {
        await step.play(call)
        onPart(index + 1)
        await new Promise((resolve) => setTimeout(resolve, pace))
      },
    }
  })
  return [play.stream(), ...said, play.finished(), play.done(), play.fin()]
}

/** Words that are awkward to cut, to carry and to show: what comes out has to be these, to the letter. */
const WORDS = [
  'One ',
  'two\n',
  ' três ',
  '🦆',
  '👩‍👩‍👧',
  '\r\n',
  '\u2028',
  '<b>bold</b> ',
  '  ',
  '"data: [DONE]"\n\n',
  '\\n',
  '&amp; ',
  'é',
  '\0',
  '\u202e',
]

/** So many parts of an answer, none like the one before it. */
export const awkwardParts = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${WORDS[index % WORDS.length]}${index} `)

/** `count` numbers of 0 to `most`, in order, and with them the seed to get them again. */
export function randomMoments(count: number, most: number, seed = Math.trunc(Math.random() * 2 ** 31)): number[] {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return state / 0x7fffffff
  }
  console.log(`moments of seed ${seed}`)
  return Array.from({ length: count }, () => Math.floor(next() * most)).sort((a, b) => a - b)
}
