import { readFileSync } from 'node:fs';

const CLIENT = '@aws-sdk/client-cloudformation';
const APART = '?apart';

/**
 * The client of CloudFormation is there twice: every stack asks for its own status, and few cancel the updates of others.
 * What only those use of it would else be shipped to all.
 */
export const apart = {
  name: 'apart',
  setup(build) {
    build.onResolve({ filter: /./ }, async ({ path, importer, kind, resolveDir, pluginData }) => {
      const begins = path === CLIENT && /[\\/]lambda[\\/]deployment[\\/]/.test(importer);
      const goesOn = path.startsWith('.') && importer.includes(CLIENT) && pluginData?.apart;
      if (!begins && !goesOn) return undefined;
      const found = await build.resolve(path, { kind, importer: '', resolveDir });
      return { ...found, suffix: APART, pluginData: { apart: true } };
    });
    build.onLoad({ filter: /[\\/]client-cloudformation[\\/].*\.js$/ }, ({ path, suffix }) =>
      suffix === APART ? { contents: readFileSync(path, 'utf8'), pluginData: { apart: true } } : undefined,
    );
  },
};
