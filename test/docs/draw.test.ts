import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { flowGraph } from '../../docs/draw/flow';
import { pictures } from '../../docs/draw/pictures';
import { stateMachineGraph } from '../../docs/draw/state-machine';
import { svgOf } from '../../docs/draw/svg';

test('the pictures of the README are those of what is synthesised; if they are not, npm run docs:diagrams', () => {
  for (const [name, picture] of Object.entries(pictures())) {
    expect(readFileSync(join(__dirname, '../../docs', name), 'utf8') === picture ? 'the same' : `${name} is old`).toBe(
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
            { Variable: '$.asked', IsPresent: true },
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

test('every state is a box, and every way from one to another an arrow with what it takes', () => {
  const { boxes, arrows } = stateMachineGraph(DEFINITION, String);
  expect(boxes.map(({ label, note, look }) => [label, note, look])).toEqual([
    ['an execution', undefined, 'theirs'],
    ['Work', 'Worker function', 'ours'],
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
    ['Done?', 'Bad', 'asked and late'],
    ['Done?', 'Good', 'otherwise'],
    ['Pause', 'Work'],
  ]);
});

test('what cannot be drawn is refused, and not left out', () => {
  const of = (state: object) => () =>
    stateMachineGraph({ StartAt: 'A', States: { A: state as { Type: string } } }, String);
  expect(of({ Type: 'Map' })).toThrow('a state of type Map cannot be drawn');
  expect(of({ Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'A' }] })).toThrow(
    'a rule about $.n cannot be put into words',
  );
  const role = {
    Type: 'AWS::IAM::Role',
    Properties: { Policies: [{ PolicyDocument: { Statement: [{ Action: 's3:GetObject' }] } }] },
  };
  const own = {
    Type: 'AWS::Lambda::Function',
    Properties: { Handler: 'a.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] } },
  };
  expect(() => flowGraph({ Resources: { Role: role, Own: own } })).toThrow('the service of s3 has no name');
});

test('nothing that is drawn is taken for markup', () => {
  const box = { id: 'a', label: '<script>&', look: 'plain' as const };
  const svg = svgOf({ title: '<b>', description: '&', boxes: [box], arrows: [{ from: 'a', to: 'a', lines: ['<i>'] }] });
  expect(svg).not.toMatch(/<(script|b|i)>/);
  expect(svg).toContain('&lt;script&gt;&amp;');
});
