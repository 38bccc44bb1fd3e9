import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagrams } from '../../docs/draw/diagrams';
import { flowGraph } from '../../docs/draw/flow';
import { stateMachineGraph } from '../../docs/draw/state-machine';
import { svgOf } from '../../docs/draw/svg';

test('the diagrams of the README are current; npm run docs:diagrams writes them', async () => {
  for (const [name, diagram] of Object.entries(await diagrams())) {
    expect(readFileSync(join(__dirname, '../../docs', name), 'utf8') === diagram ? 'the same' : `${name} is old`).toBe(
      'the same',
    );
  }
});

const TASK = { Type: 'Task', Resource: 'Worker', Next: 'Done?', Catch: [{ Next: 'Bad' }] };
const DEFINITION = {
  StartAt: 'Work',
  States: {
    Work: TASK,
    'Done?': {
      Type: 'Choice',
      Choices: [
        { Variable: '$.a.word', StringEquals: 'GO', Next: 'Pause' },
        {
          And: [
            { Variable: '$.failed', IsPresent: true },
            { Variable: '$.x.late', BooleanEquals: true },
          ],
          Next: 'Bad',
        },
      ],
      Default: 'Good',
    },
    Pause: { Type: 'Wait', SecondsPath: '$.a.seconds', Next: 'Work' },
    Good: { Type: 'Pass', End: true },
    Bad: { Type: 'Fail' },
  },
};

test('every state is a box, and every transition an arrow with its condition', () => {
  const { boxes, arrows } = stateMachineGraph(DEFINITION, String);
  expect(boxes.map(({ label, note, style }) => [label, note, style])).toEqual([
    ['an execution', undefined, 'external'],
    ['Work', 'Worker function', 'own'],
    ['Done?', undefined, 'choice'],
    ['Pause', 'seconds', 'wait'],
    ['Good', undefined, 'good'],
    ['Bad', undefined, 'bad'],
  ]);
  expect(arrows.map(({ from, to, lines, failing }) => [from, to, ...lines, ...(failing ? ['fails'] : [])])).toEqual([
    ['start', 'Work'],
    ['Work', 'Done?'],
    ['Work', 'Bad', 'fails'],
    ['Done?', 'Pause', 'word is GO'],
    ['Done?', 'Bad', 'failed and late'],
    ['Done?', 'Good', 'otherwise'],
    ['Pause', 'Work'],
  ]);
});

test('a state, a rule or a service that cannot be drawn is an error', () => {
  const of = (state: object) => () =>
    stateMachineGraph({ StartAt: 'A', States: { A: state as { Type: string } } }, String);
  expect(of({ Type: 'Map' })).toThrow('there is no box for a state of type Map');
  expect(of({ Type: 'Choice', Choices: [{ Variable: '$.n', IsNumeric: true, Next: 'A' }] })).toThrow(
    'there is no text for the rule about $.n',
  );
  const role = {
    Type: 'AWS::IAM::Role',
    Properties: { Policies: [{ PolicyDocument: { Statement: [{ Action: 's3:GetObject' }] } }] },
  };
  const own = {
    Type: 'AWS::Lambda::Function',
    Properties: { Handler: 'a.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
  };
  expect(() => flowGraph({ Resources: { Role: role, Own: own } })).toThrow('the service of the prefix s3 has no name');
});

test('texts are escaped', () => {
  const box = { id: 'a', label: '<script>&', style: 'plain' as const };
  const svg = svgOf({ title: '<b>', description: '&', boxes: [box], arrows: [{ from: 'a', to: 'a', lines: ['<i>'] }] });
  expect(svg).not.toMatch(/<(script|b|i)>/);
  expect(svg).toContain('&lt;script&gt;&amp;');
});
