// `edge-sse/relay`: a model's answer as an event stream that survives its readers.

// Answers: made in a room, whoever reads.
export {
  type Answer,
  type AnswerOptions,
  answerProducers,
  findAnswer,
  startAnswer,
  stopAnswer,
  subscribeToAnswer,
} from './relay/answer.ts'
export { type AnswerEvent, answerEvents } from './relay/answer-events.ts'
export type { ReadAnswerOptions } from './relay/answer-stream.ts'
// Chat completions.
export {
  type ChatMessage,
  type ChatRequest,
  checkChatRequest,
  formatRequest,
  parseRequest,
  takeOnDisconnect,
} from './relay/chat-request.ts'
export { chatProducers, checkQuestion } from './relay/chat-tool.ts'
export { type ChatAnswer, findChatAnswer, startChatAnswer, stopChatAnswer } from './relay/chats.ts'
export type { Chunk, Delta, ToolCallDelta } from './relay/chunk.ts'
export { completion } from './relay/completion.ts'
export { completionStream, resumeCompletion } from './relay/completion-stream.ts'
export type { Timeouts } from './relay/deadline.ts'
// Models.
export type { Ask, AskContext, Model, Models } from './relay/model.ts'
export { modelsFrom } from './relay/models.ts'
export { offline } from './relay/offline.ts'
export { type Endpoint, openaiCompatible } from './relay/openai-compatible.ts'
// The AI SDK.
export { type UiMessageStreamOptions, uiMessageStream } from './relay/ui-message-stream.ts'
export { checkUiMessages, toChatMessages, type UiMessage, type UiPart } from './relay/ui-messages.ts'
export { type AiBinding, workersAi } from './relay/workers-ai.ts'
