// The address of a stream that calls its reader by name; without one it has a name of its own for them.

/**
 * @param {string} path
 * @param {string} name
 */
export const withName = (path, name) => (name.trim() === '' ? path : `${path}?${new URLSearchParams({ name })}`)
