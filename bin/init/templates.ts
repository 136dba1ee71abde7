/** The templates there are: handlers of the package, copied as they stand, and what a test of them asks. */

export interface Template {
  name: string
  /** What it is, in a line. */
  summary: string
  /** Its handlers, each a file of src/handlers; the first is the one that is served. */
  handlers: [string, ...string[]]
  /**
   * Where rooms live on Workers: nowhere, in an object, or in one that works by itself with the handler's producers, which
   * may depend on the environment.
   */
  rooms: 'none' | 'object' | 'producers' | 'producers-of-env'
  /** What is asked, and what the answer says before the test is content. */
  asks: Ask
}

export interface Ask {
  /** Sent first, as JSON. */
  post?: { path: string; body: object }
  /** What is read then: a path, or where the answer to the post says (`events`), or that answer itself. */
  read: { path: string } | 'events' | 'answer'
  says: string
}

const question = { messages: [{ role: 'user', content: 'hello' }], stream: true }

export const templates: Template[] = [
  {
    name: 'ticker',
    summary: 'a clock, the shortest stream: an event a second, which goes on where a reader stopped',
    handlers: ['ticker'],
    rooms: 'none',
    asks: { read: { path: '/sse' }, says: 'event: timestamp' },
  },
  {
    name: 'chat-room',
    summary: 'a chat of people: a room that remembers, and hands everyone what was missed',
    handlers: ['chat-room'],
    rooms: 'object',
    asks: {
      post: { path: '/chat-room/lobby/events', body: { from: 'Ada', text: 'hello' } },
      read: { path: '/chat-room/lobby/events' },
      says: '{"from":"Ada","text":"hello"}',
    },
  },
  {
    name: 'room',
    summary: 'a room for anything: publish one event or many, subscribe, history, info',
    handlers: ['room', 'room-events', 'room-history', 'room-info', 'room-publish', 'room-publish-batch'],
    rooms: 'object',
    asks: {
      post: { path: '/rooms/lobby/events', body: { event: 'chat', data: 'hello' } },
      read: { path: '/rooms/lobby/events?from=start' },
      says: 'event: chat\ndata: hello',
    },
  },
  {
    name: 'progress',
    summary: 'a long job: it goes on whoever watches, and can be stopped',
    handlers: ['progress'],
    rooms: 'producers',
    asks: { post: { path: '/progress', body: { steps: 1 } }, read: 'events', says: 'event: done' },
  },
  {
    name: 'chat-completions',
    summary: "a model's answer, as clients of OpenAI ask for it; one that was cut resumes",
    handlers: ['chat-completions'],
    rooms: 'producers-of-env',
    asks: { post: { path: '/v1/chat/completions', body: question }, read: 'answer', says: '"chat.completion.chunk"' },
  },
  {
    name: 'chat-tool',
    summary: 'many people and one model: everyone sees what is asked, and the answer as it comes',
    handlers: ['chat-tool'],
    rooms: 'producers-of-env',
    asks: {
      post: { path: '/server/send', body: { messages: question.messages } },
      read: { path: '/server/events' },
      says: 'event: question',
    },
  },
  {
    name: 'ai-sdk',
    summary: 'a chat page of the AI SDK, whose answer goes on when the page is reloaded',
    handlers: ['ai-sdk'],
    rooms: 'producers-of-env',
    asks: {
      post: {
        path: '/api/chat',
        body: {
          id: 'a',
          messages: [{ id: '1', role: 'user', parts: [{ type: 'text', text: 'hello' }] }],
          trigger: 'submit-message',
        },
      },
      read: 'answer',
      says: '"type":"start"',
    },
  },
  {
    name: 'html',
    summary: 'a page that a browser shows piece by piece',
    handlers: ['html'],
    rooms: 'none',
    asks: { read: { path: '/html?name=Ada' }, says: 'Sunlight for Ada' },
  },
  {
    name: 'text',
    summary: 'plain text as it is written',
    handlers: ['text'],
    rooms: 'none',
    asks: { read: { path: '/text?name=Ada' }, says: 'Ada, this text' },
  },
  {
    name: 'ndjson',
    summary: 'values as they are found, one JSON value a line',
    handlers: ['ndjson'],
    rooms: 'none',
    asks: { read: { path: '/ndjson' }, says: '"prime":2' },
  },
  {
    name: 'download',
    summary: 'files that a download manager resumes where it was cut',
    handlers: ['download'],
    rooms: 'none',
    asks: { read: { path: '/download/hello.txt' }, says: 'hello' },
  },
]
