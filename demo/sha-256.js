// The SHA-256 of some bytes, as hexadecimal digits.

/** Browsers compute it on secure origins only: https, or this machine. */
export const canHash = globalThis.crypto?.subtle !== undefined

/** @param {Blob} blob */
export async function sha256(blob) {
  const digest = await crypto.subtle.digest('SHA-256', await blob.arrayBuffer())
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
