import { hasTag, weakTag } from './etag.js';

describe('an entity tag', () => {
  it('is the same for the same answer, and another for another', () => {
    expect(weakTag('{"items":[]}')).toBe(weakTag('{"items":[]}'));
    expect(weakTag('{"items":[]}')).not.toBe(weakTag('{"items":[1]}'));
    expect(weakTag('')).toMatch(/^W\/"[\w-]+"$/);
  });

  it('is found alone, in a list, strong or weak, and as any', () => {
    const tag = weakTag('a');
    for (const header of [tag, `"x", ${tag}`, `${tag} ,W/"y"`, tag.slice(2), '*'])
      expect(hasTag(header, tag)).toBe(true);
    for (const header of [undefined, '', '"x"', tag.slice(0, -2), weakTag('b')])
      expect(hasTag(header, tag)).toBe(false);
  });
});
