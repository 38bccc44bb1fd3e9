import { HOURS, type InitialState, MINUTES, SECONDS } from '../../../../emulator/services/proton/plan';

export const RUNNING = {
  at: -2 * MINUTES,
  onCancel: { steps: [{ after: 40 * SECONDS, status: 'CANCELLED' as const }] },
};

export const INITIAL_STATE: InitialState = {
  environments: [{ name: 'prod', deployments: [RUNNING], spec: 'environment spec' }, { name: 'test' }],
  services: [
    {
      name: 'web',
      spec: 'service spec',
      instances: [
        { name: 'web-prod', environmentName: 'prod', deployments: [RUNNING], spec: 'instance spec' },
        { name: 'web-test', environmentName: 'test' },
      ],
      pipeline: { environmentName: 'prod', deployments: [RUNNING], spec: 'pipeline spec' },
    },
    {
      name: 'api',
      instances: [
        {
          name: 'api-test',
          environmentName: 'test',
          deployments: [{ at: -HOURS, steps: [{ after: MINUTES, status: 'FAILED', message: 'why it failed' }] }],
          withholdsDeploymentIds: true,
        },
      ],
    },
  ],
  components: [
    {
      name: 'bucket',
      environmentName: 'prod',
      serviceName: 'web',
      serviceInstanceName: 'web-prod',
      deployments: [RUNNING],
    },
    { name: 'loose', environmentName: 'prod' },
  ],
};
