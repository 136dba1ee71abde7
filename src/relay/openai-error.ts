/** What went wrong, as clients of chat completions expect it: https://platform.openai.com/docs/guides/error-codes */

export interface OpenaiError {
  message: string
  type: string
  code: string
  param: string | null
}

/** Whose fault it is, by the code of the error. */
export const openaiError = (code: string, message: string, status = 500): { error: OpenaiError } => ({
  error: { message, type: status < 500 ? 'invalid_request_error' : 'server_error', code, param: null },
})
