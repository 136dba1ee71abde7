/** The README of a project: what it is, its two commands, and a line to see it with. */
import type { ProjectRuntime } from './runtimes.ts'
import type { Ask, Template } from './templates.ts'

export function projectReadme(name: string, template: Template, runtime: ProjectRuntime): string {
  const { title, commands, url } = runtime
  const model = template.rooms === 'producers-of-env' ? MODEL : ''
  const rooms = template.rooms === 'none' || runtime.name === 'workers' ? '' : MEMORY
  return `# ${name}

${template.summary.charAt(0).toUpperCase()}${template.summary.slice(1)}. With edge-sse, on ${title}.

\`\`\`console
$ ${commands.install}
$ ${commands.start}
$ ${commands.test}
\`\`\`

The first is needed once${runtime.name === 'deno' ? DENO : ''}. While it runs:

\`\`\`console
${curls(template.asks, url)}
\`\`\`

The handler is \`${template.handlers[0]}.ts\`: it begins with its requests, and is yours to change. ${model}${rooms}It lets everyone in, and so it listens on this machine alone: check who asks before you put it on a network.
`
}

const MODEL =
  'A stand-in answers until `LLM_PROVIDERS` names a model, as the README of edge-sse says under "A model\'s answer". '

const MEMORY =
  'Its rooms live in the memory of this process, and end with it: what keeps them is in the README of edge-sse, under "Rooms". '

/** It installs such a package, and says nothing, without the one that it needs. */
const DENO = ", and is npm's: `deno install` does not bring what a package in a file needs"

function curls({ post, read }: Ask, url: string): string {
  const json = (body: object): string => JSON.stringify(body).replaceAll("'", "'\\''")
  const posts =
    post &&
    `$ curl${read === 'answer' ? ' -N' : ''} ${url}${post.path} -H 'content-type: application/json' -d '${json(post.body)}'`
  const reads =
    read === 'answer' ? undefined : `$ curl -N '${url}${read === 'events' ? '<events of that answer>' : read.path}'`
  return [posts, reads].filter(Boolean).join('\n')
}
