/** The events by which edge-sse's servers speak of the stream itself. */
const OWN = /^stream\.(live|gap|end|busy|error|presence)$/

// `undefined` is tested as its name, which is none of these.
export const isOwn = (event: string | undefined): boolean => OWN.test(event as string)
