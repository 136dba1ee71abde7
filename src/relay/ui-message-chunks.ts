/** Chunks of an answer as the pieces of a message: https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol#data-stream-protocol */
import { type Chunk, callIndex, firstDelta, type ToolCallDelta, textOf } from './chunk.ts'
import { toolName, type UiPart } from './ui-messages.ts'

export interface UiMessageChunk {
  type: string
  [field: string]: unknown
}

/** A call whose arguments are still coming. */
interface Call {
  toolCallId: string
  toolName: string
  input: string
}

const REASONS: Record<string, string> = {
  stop: 'stop',
  length: 'length',
  content_filter: 'content-filter',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
}

/** One part is open at a time: each is ended before the next begins. */
export class UiMessageChunks {
  #open: { type: 'text' | 'reasoning'; id: string } | undefined
  #count = 0
  readonly #calls = new Map<number, Call>()
  #reason: string | undefined
  #usage: unknown;

  /** `before`: what the message held already, for who has lost it. */
  *begin(messageId: string, before: UiPart[] = []): Generator<UiMessageChunk> {
    yield { type: 'start', messageId }
    let inStep = false
    for (const part of before) {
      if (part.type === 'step-start' && inStep) yield { type: 'finish-step' }
      if (part.type === 'step-start' || !inStep) yield { type: 'start-step' }
      inStep = true
      yield* this.#again(part)
    }
    if (inStep) yield { type: 'finish-step' }
    yield { type: 'start-step' }
  }

  *add(chunk: Chunk): Generator<UiMessageChunk> {
    this.#usage = chunk.usage ?? this.#usage
    const delta = firstDelta(chunk)
    const thought = delta?.reasoning_content ?? delta?.reasoning
    if (typeof thought === 'string' && thought !== '') yield* this.#text('reasoning', thought)
    const said = textOf(chunk)
    if (said !== '') yield* this.#text('text', said)
    for (const call of Array.isArray(delta?.tool_calls) ? delta.tool_calls : []) yield* this.#call(call)
    const reason = chunk.choices.find(({ index = 0 }) => index === 0)?.finish_reason
    if (typeof reason !== 'string') return
    this.#reason = Object.hasOwn(REASONS, reason) ? REASONS[reason] : 'other'
    yield* this.#endParts()
  }

  *finish(): Generator<UiMessageChunk> {
    yield* this.#endParts()
    yield { type: 'finish-step' }
    const usage = this.#usage ? { messageMetadata: { usage: this.#usage } } : {}
    yield { type: 'finish', ...(this.#reason !== undefined && { finishReason: this.#reason }), ...usage }
  }

  /** It was stopped: what was said stands. */
  *abort(): Generator<UiMessageChunk> {
    yield* this.#endText()
    yield { type: 'abort' }
  }

  *fail(errorText: string): Generator<UiMessageChunk> {
    yield* this.#endText()
    yield { type: 'error', errorText }
  }

  *#text(type: 'text' | 'reasoning', delta: string): Generator<UiMessageChunk> {
    if (this.#open?.type !== type) {
      yield* this.#endText()
      this.#open = { type, id: String(this.#count++) }
      yield { type: `${type}-start`, id: this.#open.id }
    }
    yield { type: `${type}-delta`, id: this.#open.id, delta }
  }

  *#call(added: ToolCallDelta): Generator<UiMessageChunk> {
    const { id, function: piece } = added
    const index =
      added.index ??
      callIndex(
        added,
        Array.from(this.#calls.values(), ({ toolCallId }) => toolCallId),
      )
    let call = this.#calls.get(index)
    if (!call) {
      yield* this.#endText()
      call = { toolCallId: id ?? `call-${this.#count++}`, toolName: piece?.name ?? '', input: '' }
      this.#calls.set(index, call)
      yield { type: 'tool-input-start', toolCallId: call.toolCallId, toolName: call.toolName }
    }
    const inputTextDelta = piece?.arguments
    if (!inputTextDelta) return
    call.input += inputTextDelta
    yield { type: 'tool-input-delta', toolCallId: call.toolCallId, inputTextDelta }
  }

  *#endParts(): Generator<UiMessageChunk> {
    yield* this.#endText()
    for (const { input, ...call } of this.#calls.values()) {
      try {
        yield { type: 'tool-input-available', ...call, input: JSON.parse(input || '{}') }
      } catch {
        yield { type: 'tool-input-error', ...call, input, errorText: 'The arguments are not JSON' }
      }
    }
    this.#calls.clear()
  }

  *#endText(): Generator<UiMessageChunk> {
    if (this.#open) yield { type: `${this.#open.type}-end`, id: this.#open.id }
    this.#open = undefined
  }

  /** A part that is there, as it would have come. */
  *#again(part: UiPart): Generator<UiMessageChunk> {
    const { type, text, toolCallId, input, output, errorText, state } = part
    if ((type === 'text' || type === 'reasoning') && text) {
      yield* this.#text(type, text)
      yield* this.#endText()
    }
    const name = toolName(part)
    if (name === undefined || state === 'input-streaming') return
    const dynamic = type === 'dynamic-tool' ? { dynamic: true } : {}
    yield { type: 'tool-input-available', toolCallId, toolName: name, input: input ?? {}, ...dynamic }
    if (state === 'output-available') yield { type: 'tool-output-available', toolCallId, output, ...dynamic }
    if (state === 'output-error')
      yield { type: 'tool-output-error', toolCallId, errorText: errorText ?? '', ...dynamic }
  }
}
