import { configFor } from './cluster-mongo.js';

const HOSTS = ['h:1', 'h:2', 'h:3'];
const founded = {
  _id: 'holdfast',
  version: 4,
  term: 2,
  members: HOSTS.map((host, _id) => ({ _id, host, priority: 1 })),
};

describe('the configuration of a replica set of three', () => {
  it('is founded with all three as members', () => {
    expect(configFor(undefined, HOSTS)).toMatchObject({
      version: 1,
      members: [{ host: 'h:1' }, { host: 'h:2' }, { host: 'h:3' }],
    });
  });

  it('stays as it is where the addresses do', () => {
    expect(configFor(founded, HOSTS)).toBeUndefined();
  });

  it('is told of new addresses, and keeps everything else', () => {
    expect(configFor(founded, ['h:1', 'h:9', 'h:3'])).toEqual({
      ...founded,
      version: 5,
      members: [founded.members[0], { _id: 1, host: 'h:9', priority: 1 }, founded.members[2]],
    });
  });
});
