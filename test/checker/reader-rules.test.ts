/** Histories in which a promise to readers is broken: the checker names its rule and no other. */
import { expectNamed, four, ids, LOG, one, published, Story, three, two } from './story.ts'

expectNamed({
  R4: {
    'an event is skipped': () => {
      const story = published()
      story.reader(LOG).reads(one, three, four)
      story.dumps(LOG)
      return story
    },
    'an event is skipped at a reconnect': () => {
      const story = published()
      story.reader(LOG).reads(one).disconnected('reset')
      story.reader(LOG, { at: one }).reads(three, four)
      story.dumps(LOG)
      return story
    },
    'an event is skipped after stream.live': () => {
      const story = published()
      story.reader(LOG).live(one).reads(three, four)
      story.dumps(LOG)
      return story
    },
    'events come in another order': () => {
      const story = published()
      story.reader(LOG).live(one).reads(three, two)
      story.dumps(LOG)
      return story
    },
    'a reader gets what the log never held': () => {
      const story = published()
      story.reader('').live('0').readsAs('1-zzzzzz', 'k1')
      story.dumps(LOG)
      return story
    },
    'a reader gets an event with another text': () => {
      const story = published()
      story.reader('').live('0').readsAs(one, 'k2')
      story.dumps(LOG)
      return story
    },
    'two readers read different things that no dump can show': () => {
      const story = published()
      story.reader(LOG, { client: 'one' }).reads(one)
      story.reader('', { client: 'other' }).readsAs('1-zzzzzz', 'k1')
      story.dumps('', { floor: four })
      return story
    },
    'stream.live stands before the end of the replay': () => {
      const story = published()
      story.reader(LOG).reads(one).live(two)
      story.dumps(LOG)
      return story
    },
    'a reader gets what has no id of a room': () => {
      const story = published()
      story.reader('').live('0').readsAs('7', 'k1')
      story.dumps(LOG)
      return story
    },
    'stream.live names an id that the log never held': () => {
      const story = published()
      story.reader(LOG).live('4-zzzzzz')
      story.dumps(LOG)
      return story
    },
    'a gap leads to an id that the log never held': () => {
      const story = published()
      story.reader(LOG, { at: 'what?' }).gap('malformed', null, '2-zzzzzz').reads(three, four)
      story.dumps(LOG)
      return story
    },
    'a cursor of a lost log goes on in the next one': () => {
      const story = new Story()
      story.publishes('k1', one)
      story.reader(LOG).reads(one).disconnected('lost')
      story.dumps('1-aaaaaa:k1')
      story.lost('a')
      const next = '1-zzzzzz:k2 2-yyyyyy:k3'
      story.reader(next, { at: one }).reads('2-yyyyyy')
      story.dumps(next)
      return story
    },
    'garbage resumes without a gap': () => {
      const story = published()
      story.reader(LOG, { at: 'what?' }).reads(one)
      story.dumps(LOG)
      return story
    },
    'a gap is told of a place where the reader does not stand': () => {
      const story = published()
      story.reader(LOG, { at: one }).gap('expired', '0', two).reads(three, four)
      story.dumps('3-cccccc:k3 4-dddddd:k4', { floor: two })
      return story
    },
    'a gap leaves out what the log still holds': () => {
      const story = published()
      story.reader(LOG, { at: one }).gap('slow', one, three).reads(four)
      story.dumps(LOG)
      return story
    },
    'a gap is told where nothing is missing': () => {
      const story = published()
      story.reader(LOG, { at: two }).gap('expired', two, two).reads(three, four)
      story.dumps('3-cccccc:k3 4-dddddd:k4', { floor: two })
      return story
    },
    'an id of this log is called unknown': () => {
      const story = published()
      story
        .reader(LOG, { at: two })
        .gap('unknown', two, '0')
        .reads(...ids)
      story.dumps(LOG)
      return story
    },
    'after a gap events are missing': () => {
      const story = published()
      story.reader(LOG, { at: one }).gap('expired', one, two).reads(four)
      story.dumps('3-cccccc:k3 4-dddddd:k4', { floor: two })
      return story
    },
  },
  R5: {
    'an event comes twice on one connection': () => {
      const story = published()
      story.reader(LOG).reads(one, two, two, three, four)
      story.dumps(LOG)
      return story
    },
    'an old event comes in between': () => {
      const story = published()
      story.reader(LOG).reads(one, two, three, one, four)
      story.dumps(LOG)
      return story
    },
    'an event comes again after a reconnect': () => {
      const story = published()
      story.reader(LOG).reads(one, two).disconnected('reset')
      story.reader(LOG, { at: two }).reads(two, three, four)
      story.dumps(LOG)
      return story
    },
    'a client forgets where it stood': () => {
      const story = published()
      story.reader(LOG).reads(one, two).disconnected('reset')
      story.reader(LOG, { at: one }).reads(two, three, four)
      story.dumps(LOG)
      return story
    },
  },
  R7: {
    'a reader gets an event whose key was sent to another room': () => {
      const story = published()
      story.publishes('other', '1-oooooo', { room: 'b' })
      story.reader(LOG).reads(one).readsAs('2-oooooo', 'other').reads(two, three, four)
      story.dumps(LOG, { rest: true })
      return story
    },
    'a reader gets an event that only another room holds': () => {
      const story = published()
      story.publishes('-text', '1-oooooo', { room: 'b' })
      story
        .reader(LOG)
        .reads(...ids)
        .readsAs('1-oooooo', '-text')
      story.dumps(LOG, { rest: true })
      story.dumps('1-oooooo:-text', { room: 'b' })
      return story
    },
  },
  R9: {
    'a reader at rest stands before the head': () => {
      const story = published()
      story.reader(LOG).reads(one, two, three)
      story.dumps(LOG, { rest: true })
      return story
    },
    'a reader at rest has never heard where it stands': () => {
      const story = published()
      story.reader(LOG)
      story.dumps(LOG, { rest: true })
      return story
    },
  },
})
