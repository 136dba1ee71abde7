/** Histories in which a promise to publishers is broken: the checker names its rule and no other. */
import { expectNamed, LOG, one, published, Story, two } from './story.ts'

expectNamed({
  R1: {
    'an acknowledged event is not in the log': () => {
      const story = published()
      story.publishes('k5', '5-eeeeee')
      story.dumps(LOG)
      return story
    },
    'another event stands where the acknowledged one should': () => {
      const story = new Story()
      story.sends('k2').failed('reset')
      story.publishes('k1', one)
      story.dumps('1-zzzzzz:k2')
      return story
    },
    'the log holds another text under the acknowledged id': () => {
      const story = new Story()
      story.publishes('-one', one)
      story.dumps('1-aaaaaa:-other')
      return story
    },
    'a batch is acknowledged with too few ids': () => {
      const story = new Story()
      story.sends('k1', { count: 2 }).acknowledged(['1-aaaaaa'])
      story.dumps('1-aaaaaa:k1 2-aaaaaa:k1')
      return story
    },
    'an acknowledged batch was torn in two': () => {
      const story = new Story()
      story.publishes('k1', ['1-aaaaaa', '3-aaaaaa'])
      story.dumps('1-aaaaaa:k1 2-bbbbbb:k2 3-aaaaaa:k1')
      return story
    },
    'it was lost between two dumps': () => {
      const story = new Story()
      story.publishes('k1', one)
      story.dumps('1-aaaaaa:k1')
      story.publishes('k2', two)
      story.dumps('1-aaaaaa:k1')
      return story
    },
  },
  R2: {
    'a key that was tried twice is in the log twice': () => {
      const story = new Story()
      story.sends('k1').failed('reset')
      story.publishes('k1', two)
      story.dumps('1-aaaaaa:k1 2-bbbbbb:k1')
      return story
    },
    'a key is acknowledged under two ids': () => {
      const story = new Story()
      story.publishes('k1', one)
      story.publishes('k1', two, { duplicate: true })
      story.dumps('', { floor: two })
      return story
    },
    'a batch is in the log one and a half times': () => {
      const story = new Story()
      story.publishes('k1', ['1-aaaaaa', '2-aaaaaa'])
      story.dumps('1-aaaaaa:k1 2-aaaaaa:k1 3-bbbbbb:k1')
      return story
    },
  },
  R3: {
    'the log has a hole': () => {
      const story = new Story()
      story.dumps('1-aaaaaa:k1 2-bbbbbb:k2 4-dddddd:k4')
      return story
    },
    'the log does not begin after its floor': () => {
      const story = new Story()
      story.dumps('2-bbbbbb:k2')
      return story
    },
    'an event became another one': () => {
      const story = new Story()
      story.dumps('1-aaaaaa:k1 2-bbbbbb:k2')
      story.dumps('1-aaaaaa:k1 2-zzzzzz:k2')
      return story
    },
    'the log went back': () => {
      const story = new Story()
      story.dumps('1-aaaaaa:k1 2-bbbbbb:k2')
      story.dumps('1-aaaaaa:k1')
      return story
    },
    'the floor went back': () => {
      const story = new Story()
      story.dumps('2-bbbbbb:k2', { floor: one })
      story.dumps('1-aaaaaa:k1 2-bbbbbb:k2')
      return story
    },
    'an id is none': () => {
      const story = new Story()
      story.dumps('1-aaaaaa:k1 2:k2')
      return story
    },
    'the floor is no id': () => {
      const story = new Story()
      story.dumps('', { floor: 'floor' })
      return story
    },
  },
  R6: {
    'a key that was never acknowledged is in the log twice': () => {
      const story = new Story()
      story.sends('k1').failed('reset')
      story.sends('k1').failed('reset')
      story.dumps('1-aaaaaa:k1 2-bbbbbb:k1')
      return story
    },
    'half of a batch that was never acknowledged is in the log': () => {
      const story = new Story()
      story.sends('k1', { count: 2 }).failed('reset')
      story.dumps('1-aaaaaa:k1')
      return story
    },
    'a publish without a key that was sent once is in the log twice': () => {
      const story = new Story()
      story.sends('-once').failed('reset')
      story.dumps('1-aaaaaa:-once 2-bbbbbb:-once')
      return story
    },
  },
  R8: {
    'what was sent later stands before what was acknowledged earlier': () => {
      const story = new Story()
      story.publishes('k1', two)
      story.publishes('k2', one)
      story.dumps('1-aaaaaa:k2 2-bbbbbb:k1')
      return story
    },
    'the same, and the later one was never acknowledged': () => {
      const story = new Story()
      story.publishes('k1', two)
      story.sends('k2').failed('reset')
      story.dumps('1-aaaaaa:k2 2-bbbbbb:k1')
      return story
    },
    'an answer claims a seq that was given away before': () => {
      const story = new Story()
      story.publishes('k1', two)
      story.publishes('k2', '2-zzzzzz')
      story.dumps('', { floor: two })
      return story
    },
  },
})
