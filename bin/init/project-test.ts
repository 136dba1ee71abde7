/** The test of a project: it starts the handler and reads its stream, with what its runtime has. */
import type { ProjectRuntime } from './runtimes.ts'
import type { Ask } from './templates.ts'

export function projectTest(asks: Ask, entry: string, { test }: ProjectRuntime): string {
  return `// Starts it, and reads what it streams.
import assert from 'node:assert/strict'
${test.imports(entry).join('\n')}

${test.name}('it streams', async () => {
  const { url, stop } = await start()
  try {
${indented(questions(asks))}
  } finally {
    await stop()
  }
})

${test.start}

/** Reads an answer until it has said that, and leaves. */
async function readUntil(response: Response, says: string): Promise<string> {
  let text = ''
  for await (const piece of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += piece
    if (text.includes(says)) break
  }
  return text
}
`
}

function questions({ post, read, says }: Ask): string {
  const text = literal(says)
  const reading = (request: string): string =>
    `const text = await readUntil(${request}, ${text})\nassert.ok(text.includes(${text}), text)`
  const posting =
    post &&
    `await fetch(\`\${url}${post.path}\`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(${JSON.stringify(post.body)}),
})`
  if (read === 'answer')
    return reading(`await post()`)
      .replace('await post()', 'answer')
      .replace(/^/, `const answer = ${posting}\nassert.equal(answer.status, 200)\n`)
  const sent = posting ? `const answer = ${posting}\nassert.ok(answer.ok, await answer.clone().text())\n` : ''
  if (read === 'events') return `${sent}const { events } = await answer.json()\n${reading('await fetch(url + events)')}`
  return `${sent}${reading(`await fetch(\`\${url}${read.path}\`)`)}`
}

const literal = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`
const indented = (code: string): string => code.replaceAll(/^/gm, '    ')
