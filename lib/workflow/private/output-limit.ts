import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** The maximum number of outputs of a stack. */
const MAX_OUTPUTS = 200;

/** Makes the synthesis fail if the stack of `scope` has more outputs than CloudFormation allows. */
export function validateOutputs(scope: IConstruct): void {
  const stack = Stack.of(scope);
  scope.node.addValidation({
    validate: () => {
      const outputs = stack.node.findAll().filter((part) => part instanceof CfnOutput && part.stack === stack);
      if (outputs.length <= MAX_OUTPUTS) return [];
      return [
        `stack ${stack.node.path} has ${outputs.length} outputs, and CloudFormation allows ${MAX_OUTPUTS}: set output: false on some of its cancellations`,
      ];
    },
  });
}
