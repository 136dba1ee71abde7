/** Messages as the AI SDK keeps them, as a model is told of them: https://ai-sdk.dev/docs/reference/ai-sdk-core/ui-message */
import { SseError } from '../errors.ts'
import type { ChatMessage } from './chat-request.ts'

/** What a page has of a message: only what is used here, the rest is left out. */
export interface UiMessage {
  id?: string
  role: string
  parts: UiPart[]
}

export interface UiPart {
  type: string
  text?: string
  mediaType?: string
  url?: string
  filename?: string
  toolCallId?: string
  toolName?: string
  state?: string
  input?: unknown
  rawInput?: unknown
  output?: unknown
  errorText?: string
  approval?: { approved?: boolean; reason?: string }
  parts?: UiPart[]
}

/** Characters of a message's id. */
const LONGEST_ID = 256

/** Messages of `useChat` as messages for chat completions. Throws `invalid-parameter` for what are none. */
export function toChatMessages(messages: unknown): ChatMessage[] {
  return checkUiMessages(messages).flatMap(({ role, parts }) => {
    if (role === 'assistant') return assistantMessages(parts)
    const content = role === 'user' ? contentOf(parts) : textsOf(parts)
    return content.length > 0 ? [{ role, content }] : []
  })
}

/** Throws `invalid-parameter`. */
export function checkUiMessages(messages: unknown): UiMessage[] {
  const good =
    Array.isArray(messages) &&
    messages.every(
      (message) =>
        ['system', 'user', 'assistant'].includes(message?.role) &&
        (message.id === undefined || (typeof message.id === 'string' && message.id.length <= LONGEST_ID)) &&
        areParts(message.parts),
    )
  if (good) return messages
  throw new SseError('invalid-parameter', 'Cannot ask: `messages` are not those of `useChat`', { field: 'messages' })
}

/** Those that have parts of their own, too. */
const areParts = (parts: unknown): parts is UiPart[] =>
  Array.isArray(parts) &&
  parts.every(
    (part) => typeof part?.type === 'string' && (part.type !== 'steering-message' || areParts(part.parts ?? [])),
  )

/** Step by step: what was said and called, then what the tools gave. A call without a result is none that a model takes. */
function assistantMessages(parts: UiPart[]): ChatMessage[] {
  const steps: UiPart[][] = [[]]
  for (const part of parts) {
    if (part.type === 'step-start' || part.type === 'steering-message') steps.push([])
    steps.at(-1)?.push(part)
    if (part.type === 'steering-message') steps.push([])
  }
  return steps.flatMap((step): ChatMessage[] => {
    const steering = step.find(({ type }) => type === 'steering-message')
    if (steering) {
      const content = contentOf(steering.parts ?? [])
      return content.length > 0 ? [{ role: 'user', content }] : []
    }
    const calls = step.flatMap((part) => {
      const result = toolName(part) === undefined ? undefined : resultOf(part)
      return result === undefined ? [] : [{ part, result }]
    })
    const text = textsOf(step)
    if (text === '' && calls.length === 0) return []
    const tool_calls = calls.map(({ part: { toolCallId: id, input, rawInput, ...part } }) => ({
      id,
      type: 'function',
      function: { name: toolName(part), arguments: JSON.stringify(input ?? rawInput ?? {}) },
    }))
    return [
      { role: 'assistant', content: text === '' ? null : text, ...(calls.length > 0 && { tool_calls }) },
      ...calls.map(({ part, result }) => ({ role: 'tool', tool_call_id: part.toolCallId, content: result })),
    ]
  })
}

/** The tool that a part is about. */
export const toolName = ({ type, toolName: name }: UiPart): string | undefined =>
  type === 'dynamic-tool' ? name : type.startsWith('tool-') ? type.slice('tool-'.length) : undefined

function resultOf({ state, output, errorText, approval }: UiPart): string | undefined {
  if (state === 'output-available') return typeof output === 'string' ? output : JSON.stringify(output ?? null)
  if (state === 'output-error') return errorText ?? 'The tool failed.'
  const denied = state === 'output-denied' || (state === 'approval-responded' && approval?.approved === false)
  return denied ? (approval?.reason ?? 'Tool call execution denied.') : undefined
}

const textsOf = (parts: UiPart[]): string =>
  parts.map(({ type, text }) => (type === 'text' && typeof text === 'string' ? text : '')).join('')

/** Text alone stays text: some models take nothing else. */
function contentOf(parts: UiPart[]): string | object[] {
  const content = parts.flatMap((part): object[] => {
    const { type, text, mediaType = '', url, filename } = part
    if (type === 'text' && text) return [{ type: 'text', text }]
    if (type !== 'file' || typeof url !== 'string') return []
    if (/^image\b/.test(mediaType)) return [{ type: 'image_url', image_url: { url } }]
    const [, format, data] = /^data:audio\/(wav|mpeg|mp3);base64,(.*)$/s.exec(url) ?? []
    if (format) return [{ type: 'input_audio', input_audio: { data, format: format === 'wav' ? 'wav' : 'mp3' } }]
    return url.startsWith('data:') ? [{ type: 'file', file: { filename: filename ?? 'file', file_data: url } }] : []
  })
  return content.every((part) => 'text' in part) ? textsOf(parts) : content
}
