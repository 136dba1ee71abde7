import { describe, expect, it } from 'vitest'
import { modelsFrom } from '../../src/relay.ts'

const providers = (value: unknown, more: object = {}) => modelsFrom({ LLM_PROVIDERS: JSON.stringify(value), ...more })
const one = { baseUrl: 'http://127.0.0.1:11434/v1', models: ['a', 'b'] }

describe('modelsFrom', () => {
  it('has the offline model where nothing is configured, and finds it for whoever names none', () => {
    for (const env of [{}, undefined, { LLM_PROVIDERS: '' }]) {
      const models = modelsFrom(env)
      expect(models.list).toEqual([{ name: 'offline', provider: 'edge-sse' }])
      expect(models.find().name).toBe('offline')
      expect(models.find('offline?tokens=1').name).toBe('offline')
    }
  })

  it('is made once for an environment', () => {
    const env = { LLM_PROVIDERS: JSON.stringify({ one }) }
    expect(modelsFrom(env)).toBe(modelsFrom(env))
  })

  it('finds models by name, the first of that name and each by its full one', () => {
    const models = providers({ one, two: { ...one, models: ['b', 'c'], timeouts: { status: 7 } } })
    expect(models.list.map(({ name, provider }) => `${provider}/${name}`)).toEqual([
      'one/a',
      'one/b',
      'two/b',
      'two/c',
      'edge-sse/offline',
    ])
    expect(models.find().name).toBe('a')
    expect(models.find('b').provider).toBe('one')
    expect(models.find('two/b')).toMatchObject({ provider: 'two', statusWithin: 7 })
  })

  it('takes an object as it is: variables of a Worker may be one', () => {
    expect(modelsFrom({ LLM_PROVIDERS: { one } }).find('a').provider).toBe('one')
  })

  it.each(['', 'd', 'two', 'one/d', '__proto__', 'https://evil.example/v1', 'one/https://evil.example'])(
    'refuses a model that there is not: %s',
    (name) => {
      const refusal = expect.objectContaining({ code: 'unknown-provider', status: 404 })
      expect(() => providers({ one }).find(name)).toThrow(refusal)
    },
  )

  it.each([
    ['{', 'not JSON'],
    ['[]', 'not an object'],
    ['7', 'not an object'],
    ['{"a b":{}}', 'a provider whose name'],
    ['{"x":null}', '`x` is not an object'],
    ['{"x":{"models":["a"]}}', 'either a `baseUrl` or a `binding`'],
    ['{"x":{"baseUrl":"http://h/v1","binding":"AI","models":["a"]}}', 'either a `baseUrl` or a `binding`'],
    ['{"x":{"baseUrl":"ftp://h","models":["a"]}}', 'http or https URL'],
    ['{"x":{"baseUrl":"http://user:pass@h/v1","models":["a"]}}', 'without user, password, query or fragment'],
    ['{"x":{"baseUrl":"http://h/v1?key=1","models":["a"]}}', 'without user, password, query or fragment'],
    ['{"x":{"baseUrl":"http://h/v1?","models":["a"]}}', 'without user, password, query or fragment'],
    ['{"x":{"baseUrl":"http://h/v1#a","models":["a"]}}', 'without user, password, query or fragment'],
    ['{"x":{"baseUrl":7,"models":["a"]}}', 'http or https URL'],
    ['{"x":{"baseUrl":"http://h/v1"}}', '`models` of `x`'],
    ['{"x":{"baseUrl":"http://h/v1","models":[]}}', '`models` of `x`'],
    ['{"x":{"baseUrl":"http://h/v1","models":["a",7]}}', '`models` of `x`'],
    ['{"x":{"baseUrl":"http://h/v1","models":["a"],"apiKey":"sk-1"}}', 'a field that there is not: apiKey'],
    ['{"x":{"baseUrl":"http://h/v1","models":["a"],"apiKeySecret":"NONE"}}', 'holds no key'],
    ['{"x":{"baseUrl":"http://h/v1","models":["a"],"apiKeySecret":"BAD"}}', 'holds no key'],
    ['{"x":{"baseUrl":"http://h/v1","models":["a"],"timeouts":{"first":1}}}', '`timeouts` of `x`'],
    ['{"x":{"baseUrl":"http://h/v1","models":["a"],"timeouts":{"total":0}}}', '`timeouts` of `x`'],
    ['{"x":{"baseUrl":"http://h/v1","models":["a"],"timeouts":null}}', '`timeouts` of `x`'],
    ['{"x":{"binding":"AI","models":["a"]}}', 'not one of Workers AI'],
  ])('refuses %s', (LLM_PROVIDERS, state) => {
    const env = { LLM_PROVIDERS, BAD: 'sk-1\nx: y' }
    expect(() => modelsFrom(env)).toThrow(
      expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining(state) }),
    )
    try {
      modelsFrom(env)
    } catch (error) {
      expect(String(error)).not.toContain('sk-1')
    }
  })
})
