import type { ResourceEnvironment, aws_ssm as ssm } from 'aws-cdk-lib/interfaces';
import type { Deployment } from '../../contract/cancellation';
import { describe } from '../../private/describe';
import { InvalidConfigurationError } from '../../private/errors';
import { DeclaredDeployment } from '../declared-deployment';

/**
 * An execution of a runbook of AWS Systems Manager Automation.
 *
 * Cancelling it cancels the step in progress, and no further step begins. Systems Manager rolls nothing back, unless the
 * runbook has steps for it. Each execution has an ID, and a stop names the ID: a newer execution is never stopped by
 * mistake.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StopAutomationExecution.html
 */
export class SsmAutomationExecution extends DeclaredDeployment {
  /**
   * The newest execution in flight of a runbook that is addressed by its name. An execution that
   * another execution has started is a part of the other one, and is ignored.
   *
   * The permissions are for every automation of the account and region, because ARNs of executions do not name their
   * runbook.
   *
   * @param documentName the name of the runbook: 3 to 128 letters, digits and `_ - . : /`
   * @throws if Systems Manager does not accept the name; a token is checked when the stack is deployed
   */
  public static fromDocumentName(documentName: string): SsmAutomationExecution {
    return new SsmAutomationExecution({ documentName });
  }

  /**
   * The newest execution in flight of a runbook of the CDK: the same as with `fromDocumentName`.
   *
   * @param document a runbook in the account and region of the stack that cancels
   * @throws if it is not a document
   */
  public static fromDocument(document: ssm.IDocumentRef): SsmAutomationExecution {
    const documentName = document?.documentRef?.documentName;
    if (documentName !== undefined) return new SsmAutomationExecution({ documentName }, document.env);
    throw new InvalidConfigurationError(
      `document must be a CfnDocument of aws-ssm, not ${describe(document)}: use fromDocumentName for a name`,
    );
  }

  /**
   * One execution. The permissions are for this one only.
   *
   * @param executionId the ID of the execution, a UUID
   * @throws if it is not an ID; a token is checked when the stack is deployed
   */
  public static fromExecutionId(executionId: string): SsmAutomationExecution {
    return new SsmAutomationExecution({ executionId });
  }

  /** @internal */
  public static _fromContract({ identifiers }: Deployment): SsmAutomationExecution {
    return new SsmAutomationExecution(identifiers);
  }

  private constructor(identifiers: Deployment['identifiers'], environment?: ResourceEnvironment) {
    super({ kind: 'ssm-automation-execution', identifiers }, environment);
  }
}
