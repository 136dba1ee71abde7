/** What a Worker on this machine is told of its models: it sees nothing of the environment but what it is given. */
import { modelsFrom } from '../src/relay/models.ts'

/** `LLM_PROVIDERS`, and the variables that hold the keys it names. Throws `invalid-option` as `modelsFrom` does. */
export function modelVars(env: Record<string, string | undefined>): Record<string, string> {
  modelsFrom(env)
  const { LLM_PROVIDERS } = env
  if (!LLM_PROVIDERS) return {}
  const providers: Record<string, { apiKeySecret?: string }> = JSON.parse(LLM_PROVIDERS)
  const keys = Object.values(providers).flatMap(({ apiKeySecret: name }) => (name === undefined ? [] : [name]))
  return Object.fromEntries(['LLM_PROVIDERS', ...keys].map((name) => [name, env[name] as string]))
}
