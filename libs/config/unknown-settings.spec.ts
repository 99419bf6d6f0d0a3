import { unknownSettings } from './unknown-settings.js';

describe('names that begin as settings do', () => {
  it('are unknown when nobody reads them', () => {
    const environment = {
      HOLDFAST_ROLE: 'consume',
      HOLDFAST_ROLES: 'consume',
      HOLDFAST_HOLD: '5',
      ROLE: 'x',
    };
    expect(unknownSettings(environment)).toEqual(['HOLDFAST_HOLD', 'HOLDFAST_ROLE']);
  });

  it('are known when a program has them, or Kubernetes sets them for a service', () => {
    const environment = {
      HOLDFAST_API_PORT: '8080',
      HOLDFAST_STACK: 'auto',
      HOLDFAST_MONGO_IMAGE: 'mongo:7',
      HOLDFAST_API_SERVICE_HOST: '10.0.0.1',
      HOLDFAST_API_SERVICE_PORT_HTTP: '80',
      HOLDFAST_API_PORT_80_TCP_ADDR: '10.0.0.1',
    };
    expect(unknownSettings(environment)).toEqual([]);
  });
});
