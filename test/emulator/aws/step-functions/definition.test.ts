import { compile } from '../../../../emulator/aws/step-functions/definition';
import { chain, TASK } from './machines';

const ITEMS = chain({ Do: TASK });

test.each([
  ['no JSON', '{', /^Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION/],
  ['no object', '1', /^Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION/],
  [
    'a state that is not there',
    JSON.stringify({ StartAt: 'A', States: { B: { Type: 'Succeed' } } }),
    /MISSING_TRANSITION/,
  ],
  [
    'a type that does not exist',
    JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Nope' } } }),
    /SCHEMA_VALIDATION/,
  ],
  ['a path that is not valid', JSON.stringify(chain({ A: { Type: 'Pass', InputPath: 'a' } })), /SCHEMA_VALIDATION/],
])('a definition with %s is rejected with the error of AWS', (_, text, message) => {
  expect(() => compile(text)).toThrow(expect.objectContaining({ type: 'InvalidDefinition' }));
  expect(() => compile(text)).toThrow(message);
});

test.each<[string, object, string]>([
  ['JSONata', chain({ A: TASK }, { QueryLanguage: 'JSONata' }), 'JSONata in'],
  ['JSONata of one state', chain({ A: { ...TASK, QueryLanguage: 'JSONata' } }), 'JSONata in state A'],
  ['variables', chain({ A: { ...TASK, Assign: { x: 1 } } }), 'Assign in state A'],
  ['heartbeats', chain({ A: { ...TASK, TimeoutSeconds: 9, HeartbeatSeconds: 5 } }), 'HeartbeatSeconds in state A'],
  [
    'a distributed Map',
    chain({
      A: {
        Type: 'Map',
        ItemProcessor: { ...ITEMS, ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' } },
      },
    }),
    'a distributed Map in state A',
  ],
  [
    'an integration that is not there',
    chain({ A: { Type: 'Task', Resource: 'arn:aws:states:::aws-sdk:proton:getService', Parameters: {} } }),
    'the resource arn:aws:states:::aws-sdk:proton:getService in state A',
  ],
  [
    'a task token',
    chain({ A: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', Parameters: {} } }),
    'the resource arn:aws:states:::lambda:invoke.waitForTaskToken in state A',
  ],
  [
    'a parameter that is not there',
    chain({
      A: {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'f', Qualifier: '1' },
      },
    }),
    'the parameter Qualifier of lambda:invoke in state A',
  ],
  [
    'what the context object has not',
    chain({ A: { Type: 'Pass', Parameters: { 'x.$': '$$.State.EnteredTime' } } }),
    '$$.State.EnteredTime',
  ],
  ['an empty result', chain({ A: { Type: 'Pass', Result: false } }), 'an empty Result in state A'],
  [
    'inner states like that',
    chain({ A: { Type: 'Map', ItemProcessor: chain({ B: { Type: 'Pass', Result: 0 } }) } }),
    'an empty Result in state B',
  ],
])('a definition with %s is rejected, because the emulator does not support it', (_, definition, what) => {
  expect(() => compile(JSON.stringify(definition))).toThrow(`the emulated Step Functions does not support ${what}`);
});
