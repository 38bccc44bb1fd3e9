import { answerQuery, callOf, errorCodeOf, queryFault } from './aws/cloudformation/query';
import { mergeRegistries } from './aws/cloudformation/stack-registry';
import { answerCallerIdentity } from './aws/sts';
import type { Clock } from './core/clock';
import { type AwsEnvironment, DEFAULT_ENVIRONMENT } from './core/environment';
import { actsFirst, type Faults, HttpServer, type ServiceCall } from './core/http-server';
import type { Observable } from './core/service';
import { protonService } from './services/proton/service';
import { SimulatedProton } from './services/proton/simulated-service';
import type { Account } from './simulation/service-simulation';

export interface AccountServerOptions {
  readonly account: Account;
  readonly clock: Clock;
  readonly environment?: AwsEnvironment;
  readonly faults?: Faults;
  /** Called after every call with the error type, or `ok`. */
  readonly onCall?: (call: ServiceCall, answer: string) => void;
}

/** The services of an account that deploy, for any client of their APIs. It has no stacks with functions. */
export interface AccountServer {
  readonly url: string;
  readonly simulated: readonly Observable[];
  close(): Promise<void>;
}

/** Starts listening; on any free port by default. */
export async function serveAccount(
  { account, clock, environment = DEFAULT_ENVIRONMENT, faults, onCall }: AccountServerOptions,
  port?: number,
): Promise<AccountServer> {
  const proton = new SimulatedProton(account.seed ?? {}, clock, environment);
  const services = (account.services ?? []).map((create) => create(clock));
  const simulated = [proton, ...services.map((service) => service.simulated)];
  const [first, ...others] = services.flatMap((service) => ('stacks' in service ? [service.stacks] : []));
  const stacks = first && mergeRegistries(first, ...others);
  const apis = services.flatMap((service) => ('api' in service ? [service.api] : []));
  const stop = () => {
    for (const service of simulated) service.stop();
  };
  const server = await HttpServer.listen(
    {
      services: [protonService(proton), ...apis],
      faults,
      onCall,
      raw: (request) => {
        const call = callOf(request);
        if (!call || !stacks) return answerCallerIdentity(environment, request);
        const answer = answerQuery(stacks, request);
        if (answer) onCall?.(call, errorCodeOf(answer) ?? 'ok');
        return answer;
      },
      rawFaults: (request) => {
        const call = callOf(request);
        const fault = call && faults?.(call);
        if (call && fault && !actsFirst(fault)) onCall?.(call, fault.kind === 'error' ? fault.type : fault.kind);
        return queryFault(fault);
      },
    },
    port,
  ).catch((error: unknown) => {
    stop();
    throw error;
  });
  return {
    url: server.url,
    simulated,
    close: async () => {
      stop();
      await server.close();
    },
  };
}
