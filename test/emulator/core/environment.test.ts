import { RegionInfo } from 'aws-cdk-lib/region-info';
import { arnOf, globalArnOf, partitionOf, urlSuffixOf } from '../../../emulator/core/environment';

test('every region that the CDK knows has the partition and the domain that the CDK knows', () => {
  const regions = RegionInfo.regions.filter(({ partition, domainSuffix }) => partition && domainSuffix);
  expect(regions.length).toBeGreaterThan(30);
  for (const { name, partition, domainSuffix } of regions) {
    const found = partitionOf(name);
    expect({ name, partition: found, domainSuffix: urlSuffixOf(found) }).toEqual({ name, partition, domainSuffix });
  }
});

test('an ARN has the partition, and a region unless its service has none', () => {
  const environment = { partition: 'aws-cn', region: 'cn-north-1', account: '123456789012' };
  expect(arnOf(environment, 'sqs', 'orders')).toBe('arn:aws-cn:sqs:cn-north-1:123456789012:orders');
  expect(globalArnOf(environment, 'iam', 'role/Web')).toBe('arn:aws-cn:iam::123456789012:role/Web');
});
