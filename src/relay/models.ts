/** Which models there are: the operator says so in `LLM_PROVIDERS`, a client only names one of them. */
import { SseError } from '../errors.ts'
import type { Timeouts } from './deadline.ts'
import type { Model, Models } from './model.ts'
import { offline, offlineParameters } from './offline.ts'
import { openaiCompatible } from './openai-compatible.ts'
import { type AiBinding, workersAi } from './workers-ai.ts'

/** One entry of `LLM_PROVIDERS`: an endpoint that speaks chat completions, or the binding of Workers AI. */
interface Provider {
  baseUrl?: string
  /** Name of the variable or secret that holds its key. */
  apiKeySecret?: string
  /** Name of the binding. */
  binding?: string
  models: string[]
  timeouts?: Timeouts & { status?: number }
}

const OFFLINE = 'offline'
const known = new WeakMap<object, Models>()

/**
 * The models of an environment: those of `LLM_PROVIDERS`, and `offline`. A model is found as `<name>` or as
 * `<provider>/<name>`. Throws `invalid-option` for what is none, with what is wrong with it.
 */
export function modelsFrom(env: unknown): Models {
  const variables = typeof env === 'object' && env !== null ? env : {}
  const models = known.get(variables) ?? make(variables as Record<string, unknown>)
  known.set(variables, models)
  return models
}

function make(env: Record<string, unknown>): Models {
  const byName = new Map<string, Model>()
  for (const [provider, entry] of Object.entries(providersIn(env.LLM_PROVIDERS))) {
    for (const model of modelsOf(provider, entry, env)) {
      if (!byName.has(model.name)) byName.set(model.name, model)
      byName.set(`${provider}/${model.name}`, model)
    }
  }
  if (!byName.has(OFFLINE)) byName.set(OFFLINE, { name: OFFLINE, provider: 'edge-sse', ask: offline })
  const list = [...new Set(byName.values())].map(({ name, provider }) => ({ name, provider }))
  return {
    list,
    find(name = list[0]?.name ?? OFFLINE) {
      const model = byName.get(name) ?? (offlineParameters(name) ? byName.get(OFFLINE) : undefined)
      if (model) return model
      throw new SseError('unknown-provider', 'Cannot ask: there is no model of that name', {
        status: 404,
        field: 'model',
      })
    },
  }
}

function providersIn(text: unknown): Record<string, Provider> {
  if (text === undefined || text === '') return {}
  let value: unknown
  try {
    value = typeof text === 'string' ? JSON.parse(text) : text
  } catch {
    throw mistake('not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw mistake('not an object of providers by name')
  for (const [name, entry] of Object.entries(value)) check(name, entry)
  return value as Record<string, Provider>
}

function check(name: string, entry: unknown): asserts entry is Provider {
  if (!/^[\w.-]{1,64}$/.test(name)) throw mistake('a provider whose name is not 1 to 64 of A-Z a-z 0-9 _ . -')
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) throw mistake(`\`${name}\` is not an object`)
  const { baseUrl, apiKeySecret, binding, models, timeouts, ...others } = entry as Partial<Provider>
  const [other] = Object.keys(others)
  if (other !== undefined) throw mistake(`\`${name}\` has a field that there is not: ${other.slice(0, 64)}`)
  if ((baseUrl === undefined) === (binding === undefined))
    throw mistake(`\`${name}\` has to have either a \`baseUrl\` or a \`binding\``)
  const url = typeof baseUrl === 'string' ? URL.parse(baseUrl) : null
  // What stands after one of those would take the path with it that is put behind.
  const isBase = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(url.href)
  if (baseUrl !== undefined && !isBase)
    throw mistake(
      `the \`baseUrl\` of \`${name}\` is not an http or https URL without user, password, query or fragment`,
    )
  for (const [field, value] of Object.entries({ apiKeySecret, binding }))
    if (value !== undefined && (typeof value !== 'string' || value === ''))
      throw mistake(`the \`${field}\` of \`${name}\` is not a name`)
  if (
    !Array.isArray(models) ||
    models.length === 0 ||
    !models.every((model) => typeof model === 'string' && model !== '')
  )
    throw mistake(`the \`models\` of \`${name}\` are not a list of names`)
  if (timeouts === null) throw mistake(`the \`timeouts\` of \`${name}\` are not an object`)
  for (const [limit, value] of Object.entries(timeouts ?? {}))
    if (!['firstByte', 'silence', 'total', 'status'].includes(limit) || typeof value !== 'number' || !(value > 0))
      throw mistake(`the \`timeouts\` of \`${name}\` are not milliseconds as firstByte, silence, total or status`)
}

function modelsOf(provider: string, entry: Provider, env: Record<string, unknown>): Model[] {
  const { baseUrl, apiKeySecret, binding, models, timeouts: { status, ...timeouts } = {} } = entry
  const made = (name: string, ask: Model['ask']): Model => ({ name, provider, ask, statusWithin: status })
  if (baseUrl !== undefined) {
    const apiKey = apiKeySecret === undefined ? undefined : env[apiKeySecret]
    if (apiKeySecret !== undefined && (typeof apiKey !== 'string' || !/^[\x21-\x7e]+$/.test(apiKey)))
      throw mistake(`the variable that \`apiKeySecret\` of \`${provider}\` names holds no key`)
    const ask = openaiCompatible({ baseUrl, apiKey: apiKey as string | undefined, timeouts })
    // What is asked for by its full name has its own there.
    return models.map((name) => made(name, (request, context) => ask({ ...request, model: name }, context)))
  }
  const ai = env[binding as string] as AiBinding | undefined
  if (typeof ai?.run !== 'function') throw mistake(`the \`binding\` of \`${provider}\` is not one of Workers AI`)
  return models.map((name) => made(name, workersAi(ai, name, timeouts)))
}

const mistake = (state: string): SseError =>
  new SseError('invalid-option', `Cannot start: LLM_PROVIDERS is wrong, ${state}`, { field: 'LLM_PROVIDERS' })
