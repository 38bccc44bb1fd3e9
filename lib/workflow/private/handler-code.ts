import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AspectPriority, Aspects, type CfnResource, type IAspect, Lazy } from 'aws-cdk-lib';
import { Code, type CodeConfig } from 'aws-cdk-lib/aws-lambda';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { ServiceName } from '../../deployments/services';

/** Built before the package was published: nothing is bundled at synth. */
const BUNDLES = join(__dirname, '..', '..', '..', 'dist', 'lambda');

/** A function of `lambda/`, or what one of them has for a service; a part without which it can run. */
export type HandlerPart = 'cloudformation' | 'codepipeline' | 'deployment' | `${ServiceName}-service`;

/**
 * The files that some parts of `lambda/` consist of, in one asset. Which parts these are can be said for as long as the app
 * is not synthesised: only then it is known whose deployments are cancelled.
 */
export class HandlerCode extends Code {
  public readonly isInline = false;
  private readonly functions: CfnResource[] = [];

  constructor(
    private readonly scope: Construct,
    private readonly parts: () => Iterable<HandlerPart>,
  ) {
    super();
    const aspect: IAspect = { visit: (node) => node === scope && this.asset };
    Aspects.of(scope).add(aspect, { priority: AspectPriority.READONLY });
  }

  public bind(): CodeConfig {
    return {
      s3Location: {
        bucketName: Lazy.string({ produce: () => this.asset.s3BucketName }),
        objectKey: Lazy.string({ produce: () => this.asset.s3ObjectKey }),
      },
    };
  }

  public override bindToResource(resource: CfnResource): void {
    this.functions.push(resource);
  }

  /** Of the parts that are known by now. One that was looked at before that is another asset. */
  private get asset(): Asset {
    const parts = [...new Set(this.parts())].sort();
    const id = `Code-${parts.join('-')}`;
    const made = this.scope.node.tryFindChild(id) as Asset | undefined;
    if (made) return made;
    const asset = new Asset(this.scope, id, {
      path: BUNDLES,
      exclude: ['*', ...filesOf(parts).map((file) => `!${file}`)],
    });
    for (const resource of this.functions) asset.addResourceMetadata(resource, 'Code');
    return asset;
  }
}

function filesOf(parts: readonly HandlerPart[]): string[] {
  const files: Record<HandlerPart, string[]> = JSON.parse(readFileSync(join(BUNDLES, 'files.json'), 'utf8'));
  return [...new Set(parts.flatMap((part) => files[part]))].sort();
}
