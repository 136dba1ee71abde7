/** A browser whose network is gone, for all of its pages. */
import type { BrowserContext, Route } from 'playwright-core'

const refuse = (route: Route): Promise<void> => route.abort('internetdisconnected')

/**
 * Takes the network away. Chromium keeps no order between telling the pages and refusing what they ask for: what one asks for
 * as it hears of it could still be answered.
 */
export async function goOffline(context: BrowserContext): Promise<void> {
  await context.route('**', refuse)
  await context.setOffline(true)
}

export async function goOnline(context: BrowserContext): Promise<void> {
  await context.unroute('**', refuse)
  await context.setOffline(false)
}
