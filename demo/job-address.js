// Which job this page watches: it is in the address, so that a reload, a bookmark or a second tab finds it again.

/** The id in `#job=…`; empty where there is none. */
export const jobInAddress = () => new URLSearchParams(location.hash.slice(1)).get('job') ?? ''

/** Puts it there, without a step that the way back would have to take. */
export const putIntoAddress = (id) => history.replaceState(null, '', `#${new URLSearchParams({ job: id })}`)

/** Tells when somebody changes it, or follows a link to another one. */
export const onJobInAddress = (changed) => addEventListener('hashchange', () => changed(jobInAddress()))
