/** The README of a project: what it is, its two commands, and a line to see it with. */
import type { ProjectRuntime } from './runtimes.ts'
import type { Ask, Template } from './templates.ts'

export function projectReadme(name: string, template: Template, { title, commands, url }: ProjectRuntime): string {
  const model = template.rooms === 'producers-of-env' ? MODEL : ''
  return `# ${name}

${template.summary.charAt(0).toUpperCase()}${template.summary.slice(1)}. With edge-sse, on ${title}.

\`\`\`console
$ ${commands.install}
$ ${commands.start}
$ ${commands.test}
\`\`\`

The first is needed once. While it runs:

\`\`\`console
${curls(template.asks, url)}
\`\`\`

The handler is \`${template.handlers[0]}.ts\`: it begins with its requests, and is yours to change. ${model}It lets everyone in, and so it listens on this machine alone: check who asks before you put it on a network.
`
}

const MODEL =
  'A stand-in answers until `LLM_PROVIDERS` names a model, as the README of edge-sse says under "A model\'s answer". '

function curls({ post, read }: Ask, url: string): string {
  const json = (body: object): string => JSON.stringify(body).replaceAll("'", "'\\''")
  const posts = post && `$ curl -N ${url}${post.path} -H 'content-type: application/json' -d '${json(post.body)}'`
  const reads =
    read === 'answer' ? undefined : `$ curl -N '${url}${read === 'events' ? '<events of that answer>' : read.path}'`
  return [posts, reads].filter(Boolean).join('\n')
}
