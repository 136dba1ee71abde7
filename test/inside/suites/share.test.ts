// Bun has no locks. What is loaded first takes the channels that are there, or those that hold words back.
if (globalThis.navigator?.locks === undefined) (await import('../../client/share/alone.suite.ts')).shareAloneSuite()
else (await import('../../client/share.suite.ts')).shareSuite()
