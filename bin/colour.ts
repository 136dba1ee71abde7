/** Colour for a person, and for nobody else: https://no-color.org */
import { styleText } from 'node:util'
import type { Output, Terminal } from './command.ts'

export type Style = Parameters<typeof styleText>[0]

/** The text in that style where `stream` is a terminal that wants colour, else as it is. The text has to be printable. */
export function colour(io: Pick<Terminal, 'env'>, stream: Output, style: Style, text: string): string {
  return hasColour(io, stream) ? styleText(style, text, { validateStream: false }) : text
}

export function hasColour({ env }: Pick<Terminal, 'env'>, stream: Output): boolean {
  return stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
}
